//! The errors of Elastic Load Balancing.

use crate::fault::AwsError;

/// An operation that is not simulated.
pub(super) fn unknown_operation(operation: &str) -> AwsError {
    AwsError::client("InvalidAction", format!("The simulator does not know {operation} of Elastic Load Balancing"))
}

/// A value that cannot be.
pub(super) fn validation(message: impl Into<String>) -> AwsError {
    AwsError::client("ValidationError", message)
}

pub(super) fn no_group() -> AwsError {
    AwsError::client("TargetGroupNotFound", "One or more target groups not found")
}

pub(super) fn no_balancer(which: &str) -> AwsError {
    AwsError::client("LoadBalancerNotFound", format!("Load balancers '[{which}]' not found"))
}

pub(super) fn no_listener() -> AwsError {
    AwsError::client("ListenerNotFound", "One or more listeners not found")
}

pub(super) fn no_rule() -> AwsError {
    AwsError::client("RuleNotFound", "One or more rules not found")
}

/// The errors of reading an input, as this service calls them.
pub(super) fn in_its_own_words(error: AwsError) -> AwsError {
    match error.code.as_str() {
        "InvalidParameterException" | "SerializationException" => validation(error.message),
        _ => error,
    }
}
