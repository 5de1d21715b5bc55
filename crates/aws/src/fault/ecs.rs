//! What the error codes of ECS mean.
//!
//! ECS has `ClientException` for many things, told apart by their words alone.

use towpath_core::ports::{CallError, Fault};

/// What ECS's own codes mean.
pub(crate) fn fault(code: &str, message: &str) -> Option<Fault> {
    match code {
        "ClusterNotFoundException" | "ServiceNotFoundException" | "ServiceDeploymentNotFoundException" => {
            Some(Fault::NotFound)
        }
        "ClientException" | "InvalidParameterException" => by_words(&message.to_lowercase()),
        _ => None,
    }
}

fn by_words(message: &str) -> Option<Fault> {
    if message.contains("too many concurrent attempts to create a new revision") {
        return Some(Fault::Throttled);
    }
    let unknown = ["unable to describe task definition", "taskdefinition not found", "task definition does not exist"];
    unknown.iter().any(|words| message.contains(words)).then_some(Fault::NotFound)
}

/// Whether a failure to list service deployments means that there are none to be had: not offered, or not permitted.
pub(crate) fn is_without_service_deployments(error: &CallError) -> bool {
    let unknown = ["UnsupportedFeatureException", "UnknownOperationException", "InvalidAction", "NotImplemented"];
    error.is_denied() || error.code.as_deref().is_some_and(|code| unknown.contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_exceptions_are_told_apart_by_their_words() {
        let check = |message, expected| {
            assert_eq!(fault("ClientException", message), expected, "{message}");
        };
        check("Too many concurrent attempts to create a new revision of the specified family.", Some(Fault::Throttled));
        check("Unable to describe task definition.", Some(Fault::NotFound));
        check("TaskDefinition not found.", Some(Fault::NotFound));
        check("TaskDefinition is inactive", None);
        check("Tags can not be empty.", None);
    }

    #[test]
    fn what_is_named_may_be_missing() {
        for code in ["ClusterNotFoundException", "ServiceNotFoundException", "ServiceDeploymentNotFoundException"] {
            assert_eq!(fault(code, ""), Some(Fault::NotFound));
        }
        assert_eq!(fault("ServiceNotActiveException", ""), None);
    }

    #[test]
    fn service_deployments_may_be_out_of_reach() {
        let error = |fault, code: &str| CallError {
            operation: String::new(),
            fault,
            code: Some(code.to_owned()),
            message: String::new(),
        };
        let denied = Fault::Denied { principal: None, action: None, resource: None };
        assert!(is_without_service_deployments(&error(denied, "AccessDeniedException")));
        assert!(is_without_service_deployments(&error(Fault::Rejected, "UnsupportedFeatureException")));
        assert!(is_without_service_deployments(&error(Fault::Rejected, "UnknownOperationException")));
        assert!(!is_without_service_deployments(&error(Fault::NotFound, "ServiceNotFoundException")));
        assert!(!is_without_service_deployments(&error(Fault::Rejected, "InvalidParameterException")));
    }
}
