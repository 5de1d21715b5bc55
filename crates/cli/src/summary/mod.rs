//! How a promotion, a rollback or a resumed promotion ended: the one text and the one document about it.

mod account;
mod console;
mod drill;
mod site;

mod document;
mod text;

#[cfg(test)]
mod example;

pub(crate) use account::words;
pub(crate) use document::{Ending, document};
pub(crate) use drill::is_passed;
#[cfg(test)]
pub(crate) use example::{example, put_back};
pub(crate) use site::words as live_words;
pub(crate) use text::{in_words, text};
