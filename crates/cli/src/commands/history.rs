//! `towpath history`: what was done in an environment, by its ledger.

use std::num::NonZeroUsize;

use towpath_core::{
    config::plain_duration,
    identifier::EnvironmentName,
    ledger::{Ledger, Record, RecordKind},
};

use crate::{Exit, error::CliError, plain::one_line, setting::Context, table::Table};

use super::release::instant;

/// Shows an environment's records, the newest last. The chain is verified on the way.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where.
    environment: EnvironmentName,
    /// How many records at most.
    #[arg(long, value_name = "NUMBER", default_value = "20")]
    limit: NonZeroUsize,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let project = context.project()?;
    let environment = project.environment(&args.environment)?;
    let records = Ledger::new(&*project.store, &environment.name).records().await?;
    let newest = &records[records.len().saturating_sub(args.limit.get())..];
    context.result(|| text(&environment.name, newest), &newest)?;
    Ok(Exit::Done)
}

/// The records as a table.
pub(crate) fn text(environment: &EnvironmentName, records: &[Record]) -> String {
    if records.is_empty() {
        return format!("{environment}: nothing was done here yet");
    }
    let mut table = Table::new(["record", "at", "environment", "what", "release", "outcome", "took", "by", "why"]);
    for record in records {
        table.row(&[
            record.sequence.to_string(),
            instant(record.timestamp_utc),
            record.environment.to_string(),
            kind(record.kind).to_owned(),
            record.version.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
            record.outcome.to_string(),
            plain_duration(std::time::Duration::from_secs(record.duration_ms.div_ceil(1000))),
            record.actor.clone(),
            short(&record.reason),
        ]);
    }
    table.to_text()
}

fn kind(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Promotion => "promotion",
        RecordKind::Restoration => "rollback",
        RecordKind::Drill => "drill",
        RecordKind::Adoption => "adoption",
    }
}

fn short(reason: &str) -> String {
    let line = one_line(reason);
    match line.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
