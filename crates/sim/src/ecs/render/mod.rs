//! What people and programs see of the state: AWS's output shapes as JSON.
//!
//! It decides nothing and changes nothing.

mod deployment;
mod network;
pub(crate) mod service;
pub(crate) mod service_deployment;
mod staging;
pub(crate) mod task;
pub(crate) mod task_definition;
mod task_set;

use serde_json::{Map, Value};

/// An object of the members that have a value.
pub(crate) fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    Value::Object(present(members))
}

/// The members that have a value.
pub(crate) fn present<const N: usize>(members: [(&str, Option<Value>); N]) -> Map<String, Value> {
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}
