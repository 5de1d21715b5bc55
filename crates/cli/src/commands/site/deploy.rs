//! `towpath site deploy`: a directory becomes a release, and the release is promoted.

use std::path::PathBuf;

use towpath_core::{
    config::Environment,
    identifier::{CommitId, ComponentName, EnvironmentName, Version},
    ledger::{Creation, Ledger, Releases, history},
    release::NewRelease,
};

use crate::{
    Exit,
    error::CliError,
    setting::{
        AtHand, Context, Project, TriggerArgs, actor, directory_of, files_in, gather_site, source, version_or_of_commit,
    },
};

use super::super::promote;

/// Makes a release of a site's directory and of what serves beside it, and promotes it. What serves beside it stays.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to.
    environment: EnvironmentName,
    /// Which site.
    component: ComponentName,
    /// The directory that the site was built into; without it, the configured one.
    #[arg(long, value_name = "PATH")]
    directory: Option<PathBuf>,
    /// The version; without it, what a tag on the commit says, otherwise `0.0.0-g` and the commit.
    #[arg(long)]
    version: Option<Version>,
    /// The commit that the site was built from; without it, the one that is checked out.
    #[arg(long)]
    commit: Option<CommitId>,
    #[command(flatten)]
    trigger: TriggerArgs,
}

pub(super) async fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let project = context.project()?;
    project.require_lasting_ledger(context)?;
    project.site(&args.environment, &args.component)?;
    let environment = project.environment(&args.environment)?.clone();
    let commit = match &args.commit {
        Some(commit) => commit.clone(),
        None => source(&project).head().await?,
    };
    let version = match &args.version {
        Some(version) => version.clone(),
        None => version_or_of_commit(&project, &commit).await?,
    };
    // One for all: what was read to make the release is not read again to promote it.
    let files = files_in(&directory_of(&project, &args.component, args.directory.as_deref())?);
    let draft = beside(&project, &environment, &args.component, version.clone(), commit).await?;
    let component = args.component.clone();
    let site = gather_site(&project, &component, &*files).await?;
    let draft = NewRelease {
        sites: draft.sites.into_iter().chain([(component.clone(), site.digest().clone())]).collect(),
        ..draft
    };
    let by = actor(&context.variables).name;
    let release = draft.create(&project.application, jiff::Timestamp::now(), &by)?;
    let created = match Releases::new(&*project.store).create(&release).await? {
        Creation::Created => "created",
        Creation::AlreadyThere(_) => "was there already, with the same content",
    };
    context.printer.say(&format!("release {version} {created}"));
    let at_hand = AtHand { component, files, manifest: Some(site) };
    promote::promote(context, &args.environment, &version, &args.trigger, vec![at_hand]).await
}

/// The release as far as it is what serves already: every other component's newest proof.
async fn beside(
    project: &Project,
    environment: &Environment,
    site: &ComponentName,
    version: Version,
    commit: CommitId,
) -> Result<NewRelease, CliError> {
    let records = Ledger::new(&*project.store, &environment.name).records().await?;
    let releases = Releases::new(&*project.store);
    let app = project.application.app.clone();
    let mut draft = NewRelease {
        app,
        version,
        commit,
        images: std::collections::BTreeMap::new(),
        sites: std::collections::BTreeMap::new(),
    };
    for (name, proven) in history::last_proven(&records) {
        let Some(served) = &proven.serving.version else {
            continue;
        };
        if let Some(image) = releases.get(served).await?.image(&name) {
            draft.images.insert(name, image.clone());
        }
    }
    for (name, proven) in history::last_proven_sites(&records) {
        if name != *site {
            draft.sites.insert(name, proven.live.manifest);
        }
    }
    Ok(draft)
}
