//! What a program prints, cut into lines of bounded length, with secrets masked, and the last of them kept.
//!
//! It is text from outside: whoever shows it makes it harmless.

use std::collections::VecDeque;

/// How long a line may be; the rest is a line of its own.
const LONGEST: usize = 4096;
/// How many lines are kept for the error.
const KEPT: usize = 20;
/// What is shorter is no secret, and masking it would mask everything.
const SHORTEST_SECRET: usize = 4;

/// The last lines that were printed.
#[derive(Debug, Default)]
pub(super) struct Tail(VecDeque<String>);

impl Tail {
    pub(super) fn add(&mut self, line: &str) {
        if line.trim().is_empty() {
            return;
        }
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(line.to_owned());
    }

    pub(super) fn into_lines(self) -> Vec<String> {
        self.0.into()
    }
}

/// Bytes until a line is whole.
#[derive(Debug, Default)]
pub(super) struct Cutter(Vec<u8>);

impl Cutter {
    /// Takes bytes and gives the lines that are whole now. A carriage return ends one too: progress bars are lines.
    pub(super) fn cut(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for byte in bytes {
            if matches!(byte, b'\n' | b'\r') || self.0.len() >= LONGEST {
                lines.extend(self.rest());
            }
            if !matches!(byte, b'\n' | b'\r') {
                self.0.push(*byte);
            }
        }
        lines
    }

    /// The last line, which nothing has ended.
    pub(super) fn rest(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.0);
        (!line.is_empty()).then(|| String::from_utf8_lossy(&line).into_owned())
    }
}

/// Values that must not be shown.
#[derive(Clone, Default)]
pub(crate) struct Masks(Vec<String>);

impl std::fmt::Debug for Masks {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Masks").finish_non_exhaustive()
    }
}

impl Masks {
    /// Masks these values, and each line of one that has several.
    pub(crate) fn of(values: impl IntoIterator<Item = String>) -> Self {
        let lines = values.into_iter().flat_map(|value| value.lines().map(str::to_owned).collect::<Vec<_>>());
        let mut masks: Vec<String> = lines.filter(|line| line.trim().len() >= SHORTEST_SECRET).collect();
        // The longest first, so that no part of one is left over.
        masks.sort_by_key(|mask| std::cmp::Reverse(mask.len()));
        Self(masks)
    }

    pub(crate) fn apply(&self, line: &str) -> String {
        self.0.iter().fold(line.to_owned(), |line, mask| line.replace(mask.as_str(), "***"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pieces: &[&str], expected: &[&str]) {
        let mut cutter = Cutter::default();
        let mut lines: Vec<String> = pieces.iter().flat_map(|piece| cutter.cut(piece.as_bytes())).collect();
        lines.extend(cutter.rest());
        assert_eq!(lines, expected);
    }

    #[test]
    fn lines_are_whole_however_they_arrive() {
        check(&["a\nb", "c\r\nd", ""], &["a", "bc", "d"]);
        check(&["10%\r20%\r", "done"], &["10%", "20%", "done"]);
        check(&["\n\n"], &[]);
    }

    #[test]
    fn a_line_without_an_end_does_not_fill_the_memory() {
        let mut cutter = Cutter::default();
        let lines = cutter.cut("x".repeat(3 * LONGEST).as_bytes());
        assert!(lines.iter().all(|line| line.len() <= LONGEST) && cutter.0.len() <= LONGEST);
    }

    #[test]
    fn only_the_last_lines_are_kept() {
        let mut tail = Tail::default();
        (0..100).for_each(|number| tail.add(&number.to_string()));
        tail.add("  ");
        let lines = tail.into_lines();
        assert_eq!((lines.len(), lines.last().map(String::as_str)), (KEPT, Some("99")));
    }

    #[test]
    fn secrets_are_masked_line_by_line() {
        let masks = Masks::of(["hunter2hunter2".to_owned(), "-----KEY\nabcdef\n".to_owned(), "x".to_owned()]);
        assert_eq!(masks.apply("echo hunter2hunter2 x"), "echo *** x");
        assert_eq!(masks.apply("abcdef"), "***");
    }
}
