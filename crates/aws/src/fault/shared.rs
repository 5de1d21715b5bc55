//! The error codes that every AWS service has, and the order in which codes are asked.
//!
//! Retrying is not decided here.

use towpath_core::ports::Fault;

use super::denial;

/// What a service's own codes mean, by code and message; `None` for those that it shares with all.
pub(crate) type Codes = fn(&str, &str) -> Option<Fault>;

/// What an error answer proves.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The call was refused.
    NothingDone(Fault),
    /// It may have been carried out.
    Unsure,
}

/// What an error answer with a code proves.
pub(crate) fn meaning(codes: Codes, status: u16, code: &str, message: &str) -> Meaning {
    if let Some(fault) = codes(code, message).or_else(|| shared(code, message)) {
        return Meaning::NothingDone(fault);
    }
    match status {
        400..=499 if !is_internal(code) => Meaning::NothingDone(Fault::Rejected),
        _ => Meaning::Unsure,
    }
}

/// Our words where AWS's do not help, or quote what signs the request.
pub(crate) fn wording(fault: &Fault, code: &str) -> Option<&'static str> {
    if *fault != Fault::Unauthenticated {
        return None;
    }
    match code {
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => {
            Some("the AWS credentials have expired: get new ones and run again")
        }
        "UnrecognizedClientException" | "InvalidClientTokenId" | "InvalidAccessKeyId" | "InvalidToken" => {
            Some("AWS does not know these credentials: they are wrong, deleted, or of another partition")
        }
        "MissingAuthenticationToken" | "MissingAuthenticationTokenException" => {
            Some("the request had no AWS credentials")
        }
        "RequestExpired" | "RequestTimeTooSkewed" => Some("this machine's clock differs too much from AWS's"),
        "IncompleteSignature"
        | "IncompleteSignatureException"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "AuthFailure" => Some(
            "AWS does not accept the signature: the secret key or session token is wrong, or this machine's clock is",
        ),
        _ => None,
    }
}

fn shared(code: &str, message: &str) -> Option<Fault> {
    match code {
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "BandwidthLimitExceeded"
        | "ProvisionedThroughputExceededException"
        | "SlowDown" => Some(Fault::Throttled),
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "NotAuthorized" | "ForbiddenException" => {
            Some(denial::read(message))
        }
        "ExpiredToken"
        | "ExpiredTokenException"
        | "TokenRefreshRequired"
        | "RequestExpired"
        | "RequestTimeTooSkewed"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidAccessKeyId"
        | "InvalidToken"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "AuthFailure" => Some(Fault::Unauthenticated),
        _ if denial::is_one(message) => Some(denial::read(message)),
        _ => None,
    }
}

/// Codes that speak of AWS's own trouble, whatever their HTTP status.
fn is_internal(code: &str) -> bool {
    matches!(
        code,
        "ServerException"
            | "InternalFailure"
            | "InternalError"
            | "InternalServiceError"
            | "InternalServerError"
            | "ServiceUnavailable"
            | "ServiceUnavailableException"
            | "RequestTimeout"
            | "RequestTimeoutException"
            | "PriorRequestNotComplete"
            | "TransactionInProgressException"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none(_: &str, _: &str) -> Option<Fault> {
        None
    }

    fn check(status: u16, code: &str, expected: &Meaning) {
        assert_eq!(meaning(none, status, code, "Something."), *expected, "{status} {code}");
    }

    #[test]
    fn refusals_prove_that_nothing_was_done() {
        check(400, "ThrottlingException", &Meaning::NothingDone(Fault::Throttled));
        check(503, "SlowDown", &Meaning::NothingDone(Fault::Throttled));
        check(400, "ExpiredTokenException", &Meaning::NothingDone(Fault::Unauthenticated));
        check(403, "InvalidClientTokenId", &Meaning::NothingDone(Fault::Unauthenticated));
        check(400, "UnrecognizedClientException", &Meaning::NothingDone(Fault::Unauthenticated));
        check(400, "InvalidParameterException", &Meaning::NothingDone(Fault::Rejected));
        check(400, "LimitExceededException", &Meaning::NothingDone(Fault::Rejected));
        check(409, "NewerThanThisProgram", &Meaning::NothingDone(Fault::Rejected));
        let denied = Fault::Denied { principal: None, action: None, resource: None };
        check(400, "AccessDeniedException", &Meaning::NothingDone(denied));
    }

    #[test]
    fn what_quotes_the_signed_request_is_said_in_our_words() {
        assert!(wording(&Fault::Unauthenticated, "SignatureDoesNotMatch").is_some());
        assert!(wording(&Fault::Unauthenticated, "ExpiredToken").is_some_and(|text| text.contains("expired")));
        assert_eq!(wording(&Fault::Unauthenticated, "InvalidIdentityToken"), None);
        assert_eq!(wording(&Fault::Rejected, "InvalidParameterException"), None);
    }

    #[test]
    fn trouble_inside_aws_proves_nothing() {
        check(500, "ServerException", &Meaning::Unsure);
        check(400, "ServerException", &Meaning::Unsure);
        check(500, "NewerThanThisProgram", &Meaning::Unsure);
        check(503, "ServiceUnavailable", &Meaning::Unsure);
    }

    #[test]
    fn a_denial_is_known_by_its_words_under_any_code() {
        let message =
            "User: arn:aws:iam::111111111111:user/a is not authorized to perform: iam:PassRole on resource: r";
        assert!(matches!(meaning(none, 400, "ClientException", message), Meaning::NothingDone(Fault::Denied { .. })));
    }
}
