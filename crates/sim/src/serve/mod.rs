//! What the services answer that the simulated ECS runs.
//!
//! There is no container: an answer is made from the image's behaviour.

mod content;
mod target;

pub(crate) use target::answer;
