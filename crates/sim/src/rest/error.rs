//! A refusal of a REST service: what an AWS error is, and the members that name what it is about.
//!
//! How it is written is the service's own way.

use crate::fault::AwsError;

/// A refusal with its details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RestError {
    pub(crate) error: AwsError,
    /// Further elements beside code and message.
    pub(crate) details: Vec<(&'static str, String)>,
    /// Headers that the refusal has.
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl RestError {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        AwsError { status, code: code.to_owned(), message: message.into() }.into()
    }

    /// HTTP 400.
    pub(crate) fn client(code: &str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    /// The same with one more element.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.details.push((name, value.into()));
        self
    }

    /// The same with a header.
    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl From<AwsError> for RestError {
    fn from(error: AwsError) -> Self {
        Self { error, details: Vec::new(), headers: Vec::new() }
    }
}
