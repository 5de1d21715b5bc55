//! What a smoke check expects of an HTTP answer.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One smoke check, as configured, with its templates filled for one environment and release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Check {
    /// The address to ask, absolute, `http` or `https`.
    pub url: String,
    /// The method: `GET` or `HEAD`.
    pub method: Method,
    /// The status that the answer must have. Redirects are answers, not followed.
    pub status: u16,
    /// Members that the JSON body must have: dotted path (`build.commit`, `items.0`) and exact value.
    pub json: BTreeMap<String, Value>,
    /// Headers that the answer must have, by lowercase name, with their exact values.
    pub headers: BTreeMap<String, String>,
    /// The media type that the answer must have, without parameters.
    pub content_type: Option<String>,
    /// A text that the body must contain.
    pub contains: Option<String>,
    /// How many successes in a row are wanted.
    pub consecutive: u32,
    /// How long to wait between two attempts.
    pub interval: Duration,
    /// How long one attempt may take.
    pub attempt_timeout: Duration,
    /// How long to go on trying before the check has failed.
    pub deadline: Duration,
}

/// The method of a smoke check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// GET.
    Get,
    /// HEAD: no body, so no expectation on it.
    Head,
}

/// What one attempt brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// The server answered.
    Answered(Answer),
    /// Nothing answered: no connection, TLS failure, time-out.
    Unreachable {
        /// How far it came.
        stage: Stage,
        /// What went wrong, in the transport's words.
        reason: String,
    },
}

/// How far an attempt came that was never answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The address is not one that can be asked.
    Address,
    /// Name look-up, TCP or TLS: nothing was sent.
    Connect,
    /// The request went out; no whole answer came back in time.
    Answer,
}

/// An HTTP answer, its body cut off where it is unreasonably long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, names in lowercase.
    pub headers: BTreeMap<String, String>,
    /// The body, at most [`BODY_LIMIT`] bytes of it.
    pub body: Vec<u8>,
}

/// How much of a body is read: a smoke check is no download.
pub const BODY_LIMIT: usize = 1024 * 1024;

#[cfg(test)]
pub(super) mod examples {
    //! A check and answers for this room's tests.

    use super::*;

    pub(in crate::smoke) fn check() -> Check {
        Check {
            url: "https://api.example.com/version".to_owned(),
            method: Method::Get,
            status: 200,
            json: BTreeMap::new(),
            headers: BTreeMap::new(),
            content_type: None,
            contains: None,
            consecutive: 3,
            interval: Duration::from_secs(5),
            attempt_timeout: Duration::from_secs(10),
            deadline: Duration::from_mins(5),
        }
    }

    pub(in crate::smoke) fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Attempt {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Attempt::Answered(Answer { status, headers, body: body.as_bytes().to_vec() })
    }
}
