//! The stock aws command line against the simulator: every answer parses, and every value is asserted.

mod client;
mod diagnosis;
mod identity;
mod registry;
mod rollout;
mod vault;

use anyhow::Result;

use super::{programs::Programs, python::Python, simulated::Simulated, tally::Tally};
use client::Client;

const PEER: &str = "aws";

/// A check: what holds, and finding it out.
type Check = (&'static str, fn(&Client<'_>) -> Result<()>);

/// In the order in which they are made; those of one module build on each other.
const CHECKS: [&[Check]; 5] =
    [&identity::CHECKS, &rollout::CHECKS, &registry::CHECKS, &vault::CHECKS, &diagnosis::CHECKS];

/// Makes all checks against a simulator of their own.
pub(super) fn check(tally: &mut Tally, programs: &Programs, python: &Python) {
    let started = Simulated::for_peer(programs, PEER);
    let simulated = match started {
        Ok(simulated) => simulated,
        Err(error) => return tally.note_result(PEER, "the simulator starts", Err(error)),
    };
    let client = Client::new(python, &simulated);
    for (name, check) in CHECKS.into_iter().flatten() {
        tally.note_result(PEER, name, check(&client));
    }
}
