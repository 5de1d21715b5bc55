//! What can go wrong with a call to AWS, as a script says it.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::ports::{CallError, Fault};

/// What happens to one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mishap {
    /// It is not carried out, and answered with this fault. [`Fault::Ambiguous`] is a request that got lost.
    NotCarriedOut(Fault),
    /// It is carried out, and answered with this fault. [`Fault::Ambiguous`] is an answer that got lost.
    CarriedOut(Fault),
    /// It is not carried out, and no answer ever comes.
    Unheard,
    /// It is carried out, and no answer ever comes.
    Unanswered,
}

impl Mishap {
    pub(super) fn is_carried_out(&self) -> bool {
        matches!(self, Self::CarriedOut(_) | Self::Unanswered)
    }

    /// The answer; for a call that has none, this never returns.
    pub(super) async fn answer<T>(self, operation: &str) -> Result<T, CallError> {
        match self {
            Self::NotCarriedOut(fault) | Self::CarriedOut(fault) => Err(scripted(operation, fault)),
            Self::Unheard | Self::Unanswered => std::future::pending().await,
        }
    }
}

/// The mishaps to come, first come first served.
#[derive(Debug, Default)]
pub(super) struct Mishaps(Mutex<VecDeque<Mishap>>);

impl Mishaps {
    pub(super) fn add(&self, mishap: Mishap) {
        locked(&self.0).push_back(mishap);
    }

    /// Reads through whatever is to happen next.
    pub(super) async fn read<T>(
        &self,
        operation: &str,
        read: impl FnOnce() -> Result<T, CallError> + Send,
    ) -> Result<T, CallError> {
        let next = locked(&self.0).pop_front();
        match next {
            Some(mishap) => mishap.answer(operation).await,
            None => read(),
        }
    }

    /// Changes something through whatever is to happen next.
    pub(super) async fn change<T, E: From<CallError>>(
        &self,
        operation: &str,
        change: impl FnOnce() -> Result<T, E> + Send,
    ) -> Result<T, E> {
        let next = locked(&self.0).pop_front();
        let Some(mishap) = next else {
            return change();
        };
        if mishap.is_carried_out() {
            drop(change());
        }
        mishap.answer(operation).await.map_err(E::from)
    }
}

fn scripted(operation: &str, fault: Fault) -> CallError {
    CallError { operation: operation.to_owned(), fault, code: None, message: "as the test asked for".to_owned() }
}

/// The value behind the lock. A test that panicked elsewhere does not make it wrong.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
