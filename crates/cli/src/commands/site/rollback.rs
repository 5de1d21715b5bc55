//! `towpath site rollback`: a person goes back to the site that was proven before.

use towpath_core::identifier::{ComponentName, EnvironmentName, Version};

use crate::{
    Exit,
    error::CliError,
    setting::{Context, TriggerArgs, actor, new_promotion},
    summary,
};

use super::super::{bench::Bench, confirm::confirm};

/// Goes back to what was proven of one site before what is live there now. Everything else stays as it is.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where.
    environment: EnvironmentName,
    /// Which site.
    component: ComponentName,
    /// Goes back to the newest proof of this release instead.
    #[arg(long, value_name = "VERSION")]
    to: Option<Version>,
    /// Does not ask.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    trigger: TriggerArgs,
}

pub(super) async fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let project = context.project()?;
    project.site(&args.environment, &args.component)?;
    if !args.yes {
        let to = args.to.as_ref().map_or_else(|| "what was proven before".to_owned(), ToString::to_string);
        let question = format!("{} of {} will go back to {to}.", args.component, args.environment);
        confirm(context, &args.environment, &question)?;
    }
    let bench = Bench::to_change(context, &args.environment).await?;
    let trigger = args.trigger.resolve(&context.variables, &*bench.world.source).await?;
    context.printer.say(&format!("{}: {} goes back", args.environment, args.component));
    let request = new_promotion(trigger, actor(&context.variables), bench.world.clock.now());
    let restored = bench.engine().restore_component(&args.component, args.to.as_ref(), request).await;
    let report = bench.ended(restored)?;
    context.result(|| summary::text(&report), &summary::document(&report))?;
    Ok(Exit::of_report(&report))
}
