//! Runs a future to its end on virtual time, and tells where it would hang for ever.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

/// More turns than any run takes: who needs more runs in circles.
const TURNS: u32 = 200_000;

/// Whether somebody asked for another turn.
#[derive(Default)]
struct Bell(AtomicBool);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Runs it. Nothing here waits for the world outside: a future that is pending and rings no bell would hang for ever.
///
/// # Errors
/// How it does not come to an end.
pub(super) fn run<T>(future: impl Future<Output = T>) -> Result<T, &'static str> {
    match run_unless(future, || false) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err("nobody kills it, and yet it was killed"),
        Err(how) => Err(how),
    }
}

/// Runs it like [`run`], or drops it where it is once it is killed: then there is no value.
///
/// # Errors
/// How it does not come to an end.
pub(super) fn run_unless<T>(
    future: impl Future<Output = T>,
    is_killed: impl Fn() -> bool,
) -> Result<Option<T>, &'static str> {
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(Arc::clone(&bell));
    let mut future = pin!(future);
    for _ in 0..TURNS {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Ok(Some(value));
        }
        if is_killed() {
            return Ok(None);
        }
        if !bell.0.swap(false, Ordering::SeqCst) {
            return Err("it waits for what never comes");
        }
    }
    Err("it runs in circles")
}
