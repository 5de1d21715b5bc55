//! All who see notices.

use std::path::Path;

use towpath_core::engine::{Notice, Observer};

use crate::{Printer, error::CliError};

use super::{lines::Lines, ndjson::Ndjson};

/// Lines for people, and one JSON document a notice for machines where they are asked for.
pub(crate) struct Notices {
    lines: Option<Lines>,
    ndjson: Option<Ndjson>,
}

impl Notices {
    /// `events` is where machines read: a file, or `-` for standard error, which people then leave alone.
    pub(crate) fn new(printer: &Printer, events: Option<&Path>) -> Result<Self, CliError> {
        let is_standard_error = events == Some(Path::new("-"));
        let lines = (!is_standard_error).then(|| Lines::new(printer.clone()));
        Ok(Self { lines, ndjson: events.map(|path| Ndjson::open(path, printer)).transpose()? })
    }

    /// Nothing more will be told: what was drawn over is taken away.
    pub(crate) fn end(&self) {
        self.lines.iter().for_each(Lines::end);
    }
}

impl Observer for Notices {
    fn notice(&self, notice: Notice) {
        if let Some(ndjson) = &self.ndjson {
            ndjson.write(&notice);
        }
        if let Some(lines) = &self.lines {
            lines.tell(&notice);
        }
    }
}
