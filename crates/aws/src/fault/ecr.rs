//! What the error codes of ECR mean.

use towpath_core::ports::Fault;

/// What ECR's own codes mean.
pub(crate) fn fault(code: &str, _message: &str) -> Option<Fault> {
    matches!(code, "RepositoryNotFoundException" | "ImageNotFoundException" | "RegistryNotFoundException")
        .then_some(Fault::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_may_be_missing() {
        assert_eq!(fault("ImageNotFoundException", ""), Some(Fault::NotFound));
        assert_eq!(fault("RepositoryNotFoundException", ""), Some(Fault::NotFound));
        assert_eq!(fault("LayersNotFoundException", ""), None);
    }
}
