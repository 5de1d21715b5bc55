//! `towpath drill`: a deliberately bad release, to see that it is found and that what served comes back.

use towpath_core::identifier::EnvironmentName;

use crate::{
    Exit,
    error::CliError,
    setting::{Context, TriggerArgs, actor, new_promotion},
    summary,
};

use super::{bench::Bench, confirm::confirm};

/// Brings a copy of what serves that cannot run, and proves that it is found and that what served comes back.
///
/// What serves goes on serving meanwhile as far as the service's own deployment settings keep it.
/// The environment must allow it with `drill = true`. A drill that is passed exits with 0, one in which nothing
/// found the bad copy with 5.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where.
    environment: EnvironmentName,
    /// Does not ask.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    trigger: TriggerArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    // A name that is not there, or no drill allowed, is said before anybody has to confirm it.
    let environment = &args.environment;
    if !context.project()?.environment(environment)?.drill {
        return Err(CliError::Engine(towpath_core::engine::EngineError::NoDrill(environment.clone())));
    }
    if !args.yes {
        let will = format!("{environment} will get a copy of what serves that cannot run, and go back.");
        confirm(context, environment, &will)?;
    }
    let bench = Bench::to_change(context, environment).await?;
    let trigger = args.trigger.resolve(&context.variables, &*bench.world.source).await?;
    context.printer.say(&format!("{environment}: a drill"));
    let request = new_promotion(trigger, actor(&context.variables), bench.world.clock.now());
    let report = bench.ended(bench.engine().drill(request).await)?;
    context.result(|| summary::text(&report), &summary::document(&report))?;
    Ok(Exit::of_report(&report))
}
