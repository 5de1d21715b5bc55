//! `towpath ledger`: whether what was written is still what was written.

use std::collections::BTreeSet;

use serde::Serialize;
use towpath_core::{
    identifier::{EnvironmentName, PromotionId},
    ledger::Ledger,
    ports::Store,
    promotion::Journal,
};

use crate::{Exit, error::CliError, hint, plain::count, setting::Context};

/// Looks after the ledger.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Verify(Verify),
}

/// Verifies the chain of records of an environment, and the journals that they name.
#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// Where; without it, everywhere.
    environment: Option<EnvironmentName>,
}

/// What was verified in one environment.
#[derive(Debug, Serialize)]
pub(crate) struct Verified {
    pub(crate) environment: EnvironmentName,
    pub(crate) records: usize,
    pub(crate) journals: usize,
    /// What is wrong, where something is.
    pub(crate) trouble: Option<String>,
}

pub(crate) async fn run(command: &Command, context: &Context) -> Result<Exit, CliError> {
    let Command::Verify(args) = command;
    let project = context.project()?;
    let (mut all, mut exit) = (Vec::new(), Exit::Done);
    for environment in project.environments(args.environment.as_slice())? {
        match verify(&*project.store, &environment.name).await {
            Ok(verified) => all.push(verified),
            Err(error) => {
                exit = if exit == Exit::Tampered { exit } else { error.exit() };
                let trouble = error.chain();
                context.printer.say(&format!("error: {}", trouble.join("\n  because: ")));
                context.printer.say(&format!("next: {}", hint::about(&error).unwrap_or_default()));
                let (environment, trouble) = (environment.name.clone(), Some(trouble.join(": ")));
                all.push(Verified { environment, records: 0, journals: 0, trouble });
            }
        }
    }
    context.result(|| text(&all), &all)?;
    Ok(exit)
}

/// Reads everything of an environment, which verifies it.
pub(crate) async fn verify(store: &dyn Store, environment: &EnvironmentName) -> Result<Verified, CliError> {
    let records = Ledger::new(store, environment).records().await?;
    let promotions: BTreeSet<&PromotionId> = records.iter().map(|record| &record.promotion).collect();
    let mut journals = 0;
    for promotion in promotions {
        journals += usize::from(Journal::load(store, environment, promotion).await?.is_some());
    }
    Ok(Verified { environment: environment.clone(), records: records.len(), journals, trouble: None })
}

/// One line an environment.
pub(crate) fn text(all: &[Verified]) -> String {
    let lines: Vec<String> = all.iter().map(line).collect();
    lines.join("\n")
}

fn line(verified: &Verified) -> String {
    let Verified { environment, records, journals, trouble } = verified;
    match trouble {
        None => format!("{environment}: {} and {}, verified", count(*records, "record"), count(*journals, "journal")),
        Some(trouble) => format!("{environment}: NOT verified: {}", crate::plain::one_line(trouble)),
    }
}
