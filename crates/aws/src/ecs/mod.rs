//! ECS: services, their rollouts and tasks, and task definitions.

mod services;
mod task_definitions;

pub(crate) mod deployment;
pub(crate) mod registered;
pub(crate) mod revision;
pub(crate) mod snapshot;
pub(crate) mod task;

pub use services::EcsServices;
pub use task_definitions::EcsTaskDefinitions;
