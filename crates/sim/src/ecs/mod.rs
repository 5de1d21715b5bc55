//! Amazon ECS of one account and region: its API and its scheduler.
//!
//! Deployments of the ECS controller, rolling and shifting traffic: services of `CODE_DEPLOY` and `EXTERNAL`
//! exist and refuse. Where AWS's behaviour is a guess, it is a knob.

mod engine;

mod actors;
mod odd;
mod seed;
pub(crate) mod sight;

pub mod knobs;

mod api;
mod scheduler;

mod world;

mod render;

mod history;
mod shapes;
mod throttle;

#[cfg(test)]
mod tests;

pub use engine::Ecs;
pub use knobs::Knobs;
pub use seed::SeedService;
pub use world::{stage::Stage, traffic::Listener};
