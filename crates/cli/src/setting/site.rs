//! The directory of a site on this machine, and what a release keeps of it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use towpath_core::{
    config::SiteSource,
    engine::{KeepSiteError, keep_site},
    identifier::{ComponentName, EnvironmentName},
    ports::SiteFiles,
    site::Manifest,
};
use towpath_host::{SiteDirectory, run_site_build};

use crate::error::CliError;

use super::Project;

impl Project {
    /// What is configured of a site, where the component is one of that environment.
    pub(crate) fn site(
        &self,
        environment: &EnvironmentName,
        component: &ComponentName,
    ) -> Result<&SiteSource, CliError> {
        let environment = self.environment(environment)?;
        let source = self.application.component(component).and_then(|component| component.site.as_ref());
        source.filter(|_| environment.sites.contains_key(component)).ok_or_else(|| CliError::NoSuchComponent {
            component: component.clone(),
            known: environment.sites.keys().map(ToString::to_string).collect(),
        })
    }
}

/// The directory that is named, or the one that is configured.
pub(crate) fn directory_of(
    project: &Project,
    component: &ComponentName,
    named: Option<&Path>,
) -> Result<PathBuf, CliError> {
    match named {
        Some(named) => Ok(named.to_path_buf()),
        None => Ok(project.folder.join(&rules(project, component)?.build.directory)),
    }
}

/// The directory as the port that reads it.
pub(crate) fn files_in(directory: &Path) -> Arc<dyn SiteFiles> {
    Arc::new(SiteDirectory::new(directory.to_path_buf(), directory.display().to_string()))
}

/// What is at hand of a site on this machine.
pub(crate) struct AtHand {
    pub(crate) component: ComponentName,
    /// The directory that it was built into.
    pub(crate) files: Arc<dyn SiteFiles>,
    /// What was just found there and kept, so that it need not be read again.
    pub(crate) manifest: Option<Manifest>,
}

/// Looks through a site's directory and keeps its manifest and its small mutable files beside the ledger: what is
/// returned names them.
pub(crate) async fn gather_site(
    project: &Project,
    component: &ComponentName,
    files: &dyn SiteFiles,
) -> Result<Manifest, CliError> {
    let rules = &rules(project, component)?.rules;
    let kept = keep_site(files, rules, &*project.store).await;
    match kept {
        Ok(kept) => Ok(kept.manifest),
        Err(KeepSiteError::Survey(error)) => Err(Box::new(error).into()),
        Err(KeepSiteError::File(error)) => Err(error.into()),
        Err(KeepSiteError::Sites(error)) => Err(error.into()),
    }
}

/// Runs a site's build command, where it has one, and makes an artifact of its directory.
pub(crate) async fn build_site(project: &Project, component: &ComponentName) -> Result<Manifest, CliError> {
    let build = &rules(project, component)?.build;
    if !build.command.is_empty() {
        let ended = run_site_build(&project.folder, &build.command).await;
        ended.map_err(|source| CliError::SiteNotBuilt { component: component.clone(), source: Box::new(source) })?;
    }
    gather_site(project, component, &*files_in(&project.folder.join(&build.directory))).await
}

fn rules<'p>(project: &'p Project, component: &ComponentName) -> Result<&'p SiteSource, CliError> {
    let source = project.application.component(component).and_then(|component| component.site.as_ref());
    let sites = || project.application.components.iter().filter(|one| one.site.is_some());
    source.ok_or_else(|| CliError::NoSuchComponent {
        component: component.clone(),
        known: sites().map(|site| site.name.to_string()).collect(),
    })
}
