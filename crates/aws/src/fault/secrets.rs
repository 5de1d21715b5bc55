//! What the error codes of Secrets Manager mean.

use towpath_core::ports::Fault;

/// What Secrets Manager's own codes mean.
pub(crate) fn fault(code: &str, _message: &str) -> Option<Fault> {
    (code == "ResourceNotFoundException").then_some(Fault::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_may_be_missing() {
        assert_eq!(fault("ResourceNotFoundException", ""), Some(Fault::NotFound));
        assert_eq!(fault("InvalidRequestException", ""), None);
    }
}
