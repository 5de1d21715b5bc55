//! A refusal of the distribution API: a status, and one of its codes with a sentence.
//!
//! ECR's own refusals are put into these codes as its users have seen them; where nobody wrote down what they saw, the
//! status is that of the specification.

use hyper::StatusCode;
use serde_json::json;

use crate::{fault::AwsError, wire::reply::Reply};

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
    /// Headers beside the usual ones.
    pub(super) headers: Vec<(&'static str, String)>,
}

impl Problem {
    pub(super) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into(), headers: Vec::new() }
    }

    pub(super) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The simulator's own disk is full or broken.
    pub(super) fn disk() -> Self {
        Self::new(500, "UNKNOWN", "The simulator cannot keep or read the layer on its disk")
    }

    pub(super) fn reply(&self) -> Reply {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = json!({"errors": [{"code": self.code, "message": self.message}]});
        let reply = Reply::new(status, "application/json; charset=utf-8", body.to_string());
        self.headers.iter().fold(reply, |reply, (name, value)| reply.with_header(name, value))
    }
}

impl From<AwsError> for Problem {
    fn from(error: AwsError) -> Self {
        let (status, code) = match error.code.as_str() {
            "RepositoryNotFoundException" => (404, "NAME_UNKNOWN"),
            "ImageNotFoundException" => (404, "MANIFEST_UNKNOWN"),
            "ImageTagAlreadyExistsException" => (400, "TAG_INVALID"),
            "LayersNotFoundException" | "ReferencedImagesNotFoundException" => (400, "MANIFEST_BLOB_UNKNOWN"),
            "ImageDigestDoesNotMatchException" => (400, "DIGEST_INVALID"),
            "AccessDeniedException" => (403, "DENIED"),
            "LimitExceededException" => (400, "DENIED"),
            "InvalidParameterException" => (405, "UNSUPPORTED"),
            _ => (error.status, "UNKNOWN"),
        };
        Self::new(status, code, error.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_a_list_with_one_error() {
        let error = AwsError::client("RepositoryNotFoundException", "The repository is not there");
        let reply = Problem::from(error).with_header("range", "0-0").reply();
        assert_eq!(reply.status, 404);
        assert_eq!(reply.headers["range"], "0-0");
        assert_eq!(
            std::str::from_utf8(&reply.body).unwrap(),
            r#"{"errors":[{"code":"NAME_UNKNOWN","message":"The repository is not there"}]}"#
        );
    }
}
