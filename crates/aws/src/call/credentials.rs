//! A call that was never attempted: nearly always, credentials that could not be had.
//!
//! No secret is in these texts: the providers name files, profiles, roles and hosts.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_ecs::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata as _, SdkError},
};
use aws_sdk_sts::operation::{
    assume_role::AssumeRoleError, assume_role_with_web_identity::AssumeRoleWithWebIdentityError,
};
use towpath_core::ports::{CallError, Fault};

use crate::{
    connect::Unreached,
    fault::{self, Meaning},
};

use super::{
    Call, clean,
    text::{chain, root},
};

/// The failure of a call that no credentials could be had for, or that could not be built.
pub(crate) fn classify(call: &Call<'_>, error: &(dyn Error + 'static)) -> CallError {
    // The innermost one: a role may lack nothing but the credentials to assume it with.
    let found = causes(error).filter_map(|cause| cause.downcast_ref::<CredentialsError>());
    let Some(credentials) = found.last() else {
        let problem = format!("the request could not be prepared: {}", chain(error));
        return call.failed(Fault::NotSent, None, problem);
    };
    if let Some((code, message)) = refusal(error) {
        return refused(call, &code, &message);
    }
    let (fault, problem) = match credentials {
        CredentialsError::CredentialsNotLoaded(_) => (Fault::Unauthenticated, "there are no AWS credentials"),
        CredentialsError::InvalidConfiguration(_) => {
            (Fault::Unauthenticated, "the AWS credentials are wrongly configured")
        }
        CredentialsError::ProviderTimedOut(_) => (Fault::NotSent, "the AWS credentials did not come in time"),
        _ if assumes(error) => (Fault::NotSent, "the role could not be assumed"),
        _ => (Fault::Unauthenticated, "the AWS credentials could not be loaded"),
    };
    let host = causes(error).find_map(|cause| cause.downcast_ref::<Unreached>());
    let host = host.map(|unreached| format!("{unreached}: ")).unwrap_or_default();
    call.failed(fault, None, format!("{problem}: {host}{}", root(credentials)))
}

/// STS has answered, and refused the role.
fn refused(call: &Call<'_>, code: &str, message: &str) -> CallError {
    let fault = match fault::meaning(fault::sts, 400, code, message) {
        Meaning::NothingDone(fault @ (Fault::Denied { .. } | Fault::Throttled)) => fault,
        Meaning::NothingDone(_) => Fault::Unauthenticated,
        Meaning::Unsure => Fault::NotSent,
    };
    call.failed(fault, Some(code.to_owned()), format!("the role could not be assumed: {}", clean(message)))
}

fn refusal(error: &(dyn Error + 'static)) -> Option<(String, String)> {
    let told = |code: Option<&str>, message: Option<&str>| {
        code.map(|code| (code.to_owned(), message.unwrap_or("no message").to_owned()))
    };
    causes(error).find_map(|cause| {
        if let Some(error) = cause.downcast_ref::<AssumeRoleError>() {
            return told(error.code(), error.message());
        }
        let error = cause.downcast_ref::<AssumeRoleWithWebIdentityError>()?;
        told(error.code(), error.message())
    })
}

/// Whether a call to STS failed without an answer, so that a later one may succeed.
fn assumes(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| {
        cause.is::<SdkError<AssumeRoleError, HttpResponse>>()
            || cause.is::<SdkError<AssumeRoleWithWebIdentityError, HttpResponse>>()
    })
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |current| Error::source(*current))
}

#[cfg(test)]
mod tests {
    use crate::{
        Patience,
        call::{Nature, Terms},
    };

    use super::*;

    fn check(error: &CredentialsError, expected: &Fault, words: &str) {
        let terms = Terms::uncounted(Patience::default());
        let call = Call { operation: "ecs:X", nature: Nature::Change, codes: fault::ecs, terms: &terms };
        let failure = classify(&call, error);
        assert_eq!(failure.fault, *expected, "{failure}");
        assert!(failure.message.contains(words), "{failure}");
    }

    #[test]
    fn a_caller_without_credentials_is_told_so() {
        let none = CredentialsError::not_loaded_no_source();
        check(&none, &Fault::Unauthenticated, "there are no AWS credentials");
        let wrong = CredentialsError::invalid_configuration("the profile `x` was not defined");
        check(&wrong, &Fault::Unauthenticated, "the profile `x` was not defined");
    }

    #[test]
    fn a_role_that_nobody_is_there_to_assume_is_for_want_of_credentials() {
        let none = CredentialsError::not_loaded_no_source();
        let unsent = aws_sdk_sts::error::ConnectorError::other(none.into(), None);
        let unsent: SdkError<AssumeRoleError, HttpResponse> = SdkError::dispatch_failure(unsent);
        let unsent = CredentialsError::provider_error(unsent);
        check(&unsent, &Fault::Unauthenticated, "there are no AWS credentials");
    }

    #[test]
    fn a_role_is_not_refused_where_sts_cannot_be_reached() {
        let lost = aws_sdk_sts::error::ConnectorError::io("connection refused".into());
        let lost: SdkError<AssumeRoleError, HttpResponse> = SdkError::dispatch_failure(lost);
        check(&CredentialsError::provider_error(lost), &Fault::NotSent, "connection refused");
    }

    #[test]
    fn a_source_of_credentials_that_is_slow_may_answer_later() {
        let slow = CredentialsError::provider_timed_out(std::time::Duration::from_secs(5));
        check(&slow, &Fault::NotSent, "in time");
    }

    #[test]
    fn a_role_that_sts_refuses_names_who_may_not_assume_what() {
        let message = "User: arn:aws:iam::111111111111:user/ci is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111111111111:role/x";
        let metadata = aws_sdk_sts::error::ErrorMetadata::builder().code("AccessDenied").message(message).build();
        let refused = CredentialsError::provider_error(AssumeRoleError::generic(metadata));
        let expected = Fault::Denied {
            principal: Some("arn:aws:iam::111111111111:user/ci".to_owned()),
            action: Some("sts:AssumeRole".to_owned()),
            resource: Some("arn:aws:iam::111111111111:role/x".to_owned()),
        };
        check(&refused, &expected, "the role could not be assumed");
    }
}
