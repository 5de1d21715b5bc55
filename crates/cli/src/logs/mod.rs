//! What a component's tasks write, and what ECS and load balancers say of them, as one sequence of lines.
//!
//! Merging and following are plain values; reading goes through ports. Nothing is changed anywhere.

mod line;

mod cursor;
mod health;

mod reader;

pub(crate) use cursor::Cursor;
pub(crate) use health::HealthSeen;
pub(crate) use line::{Line, Source, merged};
pub(crate) use reader::{Reader, Wanted};
