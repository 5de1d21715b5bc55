//! The word to stop: the first signal suspends the run, the second ends the process at once.
//!
//! SIGINT, SIGTERM and SIGHUP are the same word. A hang-up that whoever started us wants ignored (`nohup`) stays ignored.

use std::pin::Pin;

use futures_util::future::{FutureExt as _, Shared};
use towpath_core::engine::Interrupt;

use crate::{Exit, Printer};

/// What is said at the first signal by a run that changes an environment.
const SUSPENDS: &str =
    "stopping: the journal is closed so that the promotion can be resumed; once more ends it at once";

/// The word to stop. Once it is given, everybody who has it knows.
#[derive(Clone)]
pub(crate) struct Word(Shared<Pin<Box<dyn Future<Output = ()> + Send>>>);

impl Word {
    /// Listens from now on, for a run that changes an environment.
    pub(crate) fn to_suspend(printer: &Printer) -> Self {
        Self::listen(printer, Some(SUSPENDS))
    }

    /// Listens from now on, for what can simply stop.
    pub(crate) fn to_stop(printer: &Printer) -> Self {
        Self::listen(printer, None)
    }

    fn listen(printer: &Printer, said: Option<&'static str>) -> Self {
        let (word, given) = tokio::sync::oneshot::channel::<()>();
        // Listening begins here, not when the task first runs.
        tokio::spawn(hear(Signals::listen(), printer.clone(), said, word));
        let given = async move {
            // Without a listener there is no word.
            if given.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        Self(given.boxed().shared())
    }

    /// Waits for it.
    pub(crate) async fn given(&self) {
        self.0.clone().await;
    }

    /// The engine's form of it.
    pub(crate) fn interrupt(&self) -> Interrupt {
        Interrupt::when(self.0.clone())
    }
}

async fn hear(
    mut signals: Signals,
    printer: Printer,
    said: Option<&'static str>,
    word: tokio::sync::oneshot::Sender<()>,
) {
    signals.next().await;
    if let Some(said) = said {
        printer.say(said);
    }
    let _nobody_waits = word.send(());
    signals.next().await;
    end();
}

/// The signals that ask a process to end; those that cannot be waited for never come.
#[cfg(unix)]
struct Signals(Vec<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Signals {
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        if !ignores_hang_up(&status) {
            kinds.push(SignalKind::hangup());
        }
        Self(kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect())
    }

    async fn next(&mut self) {
        let each: Vec<_> = self.0.iter_mut().map(|signal| signal.recv().boxed()).collect();
        if each.is_empty() {
            std::future::pending::<()>().await;
        }
        let _which = futures_util::future::select_all(each).await;
    }
}

/// Whether Linux says of a process that it ignores SIGHUP. Elsewhere that is not known, and a hang-up stops the run.
#[cfg(unix)]
fn ignores_hang_up(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
}

/// Where there is only Ctrl-C.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> Self {
        Self
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[expect(clippy::exit, reason = "somebody insists; the journal lets the next run find out how it stands")]
fn end() {
    std::process::exit(Exit::Interrupted.code().into());
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_hang_up_stays_ignored_only_where_it_was_ignored_before() {
        for (status, expected) in [
            ("Name:\tx\nSigIgn:\t0000000000000001\nSigCgt:\t0", true),
            ("SigIgn:\t0000000000001001\n", true),
            ("SigIgn:\t0000000000001000\n", false),
            ("SigBlk:\t0000000000000001\n", false),
            ("SigIgn:\tnonsense", false),
            ("", false),
        ] {
            assert_eq!(ignores_hang_up(status), expected, "{status:?}");
        }
    }
}
