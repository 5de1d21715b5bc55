//! What a service deployment shows of its stages: the stage, the weights, the hooks.
//!
//! A rolling deployment has none of them.

use serde_json::{Value, json};

use super::object;
use crate::ecs::{
    knobs::{Knobs, PreProductionStage},
    world::{
        staging::{HookRun, Staging},
        time::epoch,
    },
};

/// `lifecycleStage`.
pub(super) fn stage(staging: &Staging, knobs: &Knobs) -> &'static str {
    match knobs.pre_production_stage {
        PreProductionStage::Own => staging.stage.as_str(),
        PreProductionStage::Previous => staging.stage.shown().as_str(),
    }
}

/// Adds the requested weights to the summary of a revision.
pub(super) fn weighted(mut summary: Value, production: f64, test: f64) -> Value {
    summary["requestedTestTrafficWeight"] = test.into();
    summary["requestedProductionTrafficWeight"] = production.into();
    summary
}

/// `lifecycleHookDetails`.
pub(super) fn hooks(staging: &Staging) -> Value {
    staging.hooks.iter().map(hook).collect()
}

fn hook(hook: &HookRun) -> Value {
    object([
        ("hookId", Some(hook.id.clone().into())),
        ("targetType", Some(json!(if hook.function.is_some() { "AWS_LAMBDA" } else { "PAUSE" }))),
        ("targetArn", hook.function.clone().map(Value::from)),
        ("status", Some(hook.status.as_str().into())),
        ("expiresAt", Some(epoch(hook.expires_at))),
        ("timeoutAction", Some(hook.on_timeout.as_str().into())),
    ])
}
