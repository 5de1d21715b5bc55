//! `towpath wait`: whatever is open in an environment is seen to its end, by following who works on it or by going on.
//!
//! It never takes over from a holder that is at work.

use std::time::{Duration, Instant};

use serde_json::json;
use towpath_core::{
    config::{parse_duration, plain_duration},
    engine::{EngineError, Report},
    identifier::{EnvironmentName, PromotionId},
    ledger::LeaseError,
};

use crate::{
    Exit,
    error::CliError,
    setting::{Context, Word},
    summary,
};

use super::{
    bench::Bench,
    follow::{Follower, Standing},
};

/// Between two looks at the journal of who is at work.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Follows what is open in an environment to its end, and exits with its exit code.
///
/// While its holder is at work, the holder's steps are shown. Where the holder is gone, it is gone on with, as `resume`
/// does. Where nothing is open, that is said.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where.
    environment: EnvironmentName,
    /// How long to follow a holder that is at work, for example 20m; without it, as long as it takes.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    timeout: Option<Duration>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let environment = &args.environment;
    let reader = Bench::without_aws(context, environment)?;
    let Some(open) = reader.ended(reader.engine().open().await)? else {
        let text = format!("{environment}: nothing is open, so there is nothing to wait for");
        let document = json!({ "environment": environment, "outcome": null, "exit_code": Exit::Done.code() });
        context.result(|| text, &document)?;
        return Ok(Exit::Done);
    };
    let end = match see_to_its_end(args, &open, &reader, context).await? {
        End::Report(report) => report,
        End::TimedOut => return timed_out(args, &open, context),
        End::Interrupted => return Ok(Exit::Interrupted),
    };
    context.result(|| summary::text(&end), &summary::document(&end))?;
    Ok(Exit::of_report(&end))
}

/// How waiting ended.
enum End {
    Report(Box<Report>),
    TimedOut,
    Interrupted,
}

async fn see_to_its_end(args: &Args, open: &PromotionId, reader: &Bench, context: &Context) -> Result<End, CliError> {
    let word = Word::to_stop(&context.printer);
    let mut follower = Follower::new(&reader.world, &args.environment, open);
    let (begun, mut said) = (Instant::now(), String::new());
    loop {
        match reader.so_far(follower.look(reader.observer()).await)? {
            Standing::Over(report) => return Ok(End::Report(report)),
            Standing::Gone => {
                if let Some(report) = go_on(context, &args.environment).await? {
                    return Ok(End::Report(Box::new(report)));
                }
            }
            Standing::AtWork { holder } if said != holder => {
                context.printer.say(&format!("{}: {holder} is at work on {open}", args.environment));
                said = holder;
            }
            Standing::AtWork { .. } => {}
        }
        if args.timeout.is_some_and(|timeout| begun.elapsed() >= timeout) {
            return Ok(End::TimedOut);
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = word.given() => return Ok(End::Interrupted),
        }
    }
}

/// Goes on where the holder is gone; nothing where somebody else was faster.
async fn go_on(context: &Context, environment: &EnvironmentName) -> Result<Option<Report>, CliError> {
    context.printer.say(&format!("{environment}: its holder is gone, so it is gone on with"));
    let bench = Bench::to_change(context, environment).await?;
    match bench.engine().resume().await {
        Err(EngineError::NothingOpen(_) | EngineError::Lease(LeaseError::Held { .. })) => Ok(None),
        other => bench.ended(other).map(Some),
    }
}

fn timed_out(args: &Args, open: &PromotionId, context: &Context) -> Result<Exit, CliError> {
    let environment = &args.environment;
    let timeout = plain_duration(args.timeout.unwrap_or_default());
    let (exit, next) = (Exit::Inconclusive, format!("towpath wait {environment}"));
    let reason = format!("{open} was not over after {timeout}; its holder is at work");
    let text = format!("{environment}: {reason}\n  next     {next}");
    let document = json!({
        "environment": environment, "promotion": open, "outcome": null, "reason": reason, "next": next,
        "exit_code": exit.code(),
    });
    context.result(|| text, &document)?;
    Ok(exit)
}
