//! A whole deployment: towpath, fabfuel's ecs-deploy and a script of aws calls, each moving a service of its own.
//!
//! The rollout itself takes no time, so what is compared is the tools. Towpath does more than the others here: it
//! checks beforehand, keeps a journal, a lease and a record, and proves by digest what runs.

use std::{net::SocketAddr, path::Path, process::Command};

use anyhow::{Context as _, Result, ensure};

use crate::peers::{programs::Programs, python::Python, simulated};

use super::{
    chain,
    contestant::{Contestant, Standing, in_turns},
    recorder::Recorder,
    stage::{ACCOUNT, CLUSTER, REPOSITORY, SERVICES, Stage, version},
};

/// What a call to AWS takes more in the second case: a usual round trip with the work behind it.
const DELAY: u32 = 40;

/// All that was found out about deployments.
#[derive(Debug)]
pub(super) struct Deployments {
    /// One call and its answer.
    pub(super) one_call: Vec<Standing>,
    /// Whole deployments.
    pub(super) plain: Vec<Standing>,
    /// Whole deployments with [`DELAY`] more for every call.
    pub(super) delayed: Vec<Standing>,
    /// Which calls each contestant makes, in the order of the others.
    pub(super) calls: Vec<Calls>,
}

/// The calls of one deployment.
#[derive(Debug)]
pub(super) struct Calls {
    /// How many.
    pub(super) count: usize,
    /// Those of the longest chain.
    pub(super) chain: Vec<String>,
}

/// Where a contestant finds things.
struct Place<'a> {
    programs: &'a Programs,
    towpath: &'a Path,
    python: &'a Python,
    stage: &'a Stage,
}

/// Measures everything about deployments.
pub(super) fn run(
    programs: &Programs,
    towpath: &Path,
    python: &Python,
    folder: &Path,
    runs: usize,
) -> Result<Deployments> {
    // For each case the measured turns and the one to warm up; one more to record.
    let images = 2 * (runs + 1) + 1;
    let stage = Stage::set(towpath, &folder.join("stage"), images)?;
    let place = Place { programs, towpath, python, stage: &stage };
    let address = stage.simulated.address();
    let one_call = in_turns(&one_call(&place, address), folder, runs)?;
    let plain = in_turns(&deployments(&place, address, 0), folder, runs)?;
    stage.delay(DELAY)?;
    let delayed = in_turns(&deployments(&place, address, runs + 1), folder, runs)?;
    let calls = recorded(&place, folder, images)?;
    Ok(Deployments { one_call, plain, delayed, calls })
}

/// One more deployment of each, with a note of every call. The delay makes plain which calls overlap.
fn recorded(place: &Place<'_>, folder: &Path, image: usize) -> Result<Vec<Calls>> {
    let stage = place.stage;
    let recorder = Recorder::before(stage.simulated.address())?;
    deployments(place, recorder.address(), 0)
        .iter()
        .map(|contestant| {
            stage.forget_calls()?;
            contestant.measured(image, folder)?;
            require_one_update(stage).context(contestant.name)?;
            let calls = recorder.take();
            Ok(Calls {
                count: calls.len(),
                chain: chain::longest(&calls).into_iter().map(|call| call.operation.clone()).collect(),
            })
        })
        .collect()
}

/// A contestant that deployed nothing would be fast.
fn require_one_update(stage: &Stage) -> Result<()> {
    let calls = stage.calls()?;
    let updates = calls.iter().filter(|call| call["operation"] == "UpdateService" && call["accepted"] == true);
    let updates = updates.count();
    ensure!(updates == 1, "{updates} updates were accepted, not 1");
    Ok(())
}

fn one_call<'a>(place: &'a Place<'a>, address: SocketAddr) -> [Contestant<'a>; 2] {
    [
        Contestant {
            name: "`towpath status`",
            command: Box::new(move |_| {
                let mut command = place.command(place.towpath, address);
                command.arg("status");
                command
            }),
            exit: 0,
        },
        Contestant {
            name: "`aws ecs describe-services`",
            command: Box::new(move |_| {
                let mut command = place.command(&place.python.program("aws"), address);
                command.args(["ecs", "describe-services", "--cluster", CLUSTER]);
                command.args(["--services", SERVICES[0]]);
                command
            }),
            exit: 0,
        },
    ]
}

/// The contestants, deploying image `turn + after`.
fn deployments<'a>(place: &'a Place<'a>, address: SocketAddr, after: usize) -> Vec<Contestant<'a>> {
    let image = move |turn: usize| format!("{REPOSITORY}:{}", version(turn + after));
    let towpath = |name: &'static str, folder: &'a Path| Contestant {
        name,
        command: Box::new(move |turn| {
            let mut command = place.command(place.towpath, address);
            command.args(["promote", "dev", "--release", &version(turn + after)]);
            command.args(["--output", "json"]).current_dir(folder);
            command
        }),
        exit: 0,
    };
    let in_memory = place.stage.in_memory().map(|folder| towpath("the same, its ledger in memory", folder));
    let fabfuel = Contestant {
        name: "fabfuel's `ecs deploy`",
        command: Box::new(move |turn| {
            let mut command = place.command(&place.python.program("ecs"), address);
            command.args(["deploy", CLUSTER, SERVICES[2]]);
            command.args(["--image", "api", &image(turn)]);
            command
        }),
        exit: 0,
    };
    let script = Contestant {
        name: "a script of `aws` calls",
        command: Box::new(move |turn| {
            let script = place.programs.root.join("xtask/src/bench/deploy.sh");
            let mut command = place.command(Path::new("bash"), address);
            command.arg(script).args([CLUSTER, SERVICES[3], &image(turn)]);
            command
        }),
        exit: 0,
    };
    std::iter::once(towpath("`towpath promote`", place.stage.folder()))
        .chain(in_memory)
        .chain([fabfuel, script])
        .collect()
}

impl Place<'_> {
    /// `program` on the stage, with AWS at `address` and the peers first on its path.
    fn command(&self, program: &Path, address: SocketAddr) -> Command {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.python.binaries().to_owned()).chain(std::env::split_paths(&path));
        let path = std::env::join_paths(folders).unwrap_or(path);
        let mut command = Command::new(program);
        command.env("PATH", path).envs(simulated::environment(address, ACCOUNT)).current_dir(self.stage.folder());
        command
    }
}
