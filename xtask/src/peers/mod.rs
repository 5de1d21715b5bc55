//! `cargo xtask peers`: other people's clients against our simulator, and our adapters against another's server.
//!
//! The stock aws command line and boto3 show that the simulator is what AWS's own clients take for AWS; moto shows
//! that the adapters do not only understand our own idea of AWS, and skopeo reads back the images that they brought.
//! Nothing of it leaves loopback but the installation of the peers, which is pip's work and is done once.

pub(crate) mod buckets;
pub(crate) mod http;
pub(crate) mod programs;
pub(crate) mod python;
pub(crate) mod server;
pub(crate) mod simulated;

mod background;
mod tally;

mod aws_command_line;
mod boto3;
mod moto;
mod skopeo;
mod storage;

mod agreement;
mod ministack;
mod registry;

mod builders;
mod containers;

use std::path::Path;

use anyhow::{Result, ensure};

use crate::say;
use programs::Programs;
use python::Python;
use tally::Tally;

/// Installs the peers if need be, lets each do its checks, and fails when one of them fails.
pub(crate) fn peers(root: &Path) -> Result<()> {
    let programs = Programs::of(root)?;
    let python = Python::installed(root, &programs.target)?;
    let mut tally = Tally::default();
    aws_command_line::check(&mut tally, &programs, &python);
    boto3::check(&mut tally, &programs, &python);
    moto::check(&mut tally, &programs, &python);
    registry::check(&mut tally, &programs, &python);
    skopeo::check(&mut tally, &programs);
    storage::check(&mut tally, &programs, &python);
    buckets::check(&mut tally, &programs, &python);
    agreement::check(&mut tally, &programs, &python);
    builders::check(&mut tally, &programs);
    containers::check(&mut tally, &programs, &python);
    say(&tally.closing());
    ensure!(tally.is_clean(), "what is said above about a peer does not hold");
    Ok(())
}

/// The last of them alone: real containers, on a machine that may run them.
pub(crate) fn containers(root: &Path) -> Result<()> {
    let programs = Programs::of(root)?;
    let python = Python::installed(root, &programs.target)?;
    let mut tally = Tally::default();
    containers::check(&mut tally, &programs, &python);
    say(&tally.closing());
    ensure!(tally.is_clean(), "what is said above about real containers does not hold, or could not be run");
    Ok(())
}
