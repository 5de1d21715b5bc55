//! What the error codes of STS mean.

use towpath_core::ports::Fault;

/// What STS's own codes mean.
pub(crate) fn fault(code: &str, _message: &str) -> Option<Fault> {
    match code {
        // STS could not reach the identity provider: the token itself was not judged.
        "IDPCommunicationError" => Some(Fault::Throttled),
        "InvalidIdentityToken" | "IDPRejectedClaim" | "RegionDisabledException" => Some(Fault::Unauthenticated),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_token_is_no_identity() {
        assert_eq!(fault("InvalidIdentityToken", ""), Some(Fault::Unauthenticated));
        assert_eq!(fault("IDPCommunicationError", ""), Some(Fault::Throttled));
        assert_eq!(fault("AccessDenied", ""), None);
    }
}
