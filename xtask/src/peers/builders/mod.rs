//! The builders: `towpath build` of the example's service with the real buildah and podman, to the simulator's
//! registry, its promotion to a second account, and skopeo to look at what is in both.
//!
//! docker and docker buildx are not among them: a daemon is not started for a check.

pub(super) mod example;

mod workplace;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use towpath_core::identifier::Digest;

use super::{programs::Programs, tally::Tally};

use workplace::{ACCOUNTS, Machine, Workplace};

type Check = (&'static str, fn(&Workplace<'_>) -> Result<()>);

const CHECKS: [Check; 3] = [
    ("an image has the digest that its release names, also in a second account", single),
    ("an index of two platforms has the digest that its release names, also in a second account", index),
    ("the same commit gives the same image", again),
];

/// Lets each builder that is here do its checks.
pub(super) fn check(tally: &mut Tally, programs: &Programs) {
    let machine = Machine::of(programs);
    for tool in ["buildah", "podman"] {
        let why_not = machine.as_ref().map_err(|error| format!("{error:#}")).and_then(|machine| machine.lacks(tool));
        for (name, check) in CHECKS {
            match (&machine, &why_not) {
                (Ok(machine), Ok(())) => {
                    tally.note_result(tool, name, Workplace::open(machine, tool).and_then(|place| check(&place)));
                }
                (_, Err(reason)) => tally.note_missing(tool, name, reason),
                (Err(error), Ok(())) => tally.note_missing(tool, name, &format!("{error:#}")),
            }
        }
    }
}

fn single(place: &Workplace<'_>) -> Result<()> {
    as_released(place, r#"["linux/amd64"]"#, 1)
}

fn index(place: &Workplace<'_>) -> Result<()> {
    as_released(place, r#"["linux/amd64", "linux/arm64"]"#, 2)
}

/// The registry has, under the tag, the very bytes that the release's digest is of.
fn as_released(place: &Workplace<'_>, platforms: &str, images: usize) -> Result<()> {
    place.prepare(platforms)?;
    let built = place.build(&["--version", "1.0.0"])?;
    let image = built["release"]["artifacts"]["api"]["image"].as_str().context("the release has no image")?;
    let [first, second] = ACCOUNTS;
    let raw = place.skopeo(first, &["inspect", "--raw"], ":v1.0.0")?;
    let digest = Digest::of(&raw);
    ensure!(image.ends_with(digest.as_str()), "the release names {image}, and the registry has {digest}");
    let manifest: Value = serde_json::from_slice(&raw)?;
    let found = manifest["manifests"].as_array().map_or(1, Vec::len);
    ensure!(found == images, "there are {found} images in place of {images}");
    let configuration: Value = serde_json::from_slice(&place.skopeo(first, &["inspect", "--config"], ":v1.0.0")?)?;
    let environment = configuration["config"]["Env"].to_string();
    let commit = built["release"]["commit"].as_str().unwrap_or_default();
    ensure!(
        environment.contains("VERSION=1.0.0") && environment.contains(&format!("GIT_SHA={commit}")),
        "the image was not given version and commit, but has {environment}"
    );
    let user = &configuration["config"]["User"];
    ensure!(user == "65532:65532", "the image runs as {user}");
    let version = &configuration["config"]["Labels"]["org.opencontainers.image.version"];
    ensure!(version == "1.0.0", "the label of the version is {version}");
    promoted(place, second, &digest, &raw)
}

/// Promoted to an account with a repository of its own, it is there with the very same bytes, under the same digest, and
/// serves.
fn promoted(place: &Workplace<'_>, account: &str, digest: &Digest, raw: &[u8]) -> Result<()> {
    for (account, environment) in ACCOUNTS.into_iter().zip(["staging", "production"]) {
        let report = place.towpath(account, &["promote", environment, "--release", "1.0.0"])?;
        ensure!(report["outcome"] == "succeeded", "{environment}: {}", report["reason"]);
    }
    let there = place.skopeo(account, &["inspect", "--raw"], &format!("@{digest}"))?;
    ensure!(Digest::of(&there) == *digest && there == raw, "account {account} has other bytes under {digest}");
    let index: Value = serde_json::from_slice(raw)?;
    for entry in index["manifests"].as_array().into_iter().flatten() {
        let child = entry["digest"].as_str().unwrap_or_default();
        let there = place.skopeo(account, &["inspect", "--raw"], &format!("@{child}"))?;
        ensure!(Digest::of(&there).as_str() == child, "account {account} has other bytes under {child}");
    }
    let verified = place.towpath(account, &["release", "verify", "1.0.0"])?;
    ensure!(verified["places"].as_array().is_some_and(|places| places.len() == 2), "{verified}");
    Ok(())
}

fn again(place: &Workplace<'_>) -> Result<()> {
    place.prepare(r#"["linux/amd64"]"#)?;
    let digest = || -> Result<Value> {
        let built = place.build(&["--version", "1.0.0", "--local"])?;
        Ok(built["components"]["api"].clone())
    };
    let (first, second) = (digest()?, digest()?);
    ensure!(first.is_string() && first == second, "first it was {first}, then {second}");
    Ok(())
}
