//! An error as AWS words it: what every simulated service answers when it refuses.
//!
//! It is not fault injection (see [`crate::faults`]), and it does not know any wire format.

/// A refusal, before it is written in the protocol of its service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsError {
    /// The HTTP status.
    pub status: u16,
    /// The error code without a namespace, for example `ClusterNotFoundException`.
    pub code: String,
    /// The message for people.
    pub message: String,
}

impl AwsError {
    /// A client error: HTTP 400.
    pub fn client(code: &str, message: impl Into<String>) -> Self {
        Self { status: 400, code: code.to_owned(), message: message.into() }
    }

    /// A server error: HTTP 500.
    pub fn server(code: &str, message: impl Into<String>) -> Self {
        Self { status: 500, code: code.to_owned(), message: message.into() }
    }
}
