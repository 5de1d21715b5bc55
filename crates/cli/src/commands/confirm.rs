//! A person says that they mean it: by typing the environment's name, or with `--yes` beforehand.

use std::io::{BufRead as _, IsTerminal as _};

use towpath_core::identifier::EnvironmentName;

use crate::{error::CliError, setting::Context};

/// Says what will be done, and waits for the environment's name.
pub(super) fn confirm(context: &Context, environment: &EnvironmentName, will: &str) -> Result<(), CliError> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return Err(CliError::NotATerminal);
    }
    context.printer.say(will);
    context.printer.ask(&format!("Type `{environment}` to go on:"));
    let mut typed = String::new();
    match input.lock().read_line(&mut typed) {
        Ok(_) if typed.trim() == environment.as_str() => Ok(()),
        Ok(_) | Err(_) => Err(CliError::NotConfirmed),
    }
}
