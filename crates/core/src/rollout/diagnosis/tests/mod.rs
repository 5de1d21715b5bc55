//! Tests of the diagnosis: words, tasks, the service around them, what is kept and printed, and properties.

mod kept;
mod properties;
mod service;
mod support;
mod tasks;
mod words;
