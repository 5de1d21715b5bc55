//! The headers that a file is served with: values that can be sent as they are.

use serde::{Deserialize, Serialize};

use crate::identifier::InvalidIdentifier;

/// The value of a header: visible ASCII and single spaces between, so that it is the same in S3, at the edge and here.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HeaderValue(String);

impl HeaderValue {
    /// The value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for HeaderValue {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        if (1..=512).contains(&text.len()) && is_plain && text.trim() == text && !text.contains("  ") {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidIdentifier {
            what: "a header's value",
            value: text.to_owned(),
            rule: "use 1 to 512 visible ASCII characters, with single spaces between them",
        })
    }
}

crate::identifier::text_forms!(HeaderValue);

/// What a file is served with. Whatever is not named here is not sent to S3 at all.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Headers {
    /// `Content-Type`, with its charset where it has one.
    pub content_type: HeaderValue,
    /// `Cache-Control`.
    pub cache_control: HeaderValue,
    /// `Content-Encoding`, for bytes that are compressed already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<HeaderValue>,
    /// `Content-Disposition`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_disposition: Option<HeaderValue>,
    /// `Content-Language`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_language: Option<HeaderValue>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_can_become_two_headers_or_change_on_its_way() {
        for good in ["text/html; charset=utf-8", "public, max-age=31536000, immutable", "inline; filename=\"a b.txt\""]
        {
            assert_eq!(good.parse::<HeaderValue>().unwrap().as_str(), good);
        }
        for bad in ["", " a", "a ", "a\r\nx-evil: 1", "ü", "a  b", "a\tb", &"x".repeat(513)] {
            assert!(bad.parse::<HeaderValue>().is_err(), "{bad:?}");
        }
    }
}
