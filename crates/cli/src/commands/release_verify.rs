//! `towpath release verify`: where a release's bytes are, and that they are the same.
//!
//! It reads every manifest again and looks for every layer; it downloads no layer.

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;
use towpath_core::{
    config::Environment,
    identifier::{ComponentName, Digest, EnvironmentName, ImageReference, Repository, Version},
    ledger::{Ledger, Releases, history},
    policy::Proof,
    ports::{ImageContents, Images},
    release::{Artifact, Holding, Need, Release},
};

use crate::{
    Exit,
    error::CliError,
    plain::count,
    setting::{Context, Project, connect},
    table::Table,
};

use super::release_create::registry;

/// Shows where the images of a release are, in the repository of every environment, and that they are the same there.
///
/// Every manifest is read again and held against its digest, every layer is looked for, and so is what refers to the
/// images: signatures, bills of materials, provenance. Exits with 11 where something is missing.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which; without it, the newest.
    version: Option<Version>,
}

#[derive(Serialize)]
struct Document {
    version: Version,
    places: Vec<Place>,
}

/// A component's image in one repository.
#[derive(Serialize)]
struct Place {
    component: ComponentName,
    digest: Digest,
    repository: Repository,
    /// The environments that take it from there.
    environments: Vec<EnvironmentName>,
    need: Need,
    #[serde(flatten)]
    holding: Holding,
    #[serde(skip)]
    error: Option<CliError>,
}

/// What a repository is to a release.
struct Role<'a> {
    environments: Vec<&'a Environment>,
    need: Need,
}

pub(super) async fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let project = context.project()?;
    let release = release(&project, args.version.as_ref()).await?;
    let mut places = Vec::new();
    for (component, artifact) in &release.artifacts {
        let Artifact::Image(image) = artifact else {
            continue;
        };
        places.extend(of_component(&project, &release, component, image).await?);
    }
    let document = Document { version: release.version, places };
    context.result(|| text(&document), &document)?;
    let is_different = document.places.iter().any(|place| place.holding.is_difference(place.need));
    let error = document.places.into_iter().find_map(|place| place.error);
    match error {
        _ if is_different => Ok(Exit::Difference),
        Some(error) => Err(error),
        None => Ok(Exit::Done),
    }
}

async fn release(project: &Project, version: Option<&Version>) -> Result<Release, CliError> {
    let releases = Releases::new(&*project.store);
    match version {
        Some(version) => Ok(releases.get(version).await?),
        None => releases.all().await?.pop().ok_or(CliError::NoReleases),
    }
}

async fn of_component(
    project: &Project,
    release: &Release,
    component: &ComponentName,
    image: &ImageReference,
) -> Result<Vec<Place>, CliError> {
    let mut places = Vec::new();
    let named = image.repository();
    let mut roles = roles(project, release, component, image).await?;
    let account = named.ecr().map(|(account, _)| account);
    let origin = seen(registry(project, account).await, image).await;
    let contents = origin.as_ref().ok().cloned().flatten();
    if let Some(role) = roles.remove(named) {
        places.push(place(component, image, role, origin, contents.as_ref()));
    }
    for (repository, role) in roles {
        let there = ImageReference::new(repository, image.digest().clone());
        let environment = role.environments.first().expect("a repository is here for an environment");
        let images = connect(project, environment).await.map(|world| world.images);
        let found = seen(images, &there).await;
        places.push(place(component, &there, role, found, contents.as_ref()));
    }
    Ok(places)
}

/// Every repository that matters: the one that the release names, and those of the environments.
async fn roles<'a>(
    project: &'a Project,
    release: &Release,
    component: &ComponentName,
    image: &ImageReference,
) -> Result<BTreeMap<Repository, Role<'a>>, CliError> {
    let named = Role { environments: Vec::new(), need: Need::Required };
    let mut roles = BTreeMap::from([(image.repository().clone(), named)]);
    for environment in &project.application.environments {
        let Some(service) = environment.services.get(component) else {
            continue;
        };
        let repository = service.repository.as_ref().unwrap_or(image.repository()).clone();
        let role = roles.entry(repository).or_insert(Role { environments: Vec::new(), need: Need::NotYet });
        role.environments.push(environment);
        let records = Ledger::new(&*project.store, &environment.name).records().await?;
        match history::proof_of(&records, release) {
            Proof::Proven { .. } | Proof::Superseded { .. } | Proof::Withdrawn { .. } => role.need = Need::Required,
            Proof::NotProven | Proof::Unknown { .. } => {}
        }
    }
    Ok(roles)
}

async fn seen(
    images: Result<Arc<dyn Images>, CliError>,
    image: &ImageReference,
) -> Result<Option<ImageContents>, CliError> {
    images?.contents(image).await.map_err(|error| CliError::Publish(Box::new(error)))
}

fn place(
    component: &ComponentName,
    image: &ImageReference,
    role: Role<'_>,
    found: Result<Option<ImageContents>, CliError>,
    origin: Option<&ImageContents>,
) -> Place {
    let (holding, error) = match found {
        Ok(found) => (Holding::of(found.as_ref(), origin), None),
        Err(error) if error.is_no_repository() => (Holding::Absent, None),
        Err(error) => (Holding::Unknown { reason: error.chain().join(": ") }, Some(error)),
    };
    Place {
        component: component.clone(),
        digest: image.digest().clone(),
        repository: image.repository().clone(),
        environments: role.environments.into_iter().map(|environment| environment.name.clone()).collect(),
        need: role.need,
        holding,
        error,
    }
}

fn text(document: &Document) -> String {
    let mut table = Table::new(["component", "digest", "repository", "environments", "state"]);
    for place in &document.places {
        let environments: Vec<&str> = place.environments.iter().map(EnvironmentName::as_str).collect();
        table.row(&[
            place.component.to_string(),
            place.digest.short().to_owned(),
            place.repository.to_string(),
            if environments.is_empty() { "-".to_owned() } else { environments.join(", ") },
            words(&place.holding, place.need),
        ]);
    }
    format!("release {}\n{}", document.version, table.to_text())
}

fn words(holding: &Holding, need: Need) -> String {
    let named = |digests: &[Digest]| digests.iter().map(Digest::as_str).collect::<Vec<_>>().join(", ");
    match (holding, need) {
        (Holding::Whole { manifests, layers, referrers }, _) => format!(
            "whole: {}, {}, {}",
            count(*manifests, "manifest"),
            count(*layers, "layer"),
            count(*referrers, "referrer")
        ),
        (Holding::Absent, Need::Required) => "missing, and it has to be there".to_owned(),
        (Holding::Absent, Need::NotYet) => "not there yet".to_owned(),
        (Holding::Incomplete { missing }, _) => format!("incomplete, without {}", named(missing)),
        (Holding::Unattested { lacking }, _) => format!("whole, but without what refers to it: {}", named(lacking)),
        (Holding::Unknown { reason }, _) => format!("cannot be told: {reason}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told_by_whether_it_has_to_be_there() {
        let place = |name: &str, need, holding| Place {
            component: "api".parse().unwrap(),
            digest: Digest::of(b"image"),
            repository: format!("ghcr.io/shop/{name}").parse().unwrap(),
            environments: vec![name.parse().unwrap()],
            need,
            holding,
            error: None,
        };
        let places = vec![
            place("dev", Need::Required, Holding::Whole { manifests: 4, layers: 1, referrers: 0 }),
            place("staging", Need::Required, Holding::Absent),
            place("production", Need::NotYet, Holding::Absent),
        ];
        let document = Document { version: "1.2.0".parse().unwrap(), places };
        insta::assert_snapshot!(text(&document), @r"
        release 1.2.0
        COMPONENT  DIGEST        REPOSITORY               ENVIRONMENTS  STATE
        api        6105d6cc76af  ghcr.io/shop/dev         dev           whole: 4 manifests, 1 layer, 0 referrers
        api        6105d6cc76af  ghcr.io/shop/staging     staging       missing, and it has to be there
        api        6105d6cc76af  ghcr.io/shop/production  production    not there yet
        ");
    }
}
