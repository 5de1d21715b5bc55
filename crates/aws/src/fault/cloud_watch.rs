//! What the error codes of `CloudWatch` mean. An alarm that does not exist is no error there, it is left out.

use towpath_core::ports::Fault;

/// What `CloudWatch`'s own codes mean.
pub(crate) fn fault(code: &str, _message: &str) -> Option<Fault> {
    matches!(code, "ResourceNotFound" | "ResourceNotFoundException").then_some(Fault::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_may_be_missing() {
        assert_eq!(fault("ResourceNotFound", ""), Some(Fault::NotFound));
        assert_eq!(fault("InvalidNextToken", ""), None);
    }
}
