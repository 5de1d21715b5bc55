//! `towpath site`: one site alone, planned, published, put back and verified.

mod deploy;
mod plan;
mod rollback;
mod verify;

use crate::{Exit, error::CliError, setting::Context};

/// Plans, publishes, puts back and verifies one site alone.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Plan(plan::Args),
    Deploy(deploy::Args),
    Rollback(rollback::Args),
    Verify(verify::Args),
}

pub(crate) async fn run(command: &Command, context: &Context) -> Result<Exit, CliError> {
    match command {
        Command::Plan(args) => plan::run(args, context).await,
        Command::Deploy(args) => deploy::run(args, context).await,
        Command::Rollback(args) => rollback::run(args, context).await,
        Command::Verify(args) => verify::run(args, context).await,
    }
}
