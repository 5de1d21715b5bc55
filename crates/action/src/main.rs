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
        Err(problem) => return end(&Ending::of_problem(&problem, Exit::Usage)),
    };
    let document = Shared::default();
    let exit = towpath_cli::run(words, &Printer::to(document.clone(), io::stderr()), Variables::of_process());
    end(&Ending::read(&document.bytes(), exit))
}

/// Tells the ending to the runner, whatever it is.
fn end(ending: &Ending) -> ExitCode {
    match tell(ending) {
        Ok(()) => ending.exit.into(),
        Err(error) => {
            let exit = if ending.exit == Exit::Done { Exit::Partial } else { ending.exit };
            failed(&format!("{error:#}"), exit)
        }
    }
}

/// Each is told, whatever became of the others.
fn tell(ending: &Ending) -> anyhow::Result<()> {
    let outputs = add_to("GITHUB_OUTPUT", &outputs::of(ending));
    let summary = add_to("GITHUB_STEP_SUMMARY", &markdown::of(ending));
    let lines = [ending.text(), annotation::of(ending)].concat();
    let printed = io::stdout().write_all(lines.as_bytes()).context("cannot print");
    printed.and(outputs).and(summary)
}

/// Adds to the file that the runner names with that variable, where it does.
fn add_to(variable: &'static str, text: &str) -> anyhow::Result<()> {
    match env::var_os(variable) {
        Some(path) => outputs::append(&path, text).with_context(|| format!("cannot write {variable}")),
        None => Ok(()),
    }
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
