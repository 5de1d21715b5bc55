//! The scanner that is pinned, logged in to the registries that it pulls from.

use std::collections::BTreeMap;

use towpath_aws::Settings;
use towpath_core::{
    config::Environment,
    identifier::{AccountId, ImageReference, Region},
    scan::Scanner,
};
use towpath_host::{HostScanner, RegistryLogin};

use crate::error::CliError;

use super::{Project, aws, publisher};

/// The scanner, if it is here and is the one that is pinned.
pub(crate) async fn scanner(
    project: &Project,
    scanner: Scanner,
    logins: &[RegistryLogin],
) -> Result<HostScanner, CliError> {
    let scanners = &project.application.scanners;
    let pin = scanners.pin(scanner).ok_or(CliError::NotPinned(scanner))?;
    let found = HostScanner::find(scanner, pin, scanners.timeout, std::env::vars_os(), logins).await;
    found.map_err(|error| CliError::NoScanner(Box::new(error)))
}

/// The logins to the ECR registries of these images. Others are pulled from as the person is logged in.
pub(crate) async fn logins(project: &Project, images: &[ImageReference]) -> Result<Vec<RegistryLogin>, CliError> {
    let mut logins = BTreeMap::new();
    for repository in images.iter().map(ImageReference::repository) {
        let Some((account, region)) = repository.ecr() else { continue };
        let (Ok(account), Ok(region)) = (account.parse::<AccountId>(), region.parse::<Region>()) else { continue };
        if logins.contains_key(repository.registry()) {
            continue;
        }
        let login = match environment(project, &account) {
            Some(environment) => {
                let settings = Settings::new(region.clone(), account.clone());
                aws(environment, settings).await?.registry_login(&region).await
            }
            None => publisher(project).await?.registry_login(&region).await,
        };
        let login = login.map_err(|error| CliError::Registry(Box::new(error)))?;
        let registry = repository.registry().to_owned();
        logins.insert(registry.clone(), RegistryLogin::new(registry, login.user(), login.password()));
    }
    Ok(logins.into_values().collect())
}

/// An environment in that account, as whose role its registry is pulled from.
fn environment<'a>(project: &'a Project, account: &AccountId) -> Option<&'a Environment> {
    project.application.environments.iter().find(|environment| environment.account == *account)
}
