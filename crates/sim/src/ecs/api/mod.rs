//! The operations: each takes a checked input and answers as AWS answers.
//!
//! Writes change the state at once; what follows from them by itself is for `scheduler`.

mod clusters;
mod continue_deployment;
mod create_service;
mod delete_service;
mod dispatch;
mod errors;
mod fargate;
mod find;
mod input;
mod paging;
mod register;
mod register_checks;
mod run_task;
mod service_checks;
mod service_deployments;
mod services;
mod strategy_checks;
mod tags;
mod task_definitions;
mod tasks;
mod update_service;

pub(crate) use create_service::new_service;
pub(crate) use dispatch::{Perform, operation};
pub(crate) use input::Input;
pub(crate) use register::register;
pub(crate) use tasks::lose_task;
