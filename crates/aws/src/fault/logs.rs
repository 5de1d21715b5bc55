//! What the error codes of `CloudWatch` Logs mean.

use towpath_core::ports::Fault;

/// What `CloudWatch` Logs' own codes mean.
pub(crate) fn fault(code: &str, _message: &str) -> Option<Fault> {
    (code == "ResourceNotFoundException").then_some(Fault::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_or_stream_may_be_missing() {
        assert_eq!(fault("ResourceNotFoundException", ""), Some(Fault::NotFound));
        assert_eq!(fault("InvalidParameterException", ""), None);
    }
}
