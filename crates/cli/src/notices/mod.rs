//! Who sees what the engine tells while it works: people and machines, each in a file of its own.

mod words;

mod lines;
mod ndjson;

mod all;

pub(crate) use all::Notices;
