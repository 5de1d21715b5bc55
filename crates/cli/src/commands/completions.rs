//! `towpath completions`: what a shell needs to complete what is typed.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::{Arguments, Exit, error::CliError, setting::Context};

/// Prints the completion script of a shell.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which shell.
    shell: Shell,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Arguments::command(), "towpath", &mut script);
    context.printer.raw(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
