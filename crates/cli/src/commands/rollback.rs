//! `towpath rollback`: a person goes back to what was proven before.

use towpath_core::identifier::{EnvironmentName, Version};

use crate::{
    Exit,
    error::CliError,
    setting::{Context, TriggerArgs, actor, new_promotion},
    summary,
};

use super::{bench::Bench, confirm::confirm};

/// Goes back to what was proven in an environment before what serves there now.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where.
    environment: EnvironmentName,
    /// Goes back to the newest proof of this release instead.
    #[arg(long, value_name = "VERSION")]
    to: Option<Version>,
    /// Does not ask.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    trigger: TriggerArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    // A name that is not there is said before anybody has to confirm it.
    context.project()?.environment(&args.environment)?;
    if !args.yes {
        let to = args.to.as_ref().map_or_else(|| "what was proven before".to_owned(), ToString::to_string);
        confirm(context, &args.environment, &format!("{} will go back to {to}.", args.environment))?;
    }
    let bench = Bench::to_change(context, &args.environment).await?;
    let trigger = args.trigger.resolve(&context.variables, &*bench.world.source).await?;
    context.printer.say(&format!("{}: going back", args.environment));
    let request = new_promotion(trigger, actor(&context.variables), bench.world.clock.now());
    let report = bench.ended(bench.engine().restore(args.to.as_ref(), request).await)?;
    context.result(|| summary::text(&report), &summary::document(&report))?;
    Ok(Exit::of_report(&report))
}
