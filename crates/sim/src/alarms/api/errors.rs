//! The errors of `CloudWatch`.
//!
//! The messages are those that were seen where any were; the others are guesses.

use crate::fault::AwsError;

/// An operation that is not simulated.
pub(super) fn unknown_operation(operation: &str) -> AwsError {
    AwsError::client("UnknownOperationException", format!("The simulator does not know {operation} of CloudWatch"))
}

/// A value that cannot be.
pub(super) fn validation(message: impl Into<String>) -> AwsError {
    AwsError::client("ValidationError", message)
}

/// An alarm that is not there.
pub(super) fn not_found(message: impl Into<String>) -> AwsError {
    AwsError { status: 404, ..AwsError::client("ResourceNotFound", message) }
}

/// The errors of reading an input, as `CloudWatch` calls them.
pub(super) fn in_its_own_words(error: AwsError) -> AwsError {
    match error.code.as_str() {
        "InvalidParameterException" if error.message.contains("'nextToken'") => {
            AwsError::client("InvalidNextToken", "The next token is not valid")
        }
        "InvalidParameterException" => validation(error.message),
        _ => error,
    }
}
