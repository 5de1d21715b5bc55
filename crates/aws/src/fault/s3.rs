//! What the error codes of S3 mean.

use towpath_core::ports::Fault;

/// What S3's own codes mean.
pub(crate) fn fault(code: &str, _message: &str) -> Option<Fault> {
    match code {
        "NoSuchBucket" | "NoSuchKey" | "NoSuchUpload" | "NoSuchVersion" => Some(Fault::NotFound),
        // With the status 503, which would prove nothing: S3 has done nothing.
        "ServiceUnavailable" | "RequestLimitExceeded" | "TooManyRequests" => Some(Fault::Throttled),
        "AllAccessDisabled" | "AccountProblem" | "NotSignedUp" => {
            Some(Fault::Denied { principal: None, action: None, resource: None })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_may_be_missing_and_a_busy_s3_has_done_nothing() {
        let check = |code, expected| assert_eq!(fault(code, ""), expected, "{code}");
        check("NoSuchBucket", Some(Fault::NotFound));
        check("NoSuchUpload", Some(Fault::NotFound));
        check("ServiceUnavailable", Some(Fault::Throttled));
        check("InternalError", None);
        check("BadDigest", None);
    }
}
