//! AWS's refusals, worded as AWS words them where that is known.

use serde_json::{Value, json};

use crate::fault::AwsError;

/// `InvalidParameterException`.
pub(super) fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::client("InvalidParameterException", message)
}

/// `ClientException`.
pub(super) fn client(message: impl Into<String>) -> AwsError {
    AwsError::client("ClientException", message)
}

/// `ClusterNotFoundException`.
pub(super) fn cluster_not_found() -> AwsError {
    AwsError::client("ClusterNotFoundException", "Cluster not found.")
}

/// `ServiceNotFoundException`.
pub(super) fn service_not_found() -> AwsError {
    AwsError::client("ServiceNotFoundException", "Service not found.")
}

/// `ServiceNotActiveException`.
pub(super) fn service_not_active() -> AwsError {
    AwsError::client("ServiceNotActiveException", "Service was not ACTIVE.")
}

/// An entry of `failures[]`.
pub(super) fn missing(arn: &str) -> Value {
    json!({"arn": arn, "reason": "MISSING"})
}

/// Refuses a list with more than `most` items, or with none.
pub(super) fn check_size(name: &str, items: &[Value], most: usize) -> Result<(), AwsError> {
    if items.is_empty() {
        return Err(invalid(format!("{name} can not be empty.")));
    }
    if items.len() > most {
        return Err(invalid(format!("{name} can have at most {most} items.")));
    }
    Ok(())
}
