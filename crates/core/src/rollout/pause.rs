//! A service deployment that waits at a hook, and what may be said to it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::identifier::HookId;

/// A hook at which ECS waits for somebody to say how it goes on. Source: ECS developer guide, lifecycle hooks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Pause {
    /// The hook.
    pub hook: HookId,
    /// The lifecycle stage at which it waits, in ECS's word, where it is shown.
    pub stage: Option<String>,
    /// When ECS waits no longer, by the server's clock.
    pub expires_at: Option<Timestamp>,
    /// What ECS does then, in its word: `CONTINUE` or `ROLLBACK`.
    pub then: Option<String>,
}

/// The word to a deployment that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PauseWord {
    /// Go on.
    Continue,
    /// Put back what was there before.
    Rollback,
}

/// The shares of traffic that the new revision is to get, in percent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrafficWeights {
    /// Of test traffic.
    pub test: f64,
    /// Of production traffic.
    pub production: f64,
}

impl Pause {
    /// Whether production traffic does not reach the new revision yet.
    ///
    /// Source: the order of stages in the ECS developer guide. A stage that is not known counts as too late: what was
    /// not tested must not be taken for tested.
    pub fn is_before_production(&self) -> bool {
        matches!(
            self.stage.as_deref(),
            Some(
                "RECONCILE_SERVICE"
                    | "PRE_SCALE_UP"
                    | "SCALE_UP"
                    | "POST_SCALE_UP"
                    | "TEST_TRAFFIC_SHIFT"
                    | "POST_TEST_TRAFFIC_SHIFT"
                    | "PRE_PRODUCTION_TRAFFIC_SHIFT"
            )
        )
    }

    /// Whether this is the same hook at the same stage: one hook may be met at several.
    pub fn is_same_place(&self, other: &Self) -> bool {
        self.hook == other.hook && self.stage == other.stage
    }

    /// Whether test traffic reaches the new revision, and production traffic does not yet.
    pub fn is_testable(&self) -> bool {
        matches!(self.stage.as_deref(), Some("POST_TEST_TRAFFIC_SHIFT" | "PRE_PRODUCTION_TRAFFIC_SHIFT"))
    }
}
