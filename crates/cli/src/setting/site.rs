//! The directory of a site on this machine, and what a release keeps of it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use towpath_core::{
    config::SiteSource,
    identifier::{ComponentName, EnvironmentName},
    ledger::Sites,
    ports::{FileBytes, SiteFiles},
    site::{Manifest, Pack, SiteDigest, packed},
};
use towpath_host::SiteDirectory;

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

/// Looks through a site's directory and keeps its manifest and its small mutable files beside the ledger: what is
/// returned names them.
pub(crate) async fn gather_site(
    project: &Project,
    component: &ComponentName,
    directory: &Path,
) -> Result<SiteDigest, CliError> {
    let rules = &rules(project, component)?.rules;
    let files = files_in(directory);
    let survey = files.survey(&rules.survey).await.map_err(Box::new)?;
    let manifest = rules.manifest(&survey);
    let pack = packed_of(&*files, &manifest).await?;
    let sites = Sites::new(&*project.store);
    sites.keep_pack(manifest.digest(), &pack).await?;
    sites.keep_manifest(&manifest).await?;
    Ok(manifest.digest().clone())
}

async fn packed_of(files: &dyn SiteFiles, manifest: &Manifest) -> Result<Pack, CliError> {
    let mut pack = Pack::default();
    for path in packed(manifest) {
        let Some(file) = manifest.file(&path) else {
            continue;
        };
        match files.read(&path, &file.content()).await? {
            FileBytes::Whole(bytes) => pack.add(bytes),
            // Files of that size come whole.
            FileBytes::Pieces(_) => {}
        }
    }
    Ok(pack)
}

fn rules<'p>(project: &'p Project, component: &ComponentName) -> Result<&'p SiteSource, CliError> {
    let source = project.application.component(component).and_then(|component| component.site.as_ref());
    let sites = || project.application.components.iter().filter(|one| one.site.is_some());
    source.ok_or_else(|| CliError::NoSuchComponent {
        component: component.clone(),
        known: sites().map(|site| site.name.to_string()).collect(),
    })
}
