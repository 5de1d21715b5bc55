//! The target of a request: its path and its query, as they were written and as they are meant.
//!
//! What a path names is judged by the service.

use std::borrow::Cow;

use hyper::http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What AWS leaves as it is when it encodes a path or a name.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'/').remove(b'*');

/// A request's target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Target {
    /// The path as it was written.
    pub(crate) written: String,
    /// The path as it is meant; bytes that are no UTF-8 are replaced.
    pub(crate) path: String,
    query: Vec<(String, String)>,
}

impl Target {
    pub(crate) fn of(uri: &Uri) -> Self {
        let written = uri.path().to_owned();
        let query = uri.query().unwrap_or_default();
        let query = form_urlencoded::parse(query.as_bytes());
        Self {
            path: decoded(&written).into_owned(),
            written,
            query: query.map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
        }
    }

    /// The value of a parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The same, where nothing counts as not given.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.parameter(name).filter(|value| !value.is_empty())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.parameter(name).is_some()
    }
}

/// What a percent-encoded text means.
pub(crate) fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

/// A name as AWS encodes it in listings: a space becomes a plus sign.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string().replace("%20", "+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_decoded_and_a_plus_in_it_stays() {
        let target = Target::of(&"/b/a%20b+c%2Fd%C3%A9?list-type=2&prefix=x+y%2F&versions".parse().unwrap());
        assert_eq!(target.path, "/b/a b+c/dé");
        assert_eq!(target.parameter("prefix"), Some("x y/"));
        assert_eq!((target.has("versions"), target.filled("versions")), (true, None));
    }

    #[test]
    fn names_are_encoded_as_listings_have_them() {
        assert_eq!(encoded("a b/~é*.html"), "a+b/%7E%C3%A9*.html");
    }
}
