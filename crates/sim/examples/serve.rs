//! Serves a scenario until it is interrupted: `cargo run -p towpath-sim --example serve -- [PORT] [SCENARIO] [PACE]`.
//!
//! For trying the simulator with other people's clients. The command line has the whole thing: `towpath sim`.

use std::{error::Error, net::SocketAddr};

use towpath_sim::{Options, Pace, Simulator, scenario::Scenario};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "an example talks to a person")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().map_or(Ok(4599), |port| port.parse())?;
    let scenario = match arguments.next() {
        Some(file) => Scenario::from_toml(&std::fs::read_to_string(&file)?, &file)?,
        None => Scenario::empty(),
    };
    let pace = arguments.next().map_or(Ok(1.0), |pace| pace.parse())?;
    let account = scenario.default_account.clone();
    let listen = SocketAddr::from(([127, 0, 0, 1], port));
    let simulator = Simulator::start(Options { listen, scenario, pace: Pace::Scaled(pace), state: None }).await?;
    for (name, value) in simulator.environment(&account) {
        println!("export {name}={value}");
    }
    std::future::pending().await
}
