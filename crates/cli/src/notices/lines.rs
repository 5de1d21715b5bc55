//! Notices for people: a line for each step, as it happens; what only goes on is drawn over on a terminal, and said
//! when it changes anywhere else. How far files have come is said there every ten seconds, and not at all where it takes
//! less.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};
use towpath_core::engine::Notice;

use crate::Printer;

use super::words;

/// How often it is said in a log how far files have come.
const EVERY: Duration = Duration::from_secs(10);

/// Standard error, for people.
pub(super) struct Lines {
    printer: Printer,
    spinner: Option<ProgressBar>,
    /// What went on when it was last said.
    last: Mutex<String>,
    /// When it was last said how far files have come, or begun to be.
    carried: Mutex<Option<Instant>>,
}

impl Lines {
    pub(super) fn new(printer: Printer) -> Self {
        let spinner = printer.is_terminal().then(spinner);
        Self { printer, spinner, last: Mutex::default(), carried: Mutex::default() }
    }

    pub(super) fn tell(&self, notice: &Notice) {
        match notice {
            Notice::Happened { event, .. } => {
                self.last().clear();
                *self.carried() = None;
                for line in words::of_event(event) {
                    self.line(&line);
                }
            }
            Notice::Looked { .. } | Notice::Tried { .. } => {
                self.goes_on(&words::of_progress(notice));
            }
            Notice::Carried { .. } => {
                if self.spinner.is_some() || is_due(&mut self.carried(), Instant::now()) {
                    self.goes_on(&words::of_progress(notice));
                }
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

    fn carried(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.carried.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn end(&self) {
        self.spinner.iter().for_each(ProgressBar::finish_and_clear);
    }
}

/// Whether enough time has gone by since it was said last; from the first time on it is counted.
fn is_due(last: &mut Option<Instant>, now: Instant) -> bool {
    let since = *last.get_or_insert(now);
    let is_due = now.saturating_duration_since(since) >= EVERY;
    if is_due {
        *last = Some(now);
    }
    is_due
}

fn spinner() -> ProgressBar {
    let style = ProgressStyle::with_template("  {spinner} {wide_msg}").expect("the template is well-formed");
    let spinner = ProgressBar::new_spinner().with_style(style);
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_log_gets_a_line_every_ten_seconds_and_none_of_what_takes_less() {
        let (mut last, begun) = (None, Instant::now());
        let due: Vec<u64> = (0..=35).filter(|second| is_due(&mut last, begun + Duration::from_secs(*second))).collect();
        assert_eq!(due, [10, 20, 30]);
    }

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn files_on_their_way_flood_no_log() {
        let talk = Kept::default();
        let lines = Lines::new(Printer::to(std::io::sink(), talk.clone()));
        let carried = |files| {
            let component = "web".parse().unwrap();
            Notice::Carried { component, files, of_files: 9, bytes: files, of_bytes: 9 }
        };
        (1..9).for_each(|files| lines.tell(&carried(files)));
        assert_eq!(String::from_utf8(talk.0.lock().unwrap().clone()).unwrap(), "");
        *lines.carried() = Instant::now().checked_sub(EVERY);
        (1..9).for_each(|files| lines.tell(&carried(files)));
        let said = String::from_utf8(talk.0.lock().unwrap().clone()).unwrap();
        assert_eq!(said, "  web: 1 of 9 files, 1 byte of 9 bytes\n");
    }
}
