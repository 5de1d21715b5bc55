//! The errors of `CloudWatch` Logs.

use crate::fault::AwsError;

/// An operation that is not simulated.
pub(super) fn unknown_operation(operation: &str) -> AwsError {
    AwsError::client("UnknownOperationException", format!("The simulator does not know {operation} of CloudWatch Logs"))
}

pub(super) fn invalid(message: &str) -> AwsError {
    AwsError::client("InvalidParameterException", message)
}

pub(super) fn no_group() -> AwsError {
    AwsError::client("ResourceNotFoundException", "The specified log group does not exist.")
}

pub(super) fn no_stream() -> AwsError {
    AwsError::client("ResourceNotFoundException", "The specified log stream does not exist.")
}

pub(super) fn bad_token() -> AwsError {
    invalid("The specified nextToken is invalid.")
}
