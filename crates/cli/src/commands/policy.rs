//! `towpath policy`: what the configuration allows, asked without promoting anything.

use towpath_core::{
    identifier::{EnvironmentName, Version},
    policy,
};

use crate::{
    Exit,
    error::CliError,
    setting::{Context, TriggerArgs, actor, new_promotion},
};

use super::bench::Bench;

/// Explains what may bring which release where.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Explain(Explain),
    /// Shows every trigger against every environment.
    Matrix,
}

/// Says whether a trigger may bring a release into an environment now, with every reason. Asks no AWS.
#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    /// Where to.
    environment: EnvironmentName,
    /// Which release.
    #[arg(long, value_name = "VERSION")]
    release: Version,
    #[command(flatten)]
    trigger: TriggerArgs,
}

pub(crate) async fn run(command: &Command, context: &Context) -> Result<Exit, CliError> {
    match command {
        Command::Explain(args) => explain(args, context).await,
        Command::Matrix => matrix(context),
    }
}

async fn explain(args: &Explain, context: &Context) -> Result<Exit, CliError> {
    let bench = Bench::without_aws(context, &args.environment)?;
    let trigger = args.trigger.resolve(&context.variables, &*bench.world.source).await?;
    let request = new_promotion(trigger, actor(&context.variables), bench.world.clock.now());
    let decision = bench.ended(bench.engine().explain(&args.release, request).await)?;
    context
        .result(|| format!("{} to {}: {}", args.release, args.environment, policy::explain(&decision)), &decision)?;
    Ok(Exit::from(decision.verdict))
}

fn matrix(context: &Context) -> Result<Exit, CliError> {
    let matrix = policy::matrix(&context.project()?.application);
    context.result(|| matrix.to_text(), &matrix)?;
    Ok(Exit::Done)
}
