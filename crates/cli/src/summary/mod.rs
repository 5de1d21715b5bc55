//! How a promotion, a rollback or a resumed promotion ended: the one text and the one document about it.

mod account;

mod document;
mod text;

pub(crate) use account::words;
pub(crate) use document::{Ending, document};
pub(crate) use text::{in_words, text};
