//! Filter patterns of unstructured lines: `error`, `"out of memory" -retry`, `?ERROR ?WARN`.
//!
//! Patterns of JSON, of columns and regular expressions are refused: they are not simulated.

/// A pattern that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Pattern {
    all: Vec<String>,
    any: Vec<String>,
    none: Vec<String>,
}

impl Pattern {
    /// Reads a pattern; none if it is of a kind that is not simulated.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.starts_with(['{', '[', '%']) {
            return None;
        }
        let mut pattern = Self::default();
        let mut rest = text;
        while !rest.is_empty() {
            let (list, after) = match rest.strip_prefix('?') {
                Some(after) => (&mut pattern.any, after),
                None => match rest.strip_prefix('-') {
                    Some(after) => (&mut pattern.none, after),
                    None => (&mut pattern.all, rest),
                },
            };
            let (term, after) = term(after)?;
            list.push(term.to_owned());
            rest = after.trim_start();
        }
        Some(pattern)
    }

    /// Whether a line fits.
    pub(super) fn fits(&self, line: &str) -> bool {
        let has = |term: &String| line.contains(term.as_str());
        self.all.iter().all(has) && !self.none.iter().any(has) && (self.any.is_empty() || self.any.iter().any(has))
    }
}

/// The next term, in quotes or up to a blank, and what follows it.
fn term(text: &str) -> Option<(&str, &str)> {
    match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"'),
        None => Some(text.split_once(char::is_whitespace).unwrap_or((text, ""))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, expected: [bool; 3]) {
        let lines = ["ERROR out of memory", "WARN retry: out of disk", "INFO started"];
        let pattern = Pattern::read(pattern).unwrap();
        assert_eq!(lines.map(|line| pattern.fits(line)), expected, "{pattern:?}");
    }

    #[test]
    fn terms_are_all_or_any_or_none_of_what_a_line_has() {
        check("", [true, true, true]);
        check("out of", [true, true, false]);
        check("\"out of memory\"", [true, false, false]);
        check("out -retry", [true, false, false]);
        check("?ERROR ?INFO", [true, false, true]);
        check("error", [false, false, false]);
    }

    #[test]
    fn other_kinds_of_patterns_are_not_read() {
        for pattern in ["{ $.level = \"error\" }", "[ip, user]", "%a.b%", "\"open"] {
            assert_eq!(Pattern::read(pattern), None, "{pattern}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_pattern_is_too_strange(pattern in ".*", line in ".*") {
            let _fits = Pattern::read(&pattern).map(|pattern| pattern.fits(&line));
        }
    }
}
