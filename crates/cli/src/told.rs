//! The end of a run of the engine as the command line tells it: for whoever embeds both, and for tests.

use towpath_core::engine::{EngineError, Report};

use crate::{Exit, error::CliError, hint, summary};

/// The exit code, and what a person reads.
pub fn told(run: Result<&Report, EngineError>) -> (Exit, String) {
    match run {
        Ok(report) => (Exit::of_report(report), summary::text(report)),
        Err(error) => {
            let error = CliError::from(error);
            (error.exit(), failure(&error))
        }
    }
}

/// The whole chain, then what to do.
pub(crate) fn failure(error: &CliError) -> String {
    let chain = error.chain();
    let said = match error {
        // Each on a line that begins with its place, as editors and problem matchers want it.
        CliError::Configuration(_) => format!("{}\nerror: {}", chain[1..].join("\n"), chain[0]),
        _ => format!("error: {}", chain.join("\n  because: ")),
    };
    match hint::about(error) {
        Some(hint) => format!("{said}\nnext: {hint}"),
        None => said,
    }
}
