//! What a failed attempt proves, from the answer if there was one and from how far the request came if not.
//!
//! The kind of the SDK's error is not asked: time-outs and IO errors occur on both sides of the sending.

use std::time::Duration;

use aws_sdk_ecs::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};
use towpath_core::ports::{CallError, Fault};

use crate::fault::{self, Meaning};

use super::{
    Call, Nature, clean, credentials,
    text::{chain, root},
    wire::{Reach, Wire},
};

/// The failure of a call that took this long, with what it proves.
pub(crate) fn classify<E>(
    call: &Call<'_>,
    error: &SdkError<E, HttpResponse>,
    wire: &Wire,
    waited: Duration,
) -> CallError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    match (wire.reach(), status) {
        (Reach::NotAttempted, _) => credentials::classify(call, error),
        (_, Some(status)) => answered(call, error, status),
        (Reach::NoConnection, None) => unconnected(call, error, wire),
        (Reach::MayHaveLeft, None) => unanswered(call, error, wire, waited),
    }
}

fn answered<E>(call: &Call<'_>, error: &SdkError<E, HttpResponse>, status: u16) -> CallError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let Some(code) = error.code() else {
        // The body is not quoted: it may be an answer that was cut, with the values it was to bring.
        return call.unsure(format!("HTTP {status} with a body that is no answer of AWS"));
    };
    let message = error.message().unwrap_or("no message");
    let fault = match fault::meaning(call.codes, status, code, message) {
        Meaning::NothingDone(fault) => fault,
        Meaning::Unsure => call.uncertain(),
    };
    let message = fault::wording(&fault, code).map_or_else(|| clean(message), str::to_owned);
    call.failed(fault, Some(code.to_owned()), message)
}

fn unconnected<E>(call: &Call<'_>, error: &SdkError<E, HttpResponse>, wire: &Wire) -> CallError
where
    E: std::error::Error + Send + Sync + 'static,
{
    let host = wire.host().unwrap_or_else(|| "the endpoint".to_owned());
    call.failed(Fault::NotSent, None, format!("no connection to {host}: {}", root(error)))
}

fn unanswered<E>(call: &Call<'_>, error: &SdkError<E, HttpResponse>, wire: &Wire, waited: Duration) -> CallError
where
    E: std::error::Error + Send + Sync + 'static,
{
    let host = wire.host().unwrap_or_else(|| "the endpoint".to_owned());
    let timed_out = match error {
        SdkError::TimeoutError(_) => true,
        SdkError::DispatchFailure(failure) => {
            failure.as_connector_error().is_some_and(aws_sdk_ecs::error::ConnectorError::is_timeout)
        }
        _ => false,
    };
    if !timed_out {
        return call
            .unsure(format!("the connection to {host} was lost before an answer: {}", chain_without_answer(error)));
    }
    let message = format!("no answer from {host} within {:.1} s", waited.as_secs_f64());
    let fault = match call.nature {
        Nature::Read => Fault::Unanswered { waited: Some(waited) },
        Nature::Change => Fault::Ambiguous,
    };
    call.failed(fault, None, message)
}

/// Every text below the SDK's own, which only says that it is an error.
fn chain_without_answer<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: std::error::Error + Send + Sync + 'static,
{
    match std::error::Error::source(error) {
        Some(source) => chain(source),
        None => clean(&error.to_string()),
    }
}
