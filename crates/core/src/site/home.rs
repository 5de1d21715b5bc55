//! Where a site lives: a bucket and a prefix in it, and the keys below that prefix.

use crate::identifier::{BucketName, InvalidIdentifier, Sha256};

use super::path::{OWN_FOLDER, SitePath};

/// The longest prefix, in bytes, without its closing `/`.
const PREFIX_LIMIT: usize = 200;

/// The folder of what is kept aside, in Towpath's own.
const KEPT: &str = "kept/";

/// The part of a bucket that is one site's: nothing for a bucket of its own, otherwise a folder.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct SitePrefix(String);

impl SitePrefix {
    /// What every key of the site begins with: nothing, or a text that ends with `/`, so that `app` is not `app2`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for SitePrefix {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let folder = text.strip_suffix('/').unwrap_or(text);
        if folder.is_empty() && text.is_empty() {
            return Ok(Self(String::new()));
        }
        if folder.len() <= PREFIX_LIMIT && folder.parse::<SitePath>().is_ok() {
            return Ok(Self(format!("{folder}/")));
        }
        Err(InvalidIdentifier {
            what: "a prefix in a bucket",
            value: text.to_owned(),
            rule: "use a folder of at most 200 bytes without a leading `/`, for example `app`, or nothing",
        })
    }
}

crate::identifier::text_forms!(SitePrefix);

/// Where a site lives.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Home {
    /// The bucket.
    pub bucket: BucketName,
    /// The site's part of it.
    pub prefix: SitePrefix,
}

impl Home {
    /// The whole key of one of the site's objects: always below the prefix, and at most 1,024 bytes.
    pub fn key(&self, object: &SiteObject) -> String {
        format!("{}{object}", self.prefix)
    }

    /// What the keys of all that is kept aside begin with.
    pub fn key_of_kept(&self) -> String {
        format!("{}{OWN_FOLDER}/{KEPT}", self.prefix)
    }
}

impl std::fmt::Display for Home {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "s3://{}/{}", self.bucket, self.prefix)
    }
}

/// An object that Towpath may write below a site's prefix. There is no other.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SiteObject {
    /// A file of the site.
    File(
        /// Its path, which is its key below the prefix.
        SitePath,
    ),
    /// The marker: what is live. Read first, written last.
    Marker,
    /// The bytes of a file that was too large for the pack, kept before it was overwritten.
    Kept(
        /// What they hash to.
        Sha256,
    ),
}

impl std::fmt::Display for SiteObject {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "{path}"),
            Self::Marker => write!(formatter, "{OWN_FOLDER}/site.json"),
            Self::Kept(sha256) => write!(formatter, "{OWN_FOLDER}/{KEPT}{sha256}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_with_a_slash_however_it_was_written() {
        let check = |text: &str, expected: &str| assert_eq!(text.parse::<SitePrefix>().unwrap().as_str(), expected);
        check("", "");
        check("app", "app/");
        check("app/", "app/");
        check("a/b", "a/b/");
        for bad in ["/", "/app", "app//", "../app", "a//b", ".towpath", &"x".repeat(201)] {
            assert!(bad.parse::<SitePrefix>().is_err(), "{bad}");
        }
    }

    #[test]
    fn every_key_is_below_the_prefix() {
        let home = |prefix: &str| Home { bucket: "shop".parse().unwrap(), prefix: prefix.parse().unwrap() };
        let file = SiteObject::File("assets/app.js".parse().unwrap());
        assert_eq!(home("app").key(&file), "app/assets/app.js");
        assert_eq!(home("").key(&SiteObject::Marker), ".towpath/site.json");
        let kept = home("app").key(&SiteObject::Kept(Sha256::of(b"x")));
        assert!(kept.starts_with("app/.towpath/kept/2d71"), "{kept}");
        assert_eq!(kept.strip_prefix(&home("app").key_of_kept()), Some(Sha256::of(b"x").as_str()));
        assert_eq!(home("app").to_string(), "s3://shop/app/");
    }
}
