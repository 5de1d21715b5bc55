//! Mistakes in a configuration, each with its place and what to do about it.
//!
//! All mistakes of a file are reported at once. Nothing is repaired.

use std::{fmt, ops::Range};

use crate::identifier::InvalidIdentifier;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// The table or key, for example `environments.staging.after[0]`; empty for the file as a whole.
    pub path: String,
    /// What is wrong, as a fragment.
    pub message: String,
    /// What to do about it, as a fragment.
    pub remedy: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}: ", self.file, self.line, self.column)?;
        if !self.path.is_empty() {
            write!(formatter, "{}: ", self.path)?;
        }
        write!(formatter, "{}; {}", self.message, self.remedy)
    }
}

/// Every mistake of a file, in the order of the file; at least one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// The mistakes.
    pub fn as_slice(&self) -> &[Mistake] {
        &self.0
    }
}

impl fmt::Display for Mistakes {
    /// One line a mistake.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(Mistake::to_string).collect();
        formatter.write_str(&lines.join("\n"))
    }
}

/// What is wrong and what to do about it, without a place yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) message: String,
    pub(super) remedy: String,
}

impl Complaint {
    pub(super) fn new(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { message: message.into(), remedy: remedy.into() }
    }
}

impl From<InvalidIdentifier> for Complaint {
    fn from(invalid: InvalidIdentifier) -> Self {
        Self::new(format!("`{}` is not {}", invalid.value.escape_debug(), invalid.what), invalid.rule)
    }
}

/// Collects the mistakes of one file.
pub(super) struct Findings<'a> {
    file: &'a str,
    text: &'a str,
    found: Vec<(usize, Mistake)>,
}

impl<'a> Findings<'a> {
    pub(super) fn new(text: &'a str, file: &'a str) -> Self {
        Self { file, text, found: Vec::new() }
    }

    /// Adds what is wrong with a value, unless something is known of it already: the first says best what is wrong.
    pub(super) fn add(&mut self, span: &Range<usize>, path: &str, complaint: Complaint) {
        if !self.found.iter().any(|(start, mistake)| *start == span.start && mistake.path == path) {
            self.add_also(span, path, complaint);
        }
    }

    /// Adds one of several things that are wrong with the keys of a table.
    pub(super) fn add_also(&mut self, span: &Range<usize>, path: &str, complaint: Complaint) {
        let Complaint { message, remedy } = complaint;
        let (line, column) = place(self.text, span.start);
        let mistake = Mistake { file: self.file.to_owned(), line, column, path: path.to_owned(), message, remedy };
        self.found.push((span.start, mistake));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The mistakes, in the order of the file. A file that is refused always has one.
    pub(super) fn into_mistakes(mut self) -> Mistakes {
        if self.found.is_empty() {
            let fault =
                Complaint::new("refused, and Towpath cannot say why", "this is a fault of Towpath: please report it");
            self.add(&(0..0), "", fault);
        }
        self.found.sort_by_key(|(start, _)| *start);
        Mistakes(self.found.into_iter().map(|(_, mistake)| mistake).collect())
    }
}

/// The line and column of a byte, both from 1; the column in characters.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(line_start..).map_or(0, |line| line.chars().count());
    (before.matches('\n').count() + 1, column + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, offset: usize, expected: (usize, usize)) {
        assert_eq!(place(text, offset), expected, "{offset} in {text:?}");
    }

    #[test]
    fn places_are_counted_in_lines_and_characters_from_one() {
        check("", 0, (1, 1));
        check("a = 1\nb = 2", 6, (2, 1));
        check("é = 1", 3, (1, 3));
        check("a\r\nb", 3, (2, 1));
        check("a", 9, (1, 2));
    }
}
