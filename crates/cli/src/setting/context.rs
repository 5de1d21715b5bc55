//! The options of every command, the printer and the variables.

use std::path::PathBuf;

use serde::Serialize;

use crate::{Output, Printer, Variables, arguments::Globals, error::CliError, notices::Notices};

use super::Project;

/// What every command is given.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) globals: Globals,
    pub(crate) printer: Printer,
    pub(crate) variables: Variables,
}

impl Context {
    pub(crate) fn new(globals: Globals, printer: Printer, variables: Variables) -> Self {
        Self { globals, printer, variables }
    }

    /// The configuration, read and checked.
    pub(crate) fn project(&self) -> Result<Project, CliError> {
        Project::open(self)
    }

    /// Who sees what the engine tells.
    pub(crate) fn notices(&self) -> Result<Notices, CliError> {
        Notices::new(&self.printer, self.globals.events.as_deref())
    }

    /// The folder that the command was given in.
    pub(crate) fn folder() -> Result<PathBuf, CliError> {
        std::env::current_dir().map_err(|source| CliError::Unreadable { path: PathBuf::from("."), source })
    }

    /// Prints the result, as lines or as the one document.
    pub(crate) fn result(&self, text: impl FnOnce() -> String, document: &impl Serialize) -> Result<(), CliError> {
        match self.globals.output {
            Output::Text => self.printer.data(&text()),
            Output::Json => self.printer.json(document),
        }
    }
}
