//! `towpath release create`: an immutable release of images that are there.

use std::{collections::BTreeMap, path::PathBuf};

use towpath_core::{
    identifier::{AccountId, CommitId, ComponentName, ImageReference, InvalidIdentifier, TaggedImage, Version},
    ledger::{Creation, Releases},
    ports::{ImagePresence, Images},
    release::{NewRelease, Release},
};

use crate::{
    Exit,
    error::CliError,
    setting::{Context, Project, actor, connect, files_in, gather_site, source, version_or_of_commit},
};

/// Makes a release of images that are in their registries. A tag is resolved once, now; what is kept is the digest.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A component's image, `COMPONENT=REPOSITORY@sha256:…` or `COMPONENT=REPOSITORY:TAG`; one for each component.
    #[arg(long = "image", value_name = "IMAGE", required_unless_present = "sites", value_parser = image)]
    images: Vec<(ComponentName, Named)>,
    /// The directory that a site was built into, `COMPONENT=PATH`; one for each site.
    #[arg(long = "site", value_name = "SITE", value_parser = site)]
    sites: Vec<(ComponentName, PathBuf)>,
    /// The version; without it, what a tag on the commit says, otherwise `0.0.0-g` and the commit.
    #[arg(long)]
    version: Option<Version>,
    /// The commit that the images were built from; without it, the one that is checked out.
    #[arg(long)]
    commit: Option<CommitId>,
}

/// An image as it was typed.
#[derive(Debug, Clone)]
pub(super) enum Named {
    Digest(ImageReference),
    Tag(TaggedImage),
}

pub(super) fn image(text: &str) -> Result<(ComponentName, Named), InvalidIdentifier> {
    let (component, image) = text.split_once('=').ok_or_else(|| InvalidIdentifier {
        what: "a component's image",
        value: text.to_owned(),
        rule: "use `COMPONENT=REPOSITORY@sha256:…` or `COMPONENT=REPOSITORY:TAG`",
    })?;
    if image.trim().is_empty() {
        return Err(InvalidIdentifier {
            what: "an image",
            value: text.to_owned(),
            rule: "it is empty; a job's output that holds a masked value is dropped by the CI system, so it may have been \
                   dropped: pass the digest or the tag alone, without what is masked (an account's number, for example)",
        });
    }
    let named = if image.contains('@') { Named::Digest(image.parse()?) } else { Named::Tag(image.parse()?) };
    Ok((component.parse()?, named))
}

/// The directory of a site as it was typed.
pub(super) fn site(text: &str) -> Result<(ComponentName, PathBuf), InvalidIdentifier> {
    match text.split_once('=').filter(|(_, path)| !path.trim().is_empty()) {
        Some((component, path)) => Ok((component.parse()?, PathBuf::from(path))),
        None => Err(InvalidIdentifier {
            what: "a site's directory",
            value: text.to_owned(),
            rule: "use `COMPONENT=PATH`, for example `web=frontend/dist`",
        }),
    }
}

pub(super) async fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let project = context.project()?;
    project.require_lasting_ledger(context)?;
    let commit = match &args.commit {
        Some(commit) => commit.clone(),
        None => source(&project).head().await?,
    };
    let version = match &args.version {
        Some(version) => version.clone(),
        None => version_or_of_commit(&project, &commit).await?,
    };
    let images = resolve(&args.images, &project, context).await?;
    let mut sites = BTreeMap::new();
    for (component, directory) in &args.sites {
        let site = gather_site(&project, component, &*files_in(directory)).await?;
        if sites.insert(component.clone(), site.digest().clone()).is_some() {
            return Err(CliError::ImageTwice { component: component.clone() });
        }
    }
    let draft = NewRelease { app: project.application.app.clone(), version, commit, images, sites };
    let by = actor(&context.variables).name;
    let release = draft.create(&project.application, jiff::Timestamp::now(), &by)?;
    match Releases::new(&*project.store).create(&release).await? {
        Creation::Created => tell(&release, "created", context),
        Creation::AlreadyThere(there) => tell(&there, "was there already, with the same content:", context),
    }
}

/// The images that were named, each by its digest.
pub(super) async fn resolve(
    named: &[(ComponentName, Named)],
    project: &Project,
    context: &Context,
) -> Result<BTreeMap<ComponentName, ImageReference>, CliError> {
    let mut images = BTreeMap::new();
    for (component, named) in named {
        let image = match named {
            Named::Digest(image) => require(image, project, context).await?,
            Named::Tag(tagged) => digest_of(tagged, project).await?,
        };
        if images.insert(component.clone(), image).is_some() {
            return Err(CliError::ImageTwice { component: component.clone() });
        }
    }
    Ok(images)
}

/// The image, where it is there; a registry that cannot be looked into is said, and forbids nothing.
async fn require(image: &ImageReference, project: &Project, context: &Context) -> Result<ImageReference, CliError> {
    let unknown = |why: &str| {
        context.printer.say(&format!("note: whether {image} exists was not checked: {why}"));
    };
    let looked = match registry(project, image.repository().ecr().map(|(account, _)| account)).await {
        Ok(images) => images.presence(image).await.map_err(|error| CliError::Registry(Box::new(error))),
        Err(error) => Err(error),
    };
    match looked {
        Ok(ImagePresence::Present) => {}
        Ok(ImagePresence::Missing) => return Err(CliError::NoSuchImage(image.to_string())),
        Ok(ImagePresence::NotPullable(state)) => {
            return Err(CliError::NoSuchImage(format!("{image} ({state})")));
        }
        Ok(ImagePresence::CannotTell(why)) => unknown(&why),
        Err(error) => unknown(&error.chain().join(": ")),
    }
    Ok(image.clone())
}

async fn digest_of(tagged: &TaggedImage, project: &Project) -> Result<ImageReference, CliError> {
    let images = registry(project, tagged.repository.ecr().map(|(account, _)| account)).await?;
    let digest = images.resolve(tagged).await.map_err(|error| CliError::Registry(Box::new(error)))?;
    let digest = digest.ok_or_else(|| CliError::NoSuchTag(tagged.clone()))?;
    Ok(ImageReference::new(tagged.repository.clone(), digest))
}

/// Registries, called as the environment whose account the registry is in; otherwise as the first one.
pub(super) async fn registry(project: &Project, account: Option<&str>) -> Result<std::sync::Arc<dyn Images>, CliError> {
    let environments = &project.application.environments;
    let account: Option<AccountId> = account.and_then(|account| account.parse().ok());
    let nearest = environments.iter().find(|environment| Some(&environment.account) == account.as_ref());
    let environment = nearest.or_else(|| environments.first()).expect("a configuration has an environment");
    Ok(connect(project, environment).await?.images)
}

fn tell(release: &Release, how: &str, context: &Context) -> Result<Exit, CliError> {
    context.result(|| format!("{how} {}", super::release_show::text(release)), release)?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_that_a_ci_system_has_dropped_is_said_to_be_empty() {
        for text in ["api=", "api= "] {
            let said = image(text).unwrap_err().to_string();
            assert!(said.contains("empty") && said.contains("masked"), "{said}");
        }
    }
}
