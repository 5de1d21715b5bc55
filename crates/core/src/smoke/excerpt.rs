//! A text from outside, made fit for people: short, on one line, without anything that steers a terminal.
//!
//! It escapes no markup and no workflow command: that is each consumer's own matter. It hides no secrets either.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How many characters are shown.
const LIMIT: usize = 200;

/// A short, printable part of a text from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Excerpt(String);

impl Excerpt {
    /// The first 200 characters, with what cannot be printed replaced by `\u{fffd}`.
    pub fn of(text: &str) -> Self {
        let mut printable = text.chars().map(printable);
        let mut short: String = printable.by_ref().take(LIMIT).collect();
        if printable.next().is_some() {
            short.pop();
            short.push('…');
        }
        Self(short)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Control characters, line separators and marks of direction are not printed.
fn printable(character: char) -> char {
    match character {
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => '\u{fffd}',
        character if character.is_control() => '\u{fffd}',
        character => character,
    }
}

impl From<String> for Excerpt {
    fn from(text: String) -> Self {
        Self::of(&text)
    }
}

impl From<Excerpt> for String {
    fn from(excerpt: Excerpt) -> Self {
        excerpt.0
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn long_texts_are_cut_and_say_so() {
        let shown = Excerpt::of(&"ä".repeat(201));
        assert_eq!(shown.as_str(), format!("{}…", "ä".repeat(199)));
        assert_eq!(Excerpt::of(&"ä".repeat(200)).as_str(), "ä".repeat(200));
    }

    #[test]
    fn what_steers_a_terminal_is_replaced() {
        assert_eq!(
            Excerpt::of("a\u{1b}[31m\r\n\u{202e}b\u{85}").as_str(),
            "a\u{fffd}[31m\u{fffd}\u{fffd}\u{fffd}b\u{fffd}"
        );
    }

    proptest! {
        #[test]
        fn an_excerpt_of_an_excerpt_is_itself(text in any::<String>()) {
            let excerpt = Excerpt::of(&text);
            prop_assert_eq!(Excerpt::of(excerpt.as_str()), excerpt.clone());
            prop_assert!(!excerpt.as_str().contains(char::is_control) && excerpt.as_str().chars().count() <= LIMIT);
        }
    }
}
