//! Notices for machines: one JSON document a line, with the time it was told, in the order it happened.

use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    path::Path,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;
use serde::Serialize;
use towpath_core::engine::Notice;

use crate::{Printer, error::CliError};

/// Where the lines go.
pub(super) enum Ndjson {
    File(Mutex<File>),
    StandardError(Printer),
}

#[derive(Serialize)]
struct Line<'a> {
    at: Timestamp,
    #[serde(flatten)]
    notice: &'a Notice,
}

impl Ndjson {
    /// Lines are appended to the file, so that several runs can share it.
    pub(super) fn open(path: &Path, printer: &Printer) -> Result<Self, CliError> {
        if path == Path::new("-") {
            return Ok(Self::StandardError(printer.clone()));
        }
        let file = OpenOptions::new().create(true).append(true).open(path);
        let unwritable = |source| CliError::Unwritable { path: path.to_owned(), source };
        Ok(Self::File(Mutex::new(file.map_err(unwritable)?)))
    }

    /// A notice that cannot be written is lost: it is never the truth, the journal is.
    pub(super) fn write(&self, notice: &Notice) {
        let Ok(line) = serde_json::to_string(&Line { at: Timestamp::now(), notice }) else {
            return;
        };
        match self {
            Self::StandardError(printer) => printer.say_json(&line),
            Self::File(file) => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                let _lost = file.write_all(format!("{line}\n").as_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_time_and_the_notice() {
        let notice = Notice::Trouble { message: "slow\ndown".to_owned() };
        let line = Line { at: "2026-03-02T09:00:00Z".parse().unwrap(), notice: &notice };
        insta::assert_snapshot!(serde_json::to_string(&line).unwrap(), @r#"{"at":"2026-03-02T09:00:00Z","notice":"trouble","message":"slow\ndown"}"#);
    }
}
