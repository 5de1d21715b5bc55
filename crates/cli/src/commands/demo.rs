//! `towpath demo`: everything in a few seconds, with nothing but this program.

use crate::{
    Exit,
    demo::{Stage, alone, tell, text},
    error::CliError,
    setting::Context,
};

/// Shows what Towpath does in a few seconds, in a simulated AWS on loopback: no account, docker, git or network needed.
///
/// A good release goes through dev and staging to production; a bad one fails its smoke check there and is put back.
#[derive(Debug, clap::Args)]
pub(crate) struct Args;

pub(crate) async fn run(_: &Args, context: &Context) -> Result<Exit, CliError> {
    if let Some(exit) = alone()? {
        return Ok(exit);
    }
    context
        .printer
        .say("A shop runs release 1.0.0 in three accounts: dev, staging and production. AWS is simulated, and fast.");
    let stage = Stage::set(context).await?;
    let document = tell(&stage, context).await?;
    context.printer.say("");
    context.result(|| text(&document, stage.now()), &document)?;
    if document.departures.is_empty() {
        return Ok(Exit::Done);
    }
    context.printer.say(&format!("error: the demonstration did not go as told: {}", document.departures.join("; ")));
    Ok(Exit::Errored)
}
