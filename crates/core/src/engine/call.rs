//! Calls under a deadline, and waiting that can be interrupted.

use std::time::Duration;

use futures_util::future::{Either, select};

use crate::ports::{CallError, Clock, Fault};

/// Waits for a read; gives it up at its deadline.
pub(super) async fn read<T>(
    clock: &dyn Clock,
    deadline: Duration,
    operation: &str,
    call: impl Future<Output = Result<T, CallError>> + Send,
) -> Result<T, CallError> {
    bounded(clock, deadline, operation, Fault::Unanswered { waited: Some(deadline) }, call).await
}

/// Waits for a write; one that was given up on is ambiguous, never "not done".
pub(super) async fn write<T, E: From<CallError>>(
    clock: &dyn Clock,
    deadline: Duration,
    operation: &str,
    call: impl Future<Output = Result<T, E>> + Send,
) -> Result<T, E> {
    bounded(clock, deadline, operation, Fault::Ambiguous, call).await
}

async fn bounded<T, E: From<CallError>>(
    clock: &dyn Clock,
    deadline: Duration,
    operation: &str,
    fault: Fault,
    call: impl Future<Output = Result<T, E>> + Send,
) -> Result<T, E> {
    match select(Box::pin(call), clock.deadline(deadline)).await {
        Either::Left((result, _)) => result,
        Either::Right(((), _)) => Err(CallError {
            operation: operation.to_owned(),
            fault,
            code: None,
            message: format!("no answer within {} seconds", deadline.as_secs()),
        }
        .into()),
    }
}
