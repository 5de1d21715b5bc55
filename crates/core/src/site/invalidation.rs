//! What the edge is asked to forget: paths as CloudFront takes them, and the name of the request.

use crate::identifier::{ComponentName, InvalidIdentifier, PromotionId};

/// A path to invalidate: begins with `/`, percent-encoded, with at most one `*`, which is its last character.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InvalidationPath(String);

impl InvalidationPath {
    /// The path as CloudFront takes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it stands for everything that begins so.
    pub fn is_wildcard(&self) -> bool {
        self.0.ends_with('*')
    }
}

impl std::str::FromStr for InvalidationPath {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let before = text.strip_suffix('*').unwrap_or(text);
        if text.len() <= 4000 && before.starts_with('/') && before.bytes().all(is_plain) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidIdentifier {
            what: "a path to invalidate",
            value: text.to_owned(),
            rule: "begin it with `/`, percent-encode all but letters, digits and `-._/`, and use `*` only as its end",
        })
    }
}

crate::identifier::text_forms!(InvalidationPath);

/// What CloudFront takes as it is. It refuses paths with `~`, and ignores them where they are encoded.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._/%".contains(&byte)
}

/// The caller's name of one invalidation: the same name with the same paths is the same invalidation, however often it
/// is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InvalidationReference(String);

impl InvalidationReference {
    /// The reference.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// That of a promotion's component, on its way there.
    pub fn of(promotion: &PromotionId, component: &ComponentName) -> Self {
        Self(format!("towpath-{promotion}-{component}"))
    }

    /// That of its way back.
    pub fn of_way_back(promotion: &PromotionId, component: &ComponentName) -> Self {
        Self(format!("towpath-{promotion}-{component}-back"))
    }
}

impl std::fmt::Display for InvalidationReference {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cloudfront_takes_and_acts_on_is_a_path() {
        for good in ["/*", "/", "/index.html", "/a%20b/*", "/a*"] {
            assert!(good.parse::<InvalidationPath>().is_ok(), "{good}");
        }
        for bad in ["", "index.html", "*", "/a b", "/~x", "/ü", "/*/x", "/a**", "/'"] {
            assert!(bad.parse::<InvalidationPath>().is_err(), "{bad}");
        }
    }
}
