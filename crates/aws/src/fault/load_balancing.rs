//! What the error codes of Elastic Load Balancing mean.

use towpath_core::ports::Fault;

/// What Elastic Load Balancing's own codes mean.
pub(crate) fn fault(code: &str, _message: &str) -> Option<Fault> {
    matches!(code, "TargetGroupNotFound" | "TargetGroupNotFoundException").then_some(Fault::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_group_may_be_missing() {
        assert_eq!(fault("TargetGroupNotFound", ""), Some(Fault::NotFound));
        assert_eq!(fault("HealthUnavailable", ""), None);
        assert_eq!(fault("InvalidTarget", ""), None);
    }
}
