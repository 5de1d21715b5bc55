//! The binary that Towpath's GitHub Action runs: inputs to a command line, its result to outputs and a summary.
//!
//! It decides nothing: `towpath` does, the very same code, with the same exit code.

mod inputs;

mod ending;

mod annotation;
mod markdown;
mod outputs;

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context as _;
use towpath_cli::{Exit, Printer, Variables};

use ending::Ending;

fn main() -> ExitCode {
    let words = match inputs::words(|name| env::var(name).ok()) {
        Ok(words) => words,
        Err(problem) => return failed(&problem, Exit::Usage),
    };
    let document = Shared::default();
    let exit = towpath_cli::run(words, &Printer::to(document.clone(), io::stderr()), Variables::of_process());
    let ending = Ending::read(&document.bytes(), exit);
    match tell(&ending) {
        Ok(()) => exit.into(),
        Err(error) => failed(&format!("{error:#}"), if exit == Exit::Done { Exit::Partial } else { exit }),
    }
}

fn tell(ending: &Ending) -> anyhow::Result<()> {
    let lines = [ending.text(), annotation::of(ending)].concat();
    io::stdout().write_all(lines.as_bytes()).context("cannot print")?;
    if let Some(path) = env::var_os("GITHUB_OUTPUT") {
        outputs::append(&path, &outputs::of(ending)).context("cannot write GITHUB_OUTPUT")?;
    }
    if let Some(path) = env::var_os("GITHUB_STEP_SUMMARY") {
        outputs::append(&path, &markdown::of(ending)).context("cannot write GITHUB_STEP_SUMMARY")?;
    }
    Ok(())
}

fn failed(problem: &str, exit: Exit) -> ExitCode {
    let _nobody_listens = io::stdout().write_all(annotation::error("towpath", problem).as_bytes());
    exit.into()
}

/// What standard output gets, kept.
#[derive(Debug, Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
