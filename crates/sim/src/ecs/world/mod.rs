//! What exists in a simulated ECS: values without behaviour over time.
//!
//! It neither speaks JSON requests (`api`), nor changes by itself (`scheduler`), nor knows what people see (`render`).

pub(crate) mod cluster;
pub(crate) mod configuration;
pub(crate) mod deployment;
pub(crate) mod event;
pub(crate) mod ids;
pub(crate) mod monitors;
pub(crate) mod service;
pub(crate) mod service_deployment;
pub(crate) mod stage;
pub(crate) mod staging;
pub(crate) mod strategy;
pub(crate) mod task;
pub(crate) mod task_definition;
pub(crate) mod time;
pub(crate) mod traffic;

mod state;

pub(crate) use state::{Scope, World};
