//! The refusals of S3, in its words.
//!
//! Each is here once; who refuses says what it is about.

use crate::rest::RestError;

pub(crate) const NO_SUCH_KEY: &str = "The specified key does not exist.";

pub(super) fn no_such_key(key: &str) -> RestError {
    RestError::new(404, "NoSuchKey", NO_SUCH_KEY).with("Key", key)
}

pub(super) fn no_such_version(key: &str, version: &str) -> RestError {
    RestError::new(404, "NoSuchVersion", "The specified version does not exist.")
        .with("Key", key)
        .with("VersionId", version)
}

pub(crate) fn no_such_bucket(bucket: &str) -> RestError {
    RestError::new(404, "NoSuchBucket", "The specified bucket does not exist").with("BucketName", bucket)
}

pub(super) fn no_such_upload(upload: &str) -> RestError {
    let message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
    RestError::new(404, "NoSuchUpload", message).with("UploadId", upload)
}

pub(super) fn invalid_bucket_name(name: &str) -> RestError {
    RestError::client("InvalidBucketName", "The specified bucket is not valid.").with("BucketName", name)
}

pub(super) fn precondition_failed(condition: &str) -> RestError {
    RestError::new(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        .with("Condition", condition)
}

pub(super) fn conflict(condition: &str, key: &str) -> RestError {
    let message = "The conditional request cannot succeed due to a conflicting operation against this resource.";
    RestError::new(409, "ConditionalRequestConflict", message).with("Condition", condition).with("Key", key)
}

pub(super) fn access_denied(message: &str) -> RestError {
    RestError::new(403, "AccessDenied", message)
}

/// Whom a request expects as the owner is no account.
pub(super) fn invalid_owner(value: &str) -> RestError {
    let message = "The value of the expected bucket owner parameter must be an AWS account ID";
    RestError::client("InvalidBucketOwnerAWSAccountID", message).with("BucketOwner", value)
}

pub(super) fn not_allowed(method: &str) -> RestError {
    RestError::new(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
        .with("Method", method)
}

pub(super) fn invalid_argument(name: &str, value: &str, message: impl Into<String>) -> RestError {
    RestError::client("InvalidArgument", message).with("ArgumentName", name).with("ArgumentValue", value)
}

pub(super) fn invalid_request(message: impl Into<String>) -> RestError {
    RestError::client("InvalidRequest", message)
}

pub(super) fn malformed_xml() -> RestError {
    RestError::client(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

pub(super) fn incomplete_body() -> RestError {
    let message = "You did not provide the number of bytes specified by the Content-Length HTTP header";
    RestError::client("IncompleteBody", message)
}

pub(super) fn not_implemented(header: &str) -> RestError {
    RestError::new(501, "NotImplemented", "A header you provided implies functionality that is not implemented")
        .with("Header", header)
}

/// The disk of the simulator fails: nothing that S3 itself would say.
pub(super) fn broken(error: &std::io::Error) -> RestError {
    RestError::new(500, "InternalError", format!("The simulator cannot keep or read the body: {error}"))
}
