//! Calls that go wrong, in AWS's words.

use towpath_sim::faults::{Fault, FaultKind};

/// The call is refused with that code and message.
pub fn refused(operation: &str, code: &str, message: &str) -> Fault {
    Fault {
        status: Some(400),
        code: Some(code.to_owned()),
        message: Some(message.to_owned()),
        ..Fault::new(operation, FaultKind::Status)
    }
}

/// The caller may not do it: this action is missing on that resource.
pub fn denied(operation: &str, action: &str, resource: &str) -> Fault {
    let caller = "arn:aws:sts::111111111111:assumed-role/shop-deployer/towpath";
    let because = "because no identity-based policy allows the";
    let message = format!(
        "User: {caller} is not authorized to perform: {action} on resource: {resource} {because} {action} action"
    );
    refused(operation, "AccessDeniedException", &message)
}

/// So many calls are asked to slow down, with HTTP 400 as ECS does it.
pub fn throttled(operation: &str, times: u64) -> Fault {
    Fault { count: Some(times), ..refused(operation, "ThrottlingException", "Rate exceeded") }
}
