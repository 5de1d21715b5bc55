//! ECS: services, their rollouts and tasks, and task definitions.

mod services;
mod task_definitions;

mod deployment;
mod revision;
mod snapshot;
mod task;

pub use services::EcsServices;
pub use task_definitions::EcsTaskDefinitions;
