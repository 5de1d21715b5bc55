//! The paths of an invalidation: which are refused, and what each means.
//!
//! They are compared as they are written: what a viewer writes in another way is another path.

use serde::{Deserialize, Serialize};

use crate::rest::RestError;

/// A path, exact or with a wildcard at its end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct InvalidationPath(String);

impl InvalidationPath {
    /// Reads a path; none of the `refused` characters may be in it, nor any that is not ASCII.
    pub(super) fn read(path: &str, refused: &str) -> Result<Self, RestError> {
        let is_allowed = |character: char| character.is_ascii_graphic() && !refused.contains(character);
        let is_path = path.starts_with('/') && path.chars().all(is_allowed) && is_encoded(path);
        if is_path {
            return Ok(Self(path.to_owned()));
        }
        Err(RestError::client("InvalidArgument", "Your request contains one or more invalid invalidation paths."))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the wildcard, if there is one; `%2A` is none.
    fn before_wildcard(&self) -> Option<&str> {
        self.0.strip_suffix('*')
    }

    pub(super) fn has_wildcard(&self) -> bool {
        self.before_wildcard().is_some()
    }

    /// Whether it means what a viewer asks for as `path`, with its query where that is cached.
    pub(super) fn means(&self, path: &str) -> bool {
        match self.before_wildcard() {
            Some(before) => path.starts_with(before),
            None => path == self.0,
        }
    }
}

/// Whether every percent sign begins an encoded byte.
fn is_encoded(path: &str) -> bool {
    let is_byte = |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    path.split('%').skip(1).all(is_byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudfront::CloudFrontKnobs;

    fn read(path: &str) -> Option<InvalidationPath> {
        InvalidationPath::read(path, &CloudFrontKnobs::default().refused_characters).ok()
    }

    #[test]
    fn a_path_has_to_be_encoded() {
        for good in ["/", "/*", "/a/b.js", "/a%20b", "/a?b=c", "/%C3%A9", "/a%7Eb", "/%2A"] {
            assert!(read(good).is_some(), "{good}");
        }
        for bad in ["", "a.js", "/a b", "/é", "/a~b", "/it's", "/100%", "/%zz", "/a\nb"] {
            assert!(read(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn only_a_star_at_the_end_is_a_wildcard() {
        for (path, asked, expected) in [
            ("/a.js", "/a.js", true),
            ("/a.js", "/a.js?v=1", false),
            ("/a*", "/a/b/c", true),
            ("/*", "/", true),
            ("/a/*", "/a", false),
            ("/a%2A", "/ab", false),
            ("/*.js", "/a.js", false),
            ("/a%7E", "/a~", false),
            ("/A", "/a", false),
        ] {
            assert_eq!(read(path).unwrap().means(asked), expected, "{path} {asked}");
        }
    }
}
