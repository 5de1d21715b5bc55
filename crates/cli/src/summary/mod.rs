//! How a promotion, a rollback or a resumed promotion ended: the one text and the one document about it.

mod account;

mod document;
mod text;

#[cfg(test)]
mod example;

pub(crate) use account::words;
pub(crate) use document::{Ending, document};
#[cfg(test)]
pub(crate) use example::example;
pub(crate) use text::{in_words, text};
