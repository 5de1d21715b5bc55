//! `towpath promote`: brings a release into an environment, and proves that it serves or puts back what did.

use std::path::PathBuf;

use serde::Serialize;
use towpath_core::{
    engine::{EngineError, Report},
    identifier::{ComponentName, EnvironmentName, Version},
    ledger::LeaseError,
};

use crate::{
    Exit,
    error::CliError,
    setting::{AtHand, Context, TriggerArgs, actor, files_in, new_promotion},
    summary::{self, Ending},
};

use super::bench::Bench;

/// Brings a release into an environment, proves that it serves, and puts back what served before when it does not.
///
/// A promotion that is still open there is ended first.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to.
    environment: EnvironmentName,
    /// Which release.
    #[arg(long, value_name = "VERSION")]
    release: Version,
    /// The directory that a site was built into, `COMPONENT=PATH`; without it, the configured one where it is there.
    #[arg(long = "site", value_name = "SITE", value_parser = super::release_create::site)]
    sites: Vec<(ComponentName, PathBuf)>,
    #[command(flatten)]
    trigger: TriggerArgs,
}

/// The ending, and that of a promotion that had to be ended before.
#[derive(Serialize)]
struct Document {
    #[serde(flatten)]
    ending: Ending,
    resumed: Option<Ending>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let at_hand = |(component, directory): &(ComponentName, PathBuf)| AtHand {
        component: component.clone(),
        files: files_in(directory),
        manifest: None,
    };
    let sites = args.sites.iter().map(at_hand).collect();
    promote(context, &args.environment, &args.release, &args.trigger, sites).await
}

/// Promotes a release; the sites' directories are taken in place of the configured ones.
pub(super) async fn promote(
    context: &Context,
    environment: &EnvironmentName,
    release: &Version,
    trigger: &TriggerArgs,
    sites: Vec<AtHand>,
) -> Result<Exit, CliError> {
    let bench = Bench::to_change(context, environment).await?.with_sites(sites);
    let resumed = end_open(&bench, context).await?;
    if let Some(report) = resumed.as_ref().filter(|report| !report.outcome.is_final()) {
        return tell(report, None, context);
    }
    let trigger = trigger.resolve(&context.variables, &*bench.world.source).await?;
    context.printer.say(&format!("{environment}: promoting {release}"));
    let request = new_promotion(trigger, actor(&context.variables), bench.world.clock.now());
    let report = bench.ended(bench.engine().promote(release, request).await)?;
    tell(&report, resumed.as_ref(), context)
}

/// Ends a promotion that was left open, where its holder is gone.
async fn end_open(bench: &Bench, context: &Context) -> Result<Option<Report>, CliError> {
    let Some(open) = bench.ended(bench.engine().open().await)? else {
        return Ok(None);
    };
    context.printer.say(&format!("{}: {open} is open here, so it is gone on with first", bench.environment.name));
    match bench.engine().resume().await {
        // Who holds the lease is at work: the new promotion will be held, and says until when.
        Err(EngineError::NothingOpen(_)) => Ok(None),
        Err(EngineError::Lease(LeaseError::Held { .. })) => {
            context.printer.say("  its holder is still at work");
            Ok(None)
        }
        other => {
            let report = bench.ended(other)?;
            context.printer.say(&summary::text(&report));
            Ok(Some(report))
        }
    }
}

fn tell(report: &Report, resumed: Option<&Report>, context: &Context) -> Result<Exit, CliError> {
    let document = Document { ending: summary::document(report), resumed: resumed.map(summary::document) };
    context.result(|| summary::text(report), &document)?;
    Ok(Exit::of_report(report))
}
