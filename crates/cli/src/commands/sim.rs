//! `towpath sim`: AWS on loopback, until it is stopped.

use std::{net::SocketAddr, path::PathBuf};

use serde_json::{Map, Value, json};
use towpath_sim::{Options, Pace, Simulator, scenario::Scenario};

use crate::{
    Exit, demo,
    error::CliError,
    setting::{Context, Word},
};

/// Simulates AWS on loopback until it is stopped: try a pipeline, or test one, without an account.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to listen; port 0 takes any free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4599")]
    listen: SocketAddr,
    /// What there is at the start; without it, the shop of `towpath demo`.
    #[arg(long, value_name = "PATH")]
    scenario: Option<PathBuf>,
    /// The directory in which everything is kept over a restart.
    #[arg(long, value_name = "DIRECTORY")]
    state: Option<PathBuf>,
    /// How many simulated seconds pass in a real one.
    #[arg(long, value_name = "NUMBER", default_value = "1")]
    speed: f64,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let scenario = scenario(args)?;
    let account = scenario.default_account.clone();
    let (listen, state) = (args.listen, args.state.clone());
    let options = Options { listen, scenario, pace: Pace::Scaled(args.speed), state };
    let simulator = Simulator::start(options).await.map_err(Box::new)?;
    let variables = simulator.environment(&account);
    let lines: Vec<String> = variables.iter().map(|(name, value)| format!("export {name}={value}")).collect();
    let environment: Map<String, Value> =
        variables.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect();
    context.result(|| lines.join("\n"), &json!({ "endpoint": simulator.endpoint(), "environment": environment }))?;
    context.printer.say("the simulator runs until it is stopped with Ctrl-C");
    Word::to_stop(&context.printer).given().await;
    simulator.shutdown().await?;
    Ok(Exit::Done)
}

fn scenario(args: &Args) -> Result<Scenario, CliError> {
    let Some(path) = &args.scenario else {
        return Ok(Scenario::from_toml(demo::SCENARIO, "the shop").map_err(Box::new)?);
    };
    let text = std::fs::read_to_string(path).map_err(|source| CliError::NoScenario { path: path.clone(), source })?;
    Ok(Scenario::from_toml(&text, &path.display().to_string()).map_err(Box::new)?)
}
