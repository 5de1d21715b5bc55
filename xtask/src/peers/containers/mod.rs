//! Towpath against ministack with real containers: a good release, one that crashes, and one that crashes while
//! ECS's circuit breaker is on.
//!
//! Containers need Linux, root, podman, runc, netavark and iptables, and a kernel that lets them run. Where that is not to
//! be had, the checks are not run, and are counted as that.

mod podman;
mod stories;
mod world;

use anyhow::Result;

use super::{ministack, programs::Programs, python::Python, tally::Tally};
use podman::{Podman, Unavailable};
use stories::STORIES;
use world::World;

const PEER: &str = "containers";

/// Makes all checks, or says why they are not run.
pub(super) fn check(tally: &mut Tally, programs: &Programs, python: &Python) {
    match Podman::ready(&programs.target.join("peers/containers"), &programs.root) {
        Err(Unavailable(reason)) => {
            for story in &STORIES {
                tally.note_missing(PEER, story.name, &reason);
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
    let with_ministack = Python::with_ministack(&programs.root, &programs.target)?;
    let ministack = ministack::start(programs, &with_ministack, Some(&podman.socket()), "ministack-with-containers")?;
    let _service = podman.serve(ministack.address())?;
    let world = World::make(programs, python, podman, &ministack)?;
    for story in &STORIES {
        tally.note_result(PEER, story.name, world.play(story));
    }
    Ok(())
}
