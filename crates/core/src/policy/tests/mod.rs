//! Policy against tables taken from real pipelines, and against properties that must hold for every question.

mod properties;
mod seeds;
mod support;
