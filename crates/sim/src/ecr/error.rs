//! Refusals that several operations of ECR share.
//!
//! The others stand beside the operations that answer them.

use crate::fault::AwsError;

/// A member whose value is not as it has to be.
pub(super) fn invalid(member: &str, constraint: &str) -> AwsError {
    AwsError::client(
        "InvalidParameterException",
        format!("Invalid parameter at '{member}' failed to satisfy constraint: '{constraint}'"),
    )
}
