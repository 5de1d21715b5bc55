//! `cargo xtask bench fleet`: a promotion of 500 services in one run, on the simulator's time.
//!
//! It is the test of the same name with more services: calls are counted and no time is measured.

use std::{path::Path, process::Command};

use anyhow::{Context as _, Result, ensure};

/// How many services there are.
const SERVICES: &str = "500";

/// Runs it; its figures go to the terminal.
pub(super) fn run(root: &Path) -> Result<()> {
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["test", "--package", "towpath-tests", "--test", "pace", "fleet", "--", "--nocapture"])
        .env("TOWPATH_FLEET", SERVICES)
        .current_dir(root)
        .status()
        .context("cargo could not be started")?;
    ensure!(status.success(), "the fleet did not keep within its limits");
    Ok(())
}
