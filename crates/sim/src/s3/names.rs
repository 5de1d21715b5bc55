//! The names of things in S3: buckets, keys and entity tags.
//!
//! Whether something of that name exists is asked elsewhere.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{checksums::hexadecimal, errors};
use crate::rest::RestError;

/// The name of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct BucketName(String);

impl BucketName {
    /// Reads a name, with the rules for new buckets.
    pub(crate) fn read(name: &str) -> Result<Self, RestError> {
        let is_edge = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let bytes = name.as_bytes();
        let is_allowed = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(byte);
        let is_name = (3..=63).contains(&bytes.len())
            && bytes.iter().all(is_allowed)
            && is_edge(bytes.first())
            && is_edge(bytes.last())
            && !name.contains("..")
            && name.parse::<std::net::Ipv4Addr>().is_err();
        if is_name { Ok(Self(name.to_owned())) } else { Err(errors::invalid_bucket_name(name)) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BucketName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The key of an object; keys are in the order of their bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Key(String);

impl Key {
    /// The most bytes of a key.
    const LONGEST: usize = 1024;

    pub(crate) fn read(key: &str) -> Result<Self, RestError> {
        if key.len() <= Self::LONGEST {
            return Ok(Self(key.to_owned()));
        }
        Err(RestError::client("KeyTooLongError", "Your key is too long")
            .with("Size", key.len().to_string())
            .with("MaxSizeAllowed", Self::LONGEST.to_string()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Key {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// An entity tag, without its quotes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ETag(String);

impl ETag {
    /// That of an object which was written at once.
    pub(super) fn of_whole(md5: [u8; 16]) -> Self {
        Self(hexadecimal(md5))
    }

    /// That of an object of so many parts.
    pub(super) fn of_parts(md5: [u8; 16], parts: usize) -> Self {
        Self(format!("{}-{parts}", hexadecimal(md5)))
    }

    /// As headers and listings have it.
    pub(crate) fn quoted(&self) -> String {
        format!("\"{}\"", self.0)
    }

    /// Whether a list of tags, as `If-Match` has it, names it.
    pub(crate) fn is_in(&self, list: &str) -> bool {
        list.split(',').map(str::trim).any(|tag| tag == "*" || self.is(tag))
    }

    /// Whether a tag, quoted or not, is this one.
    pub(super) fn is(&self, tag: &str) -> bool {
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        tag.trim_matches('"') == self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_has_a_name_that_hosts_can_have() {
        for good in ["fe-shop-dev", "abc", "a.b.c", &"a".repeat(63)] {
            assert!(BucketName::read(good).is_ok(), "{good}");
        }
        for bad in ["ab", "Shop", "-ab", "ab-", "a..b", "127.0.0.1", "a_b", "", &"a".repeat(64)] {
            assert_eq!(BucketName::read(bad).unwrap_err().error.code, "InvalidBucketName", "{bad}");
        }
    }

    #[test]
    fn a_tag_is_found_with_and_without_quotes() {
        let tag = ETag::of_whole([0; 16]);
        let text = "0".repeat(32);
        for list in ["*", &text, &tag.quoted(), &format!("\"x\", {}", tag.quoted()), &format!("W/{}", tag.quoted())] {
            assert!(tag.is_in(list), "{list}");
        }
        assert!(!tag.is_in("\"x\""));
        assert_eq!(ETag::of_parts([0; 16], 2).quoted(), format!("\"{text}-2\""));
    }
}
