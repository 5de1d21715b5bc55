//! `towpath resume`: goes on with a promotion that was left open.

use serde_json::json;
use towpath_core::{engine::EngineError, identifier::EnvironmentName};

use crate::{Exit, error::CliError, setting::Context, summary};

use super::bench::Bench;

/// Goes on with the promotion that is open in an environment: looks at what really is, then ends it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where.
    environment: EnvironmentName,
    /// Takes the lease even where it has not expired: only when you know that its holder is gone.
    #[arg(long)]
    take_over: bool,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let bench = Bench::to_change(context, &args.environment).await?;
    let bench = if args.take_over { bench.taking_over() } else { bench };
    let report = match bench.engine().resume().await {
        Err(EngineError::NothingOpen(environment)) => {
            let text = format!("{environment}: nothing is open, so there is nothing to resume");
            let document = json!({ "environment": environment, "outcome": null, "exit_code": Exit::Done.code() });
            context.result(|| text, &document)?;
            return Ok(Exit::Done);
        }
        other => bench.ended(other)?,
    };
    context.result(|| summary::text(&report), &summary::document(&report))?;
    Ok(Exit::of_report(&report))
}
