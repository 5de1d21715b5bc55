//! moto, ministack and the simulator are asked the same: their answers have one shape, or are known to differ.
//!
//! The questions are `python/equal_worlds.py`, the comparison is `python/agreement_checks.py`, and what is known to
//! differ is `python/known_differences.toml`. ministack has no containers here, so that every machine finds the same.

use anyhow::Result;

use super::{
    boto3, ministack, moto,
    programs::Programs,
    python::Python,
    server::Server,
    simulated::{self, ACCOUNT, Simulated},
    tally::Tally,
};

const PEER: &str = "agreement";

/// Starts all three, and makes all checks.
pub(super) fn check(tally: &mut Tally, programs: &Programs, python: &Python) {
    if let Err(error) = run(tally, programs, python) {
        tally.note_result(PEER, "the checks run to their end", Err(error));
    }
}

fn run(tally: &mut Tally, programs: &Programs, python: &Python) -> Result<()> {
    let with_ministack = Python::with_ministack(&programs.root, &programs.target)?;
    let simulated = Simulated::for_peer(programs, PEER)?;
    let moto = moto::start(programs, python, "moto-of-agreement")?;
    let ministack = ministack::start(programs, &with_ministack, None, "ministack-of-agreement")?;
    let endpoint = |name: &str, server: &Server| format!("{name}=http://{}", server.address());
    let words = [
        format!("simulator=http://{}", simulated.address()),
        endpoint("moto", &moto),
        endpoint("ministack", &ministack),
    ];
    let environment = simulated::environment(simulated.address(), ACCOUNT);
    boto3::note_script(tally, PEER, python, ("agreement_checks.py", &words), environment)
}
