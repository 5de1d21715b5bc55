//! Notices for people: a line for each step, as it happens; what only goes on is drawn over on a terminal, and said
//! when it changes anywhere else.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};
use towpath_core::engine::Notice;

use crate::Printer;

use super::words;

/// Standard error, for people.
pub(super) struct Lines {
    printer: Printer,
    spinner: Option<ProgressBar>,
    /// What went on when it was last said.
    last: Mutex<String>,
}

impl Lines {
    pub(super) fn new(printer: Printer) -> Self {
        let spinner = printer.is_terminal().then(spinner);
        Self { printer, spinner, last: Mutex::default() }
    }

    pub(super) fn tell(&self, notice: &Notice) {
        match notice {
            Notice::Happened { event, .. } => {
                self.last().clear();
                for line in words::of_event(event) {
                    self.line(&line);
                }
            }
            Notice::Looked { .. } | Notice::Tried { .. } => {
                self.goes_on(&words::of_progress(notice));
            }
            Notice::Said { .. } | Notice::TaskFailed { .. } => {
                self.line(&words::of_news(notice));
            }
            Notice::Trouble { message } => {
                self.line(&format!("  note: {}", crate::plain::one_line(message)));
            }
        }
    }

    fn line(&self, line: &str) {
        match &self.spinner {
            Some(spinner) => spinner.suspend(|| self.printer.say(line)),
            None => self.printer.say(line),
        }
    }

    fn goes_on(&self, text: &str) {
        match &self.spinner {
            Some(spinner) => spinner.set_message(crate::plain::harmless(text)),
            None if *self.last() == text => {}
            None => {
                self.line(&format!("  {text}"));
                text.clone_into(&mut self.last());
            }
        }
    }

    fn last(&self) -> std::sync::MutexGuard<'_, String> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn end(&self) {
        self.spinner.iter().for_each(ProgressBar::finish_and_clear);
    }
}

fn spinner() -> ProgressBar {
    let style = ProgressStyle::with_template("  {spinner} {wide_msg}").expect("the template is well-formed");
    let spinner = ProgressBar::new_spinner().with_style(style);
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}
