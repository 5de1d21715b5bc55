//! What the error codes of CloudFront mean.

use towpath_core::ports::Fault;

/// What CloudFront's own codes mean.
pub(crate) fn fault(code: &str, _message: &str) -> Option<Fault> {
    match code {
        "NoSuchDistribution" | "NoSuchInvalidation" => Some(Fault::NotFound),
        // As many are under way as may be: a later one is taken.
        "TooManyInvalidationsInProgress" => Some(Fault::Throttled),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_at_once_are_taken_later() {
        assert_eq!(fault("TooManyInvalidationsInProgress", ""), Some(Fault::Throttled));
        assert_eq!(fault("NoSuchDistribution", ""), Some(Fault::NotFound));
        assert_eq!(fault("BatchTooLarge", ""), None);
    }
}
