//! `towpath check`: says every mistake of the configuration, with its place and what to do about it.

use serde_json::{Value, json};
use towpath_core::config::{Mistake, Mistakes, schema};

use crate::{Exit, Output, error::CliError, plain::count, setting::Context};

/// Checks the configuration and says every mistake with its line and column. Asks nobody.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Prints the JSON Schema of towpath.toml, for editors, and checks nothing.
    #[arg(long)]
    schema: bool,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    if args.schema {
        context.printer.json(&schema())?;
        return Ok(Exit::Done);
    }
    let project = match context.project() {
        Err(CliError::Configuration(mistakes)) if context.globals.output == Output::Json => {
            return wrong(&mistakes, context);
        }
        other => other?,
    };
    let application = &project.application;
    let (environments, components) = (application.environments.len(), application.components.len());
    let text = format!(
        "{} is in order: {}, with {} and {}",
        project.file.display(),
        application.app,
        count(environments, "environment"),
        count(components, "component")
    );
    let document = json!({
        "file": project.file, "app": application.app, "ledger": project.store.place(), "mistakes": [],
        "environments": application.environments.iter().map(|environment| &environment.name).collect::<Vec<_>>(),
        "components": application.components.iter().map(|component| &component.name).collect::<Vec<_>>(),
    });
    context.result(|| text, &document)?;
    Ok(Exit::Done)
}

fn wrong(mistakes: &Mistakes, context: &Context) -> Result<Exit, CliError> {
    context.printer.say(&mistakes.to_string());
    let list: Vec<Value> = mistakes.as_slice().iter().map(of_mistake).collect();
    context.printer.json(&json!({ "mistakes": list, "exit_code": Exit::Usage.code() }))?;
    Ok(Exit::Usage)
}

fn of_mistake(mistake: &Mistake) -> Value {
    json!({
        "file": mistake.file, "line": mistake.line, "column": mistake.column, "path": mistake.path,
        "message": mistake.message, "remedy": mistake.remedy,
    })
}
