//! `cargo xtask peers`: other people's clients against our simulator, and our adapters against another's server.
//!
//! The stock aws command line and boto3 show that the simulator is what AWS's own clients take for AWS; moto shows
//! that the adapters do not only understand our own idea of AWS, and skopeo reads back the images that they brought.
//! Nothing of it leaves loopback but the installation of the peers, which is pip's work and is done once.

pub(crate) mod http;
pub(crate) mod programs;
pub(crate) mod python;
pub(crate) mod s3s;
pub(crate) mod server;
pub(crate) mod simulated;

mod background;
mod tally;

mod app;
mod aws_command_line;
mod boto3;
mod buckets;
mod deployed;
mod moto;
mod skopeo;
mod storage;

mod browser;

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

/// Makes the checks of one peer.
type Check = fn(&mut Tally, &Programs, &Python);

/// The peers in their order.
const PEERS: [(&str, Check); 11] = [
    ("aws", aws_command_line::check),
    ("boto3", boto3::check),
    ("moto", moto::check),
    ("registry", registry::check),
    ("skopeo", |tally, programs, _| skopeo::check(tally, programs)),
    ("storage", storage::check),
    ("buckets", buckets::check),
    ("browser", browser::check),
    ("agreement", agreement::check),
    ("builders", |tally, programs, _| builders::check(tally, programs)),
    ("containers", containers::check),
];

/// Installs the peers if need be, lets each do its checks, and fails when one of them fails.
pub(crate) fn peers(root: &Path) -> Result<()> {
    some(root, &PEERS.map(|(name, _)| name.to_owned()))
}

/// The same for those of these names.
pub(crate) fn some(root: &Path, names: &[String]) -> Result<()> {
    let known = PEERS.map(|(name, _)| name);
    let stranger = names.iter().find(|name| !known.contains(&name.as_str()));
    ensure!(stranger.is_none(), "there is no {}; there are {}", stranger.map_or("", String::as_str), known.join(", "));
    let programs = Programs::of(root)?;
    let python = Python::installed(root, &programs.target)?;
    let mut tally = Tally::default();
    for (_, check) in PEERS.iter().filter(|(name, _)| names.iter().any(|asked| asked == name)) {
        check(&mut tally, &programs, &python);
    }
    say(&tally.closing());
    ensure!(tally.is_clean(), "what is said above about a peer does not hold");
    Ok(())
}

/// The last of them alone: real containers, on a machine that may run them.
pub(crate) fn containers(root: &Path) -> Result<()> {
    some(root, &["containers".to_owned()])
}
