//! Towpath against ministack with real containers: good releases, bad ones, and an image that `towpath build` made.
//!
//! Containers need Linux, root, podman, runc, netavark and iptables, and a kernel that lets them run. Where that is not to
//! be had, the checks are not run, and are counted as that. All of them together may take [`LIMIT`] and no longer.

mod limit;
mod podman;
mod service;
mod stories;
mod world;

mod orders;
mod shop;

use std::time::Duration;

use anyhow::Result;

use super::{programs::Programs, python::Python, tally::Tally};
use limit::Limit;
use orders::Orders;
use podman::{Podman, Unavailable};
use shop::Shop;
use stories::STORIES;
use world::World;

const PEER: &str = "containers";

/// How long everything together may take; usually it is a fraction of that.
const LIMIT: Duration = Duration::from_mins(10);

/// Makes all checks, or says why they are not run.
pub(super) fn check(tally: &mut Tally, programs: &Programs, python: &Python) {
    match Podman::ready(&programs.target.join("peers/containers"), &programs.root, Limit::of(LIMIT)) {
        Err(Unavailable(reason)) => {
            for name in STORIES.iter().map(|story| story.name).chain(Orders::CHECKS) {
                tally.note_missing(PEER, name, &reason);
            }
        }
        Ok(podman) => {
            if let Err(error) = run(tally, programs, python, &podman) {
                tally.note_result(PEER, "the checks run to their end", Err(error));
            }
        }
    }
}

fn run(tally: &mut Tally, programs: &Programs, python: &Python, podman: &Podman) -> Result<()> {
    let world = World::start(programs, python, podman)?;
    let shop = Shop::open(&world)?;
    for story in &STORIES {
        tally.note_result(PEER, story.name, shop.play(story));
    }
    match Orders::compiled(&world) {
        Err(reason) => Orders::CHECKS.iter().for_each(|name| tally.note_missing(PEER, name, &format!("{reason:#}"))),
        Ok(orders) => {
            for (name, result) in Orders::CHECKS.iter().zip(orders.checks()) {
                tally.note_result(PEER, name, result);
            }
        }
    }
    Ok(())
}
