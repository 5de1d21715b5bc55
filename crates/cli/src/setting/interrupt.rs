//! The word to stop: the first signal suspends the run, the second ends the process at once.

use towpath_core::engine::Interrupt;

use crate::{Exit, Printer};

/// An interrupt that SIGINT or SIGTERM gives.
pub(crate) fn interrupt(printer: &Printer) -> Interrupt {
    let (word, given) = tokio::sync::oneshot::channel::<()>();
    tokio::spawn(listen(printer.clone(), word));
    Interrupt::when(async move {
        // Without a listener there is no word.
        if given.await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

async fn listen(printer: Printer, word: tokio::sync::oneshot::Sender<()>) {
    if signal().await.is_none() {
        return;
    }
    printer.say("stopping: the journal is closed so that the promotion can be resumed; once more ends it at once");
    let _nobody_waits = word.send(());
    if signal().await.is_some() {
        end();
    }
}

/// Waits for a signal; `None` where the system lets us wait for none.
#[cfg(unix)]
pub(crate) async fn signal() -> Option<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).ok()?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.ok(),
        terminated = terminate.recv() => terminated,
    }
}

/// Waits for a signal; `None` where the system lets us wait for none.
#[cfg(not(unix))]
pub(crate) async fn signal() -> Option<()> {
    tokio::signal::ctrl_c().await.ok()
}

#[expect(clippy::exit, reason = "somebody insists; the journal lets the next run find out how it stands")]
fn end() {
    std::process::exit(Exit::Interrupted.code().into());
}
