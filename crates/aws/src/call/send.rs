//! Sends one call: the only place that decides whether something is sent again.
//!
//! A read is retried by the SDK as well; a change is not, so that each of its attempts is judged by its own evidence.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use aws_sdk_ecs::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};
use serde_json::Value;
use towpath_core::ports::{CallError, Fault};

use crate::{fault::Codes, json::Unreadable};

use super::{Terms, Wire, failure, pauses::Pauses};

/// Whether a call changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nature {
    /// It only reads: an answer that was lost is read again.
    Read,
    /// It changes something: an answer that was lost is ambiguous.
    Change,
}

/// What one attempt came to; boxed, since it is handed through several hands.
type Read<T> = Result<T, Box<CallError>>;

/// One call to be made.
pub(crate) struct Call<'a> {
    /// Its name in AWS's words with its service, for example `ecs:UpdateService`.
    pub(crate) operation: &'static str,
    /// Whether it changes anything.
    pub(crate) nature: Nature,
    /// What its service's error codes mean.
    pub(crate) codes: Codes,
    /// How long to wait, how often to try, and what to wait for before.
    pub(crate) terms: &'a Terms,
}

impl Call<'_> {
    /// Sends it and returns the answer's JSON as it came, whether or not the SDK can read it.
    pub(crate) async fn json<O, E, F>(&self, attempt: impl Fn(Wire) -> F) -> Result<Value, CallError>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        self.raw(None, attempt).await
    }

    /// As [`Call::json`], with this body in place of the SDK's.
    pub(crate) async fn raw<O, E, F>(
        &self,
        body: Option<Arc<[u8]>>,
        attempt: impl Fn(Wire) -> F,
    ) -> Result<Value, CallError>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        let read =
            |wire: &Wire, result: Result<O, SdkError<E, HttpResponse>>, waited: Duration| match (json_of(wire), result)
            {
                (Some(value), _) => Ok(value),
                (None, Err(error)) => Err(failure::classify(self, &error, wire, waited).into()),
                (None, Ok(_)) => Err(self.unsure("the answer is not JSON").into()),
            };
        self.settle(body, attempt, read).await
    }

    /// Sends it and returns the answer as the SDK reads it.
    pub(crate) async fn typed<O, E, F>(&self, attempt: impl Fn(Wire) -> F) -> Result<O, CallError>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        let read = |wire: &Wire, result: Result<O, SdkError<E, HttpResponse>>, waited: Duration| {
            result.map_err(|error| failure::classify(self, &error, wire, waited).into())
        };
        self.settle(None, attempt, read).await
    }

    async fn settle<O, E, F, T>(
        &self,
        body: Option<Arc<[u8]>>,
        attempt: impl Fn(Wire) -> F,
        read: impl Fn(&Wire, Result<O, SdkError<E, HttpResponse>>, Duration) -> Read<T>,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        let mut pauses = Pauses::new(&self.terms.patience, self.nature);
        // What the budget makes a call wait is not the call's doing, and counts for nothing.
        let mut spent = Duration::ZERO;
        loop {
            self.terms.allowance.take(self.operation).await;
            let (wire, began) = (Wire::with_body(body.clone()), Instant::now());
            let result = attempt(wire.clone()).await;
            let waited = began.elapsed();
            self.terms.allowance.owe(self.operation, wire.attempts().saturating_sub(1));
            let error = match read(&wire, result, waited) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            spent += waited;
            let Some(pause) = pauses.after(&error, spent) else {
                return Err(*error);
            };
            tokio::time::sleep(pause).await;
            spent += pause;
        }
    }

    /// The failure of an answer that came but cannot be understood: for a change, nobody knows what was done.
    pub(crate) fn unsure(&self, problem: impl Into<String>) -> CallError {
        self.failed(self.uncertain(), None, problem.into())
    }

    /// As [`Call::unsure`], for a member that cannot be read.
    pub(crate) fn unreadable(&self, problem: &Unreadable) -> CallError {
        self.unsure(problem.to_string())
    }

    /// The failure of this call.
    pub(crate) fn failed(&self, fault: Fault, code: Option<String>, message: String) -> CallError {
        CallError { operation: self.operation.to_owned(), fault, code, message }
    }

    /// What it means that the call may have been carried out.
    pub(crate) fn uncertain(&self) -> Fault {
        match self.nature {
            Nature::Read => Fault::Unanswered { waited: None },
            Nature::Change => Fault::Ambiguous,
        }
    }
}

fn json_of(wire: &Wire) -> Option<Value> {
    let answer = wire.answer().filter(|answer| (200..300).contains(&answer.status))?;
    serde_json::from_slice(&answer.body).ok().filter(Value::is_object)
}
