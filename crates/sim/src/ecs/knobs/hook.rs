//! What the functions of lifecycle hooks answer: there are no functions, so a script says it.
//!
//! It does not say when a hook is reached; that is in `scheduler::staged`.

use serde::{Deserialize, Serialize};

use crate::ecs::world::stage::Stage;

/// What a function answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ScriptedHook {
    /// The function: its ARN or the end of it; `*` is any.
    pub function: String,
    /// The only stage for which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// What comes back.
    #[serde(default)]
    pub outcome: HookOutcome,
    /// After how many seconds.
    #[serde(default = "usual")]
    pub after: f64,
}

/// What comes back from a function.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HookOutcome {
    /// `SUCCEEDED`.
    #[default]
    Succeeded,
    /// `FAILED`.
    Failed,
    /// ECS cannot call it.
    CannotInvoke,
    /// ECS cannot take on the role to call it.
    CannotAssumeRole,
    /// An answer without a status.
    NoStatus,
    /// `IN_PROGRESS`, again and again.
    Never,
}

impl ScriptedHook {
    /// What is said of `function` at `stage`; the first that fits holds.
    pub(crate) fn of<'a>(hooks: &'a [Self], function: &str, stage: Stage) -> Option<&'a Self> {
        hooks.iter().find(|hook| {
            (hook.function == "*" || function.ends_with(&hook.function)) && hook.stage.is_none_or(|only| only == stage)
        })
    }
}

/// How long a function takes of which nothing is said, in seconds.
pub(crate) const USUAL_ANSWER: f64 = 2.0;

const fn usual() -> f64 {
    USUAL_ANSWER
}
