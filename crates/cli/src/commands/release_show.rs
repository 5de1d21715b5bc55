//! `towpath release show`: one release, and where it was proven.

use serde::Serialize;
use towpath_core::{
    identifier::{EnvironmentName, Version},
    ledger::{Ledger, Releases, history},
    policy::Proof,
    release::{Artifact, Release},
};

use crate::{Exit, error::CliError, setting::Context};

use super::release::instant;

/// Shows one release: its commit, its images, and where it was proven.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which.
    version: Version,
}

#[derive(Serialize)]
struct Document {
    #[serde(flatten)]
    release: Release,
    proven: Vec<Place>,
}

#[derive(Serialize)]
struct Place {
    environment: EnvironmentName,
    proof: Proof,
}

pub(super) async fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let project = context.project()?;
    let release = Releases::new(&*project.store).get(&args.version).await?;
    let mut proven = Vec::new();
    for environment in &project.application.environments {
        let records = Ledger::new(&*project.store, &environment.name).records().await?;
        proven.push(Place { environment: environment.name.clone(), proof: history::proof_of(&records, &release) });
    }
    let places: Vec<String> =
        proven.iter().map(|place| format!("  {}: {}", place.environment, words(&place.proof))).collect();
    let document = Document { release, proven };
    context.result(|| format!("{}\n{}", text(&document.release), places.join("\n")), &document)?;
    Ok(Exit::Done)
}

/// The release in a few lines.
pub(super) fn text(release: &Release) -> String {
    let first = format!(
        "{} {}, commit {}, created {} by {}",
        release.app,
        release.version,
        release.commit,
        instant(release.created_at),
        crate::plain::one_line(&release.created_by)
    );
    let images = release.artifacts.iter().map(|(component, artifact)| match artifact {
        Artifact::Image(image) => format!("  {component}: {image}"),
        Artifact::Site(site) => format!("  {component}: site {site}"),
    });
    let attested = release.attestations.iter().flat_map(|(component, all)| all.iter().map(move |one| (component, one)));
    let attested = attested.map(|(component, one)| {
        format!("  {component}: {} is attested to {} in {}", one.predicate, one.subject, one.manifest)
    });
    std::iter::once(first).chain(images).chain(attested).collect::<Vec<_>>().join("\n")
}

fn words(proof: &Proof) -> String {
    match proof {
        Proof::Proven { since, .. } => format!("proven since {}", instant(*since)),
        Proof::Superseded { by, until, .. } => {
            format!("proven, replaced by {by} at {}", instant(*until))
        }
        Proof::Withdrawn { at, .. } => format!("proven, taken back at {}", instant(*at)),
        Proof::NotProven => "not proven".to_owned(),
        Proof::Unknown { reason } => format!("cannot be told: {}", crate::plain::one_line(reason)),
    }
}
