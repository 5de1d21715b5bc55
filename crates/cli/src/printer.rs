//! The one way out: data to standard output, everything else to standard error.
//!
//! Whatever passes here is made harmless; nothing else in this crate writes to either stream.

use std::{
    fmt,
    io::{self, ErrorKind, IsTerminal as _, Write},
    sync::{Arc, Mutex, PoisonError},
};

use serde::Serialize;

use crate::{error::CliError, plain};

/// Standard output and standard error, or what stands in for them.
#[derive(Clone)]
pub struct Printer {
    data: Stream,
    talk: Stream,
    is_terminal: bool,
}

/// Whether anybody still reads standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Somebody may.
    GoesOn,
    /// Whoever read has read enough.
    Over,
}

type Stream = Arc<Mutex<dyn Write + Send>>;

impl Printer {
    /// The process's own streams.
    pub fn standard() -> Self {
        Self {
            data: Arc::new(Mutex::new(io::stdout())),
            talk: Arc::new(Mutex::new(io::stderr())),
            is_terminal: io::stderr().is_terminal(),
        }
    }

    /// Other streams: the first takes the data, the second everything else.
    pub fn to(data: impl Write + Send + 'static, talk: impl Write + Send + 'static) -> Self {
        Self { data: Arc::new(Mutex::new(data)), talk: Arc::new(Mutex::new(talk)), is_terminal: false }
    }

    /// Whether a person watches standard error, so that a line may be drawn over.
    pub(crate) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Prints data: lines of text.
    pub(crate) fn data(&self, text: &str) -> Result<(), CliError> {
        self.raw(&format!("{}\n", plain::harmless(text.trim_end_matches('\n'))))
    }

    /// Prints data as one JSON document.
    pub(crate) fn json(&self, document: &impl Serialize) -> Result<(), CliError> {
        let text = serde_json::to_string_pretty(document).map_err(|error| CliError::Output(error.into()))?;
        self.raw(&format!("{}\n", plain::harmless_json(&text)))
    }

    /// Prints data that is no text for people: a script, a schema.
    pub(crate) fn raw(&self, text: &str) -> Result<(), CliError> {
        match write(&self.data, text) {
            // Whoever read has read enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            other => other.map_err(CliError::Output),
        }
    }

    /// Prints one line of data that goes on, and says whether anybody still reads.
    pub(crate) fn stream(&self, line: &str) -> Result<Reading, CliError> {
        self.flow(&format!("{}\n", plain::harmless(line)))
    }

    /// The same as one JSON document on one line.
    pub(crate) fn stream_json(&self, document: &impl Serialize) -> Result<Reading, CliError> {
        let text = serde_json::to_string(document).map_err(|error| CliError::Output(error.into()))?;
        self.flow(&format!("{}\n", plain::harmless_json(&text)))
    }

    fn flow(&self, text: &str) -> Result<Reading, CliError> {
        match write(&self.data, text) {
            Ok(()) => Ok(Reading::GoesOn),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reading::Over),
            Err(error) => Err(CliError::Output(error)),
        }
    }

    /// Says something to people. That nobody listens changes nothing.
    pub(crate) fn say(&self, text: &str) {
        let _nobody_listens = write(&self.talk, &format!("{}\n", plain::harmless(text.trim_end_matches('\n'))));
    }

    /// A JSON line for machines on standard error.
    pub(crate) fn say_json(&self, line: &str) {
        let _nobody_listens = write(&self.talk, &format!("{}\n", plain::harmless_json(line)));
    }

    /// A question that the answer is typed behind.
    pub(crate) fn ask(&self, question: &str) {
        let _nobody_listens = write(&self.talk, &plain::harmless(question)).and_then(|()| write(&self.talk, " "));
    }
}

fn write(stream: &Stream, text: &str) -> io::Result<()> {
    let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

impl fmt::Debug for Printer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Printer").field("is_terminal", &self.is_terminal).finish_non_exhaustive()
    }
}
