//! The application that a command is about: its configuration, found and read, and its ledger.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use towpath_core::{
    config::{Application, Environment, LedgerLocation, parse},
    engine::EngineError,
    identifier::EnvironmentName,
    ports::Store,
};
use towpath_host::DirectoryStore;

use crate::{error::CliError, variables};

use super::Context;

const FILE: &str = "towpath.toml";

/// An application, its configuration's place, and its ledger.
pub(crate) struct Project {
    pub(crate) application: Application,
    /// The configuration.
    pub(crate) file: PathBuf,
    /// The folder that the configuration is in: what it names is relative to it.
    pub(crate) folder: PathBuf,
    pub(crate) store: Arc<dyn Store>,
}

impl Project {
    /// Finds, reads and checks the configuration.
    pub(super) fn open(context: &Context) -> Result<Self, CliError> {
        let file = Self::find(context)?;
        let text = fs::read_to_string(&file).map_err(|source| CliError::Unreadable { path: file.clone(), source })?;
        let application = parse(&text, &file.display().to_string())?;
        let folder = match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            Some(_) | None => PathBuf::from("."),
        };
        let store = store(&application.ledger, &folder);
        Ok(Self { application, file, folder, store })
    }

    /// The configuration's place: as named, or the nearest upward from here.
    pub(crate) fn find(context: &Context) -> Result<PathBuf, CliError> {
        if let Some(path) = &context.globals.config {
            return Ok(path.clone());
        }
        let here = Context::folder()?;
        let found = here.ancestors().map(|folder| folder.join(FILE)).find(|file| file.is_file());
        let found = found.ok_or_else(|| CliError::NoConfiguration(here.clone()))?;
        Ok(found.strip_prefix(&here).map_or(found.clone(), Path::to_owned))
    }

    /// Where `init` writes.
    pub(crate) fn new_file(context: &Context) -> PathBuf {
        context.globals.config.clone().unwrap_or_else(|| PathBuf::from(FILE))
    }

    /// The environment of that name.
    pub(crate) fn environment(&self, name: &EnvironmentName) -> Result<&Environment, CliError> {
        let known = || self.application.environments.iter().map(|environment| environment.name.to_string()).collect();
        let unknown = || EngineError::UnknownEnvironment { name: name.clone(), known: known() };
        Ok(self.application.environment(name).ok_or_else(unknown)?)
    }

    /// These environments, or all of them.
    pub(crate) fn environments(&self, names: &[EnvironmentName]) -> Result<Vec<&Environment>, CliError> {
        if names.is_empty() {
            return Ok(self.application.environments.iter().collect());
        }
        names.iter().map(|name| self.environment(name)).collect()
    }

    /// Refuses to write a ledger that would be thrown away.
    pub(crate) fn require_lasting_ledger(&self, context: &Context) -> Result<(), CliError> {
        let LedgerLocation::Directory(_) = &self.application.ledger;
        let is_lost = context.variables.get(variables::RUNNER) == Some("github-hosted");
        let is_kept = context.variables.get(variables::FILE_LEDGER) == Some("keep");
        if is_lost && !is_kept { Err(CliError::LedgerWouldBeLost) } else { Ok(()) }
    }
}

fn store(location: &LedgerLocation, folder: &Path) -> Arc<dyn Store> {
    let LedgerLocation::Directory(directory) = location;
    Arc::new(DirectoryStore::new(folder.join(directory)))
}
