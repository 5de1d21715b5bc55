//! How far a deployment that shifts traffic has come: its stage, its weights and its hooks.
//!
//! It is moved by `scheduler::staged`; here is only what is remembered.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{stage::Stage, strategy::HookAction};

/// Where a deployment that shifts traffic stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Staging {
    pub(crate) stage: Stage,
    pub(crate) since: Timestamp,
    /// Before this instant the stage is not left.
    pub(crate) until: Timestamp,
    /// The digits of the revision that traffic comes from.
    pub(crate) blue: String,
    /// How many steps the production traffic has been shifted.
    pub(crate) steps: u32,
    /// The target's share of production traffic, in percent.
    pub(crate) production: f64,
    /// The target's share of test traffic, in percent.
    pub(crate) test: f64,
    /// The hooks of the stages until now.
    pub(crate) hooks: Vec<HookRun>,
}

/// A hook that was reached.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct HookRun {
    pub(crate) id: String,
    pub(crate) stage: Stage,
    /// The function; none for a pause.
    pub(crate) function: Option<String>,
    pub(crate) status: HookStatus,
    /// When the function answers.
    pub(crate) answers_at: Option<Timestamp>,
    pub(crate) expires_at: Timestamp,
    pub(crate) on_timeout: HookAction,
    /// What somebody asked for, until it is done.
    pub(crate) asked: Option<HookAction>,
    /// Why it failed.
    pub(crate) problem: Option<String>,
}

/// AWS's status of a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum HookStatus {
    AwaitingAction,
    InProgress,
    Succeeded,
    Failed,
    TimedOut,
}

impl HookStatus {
    /// AWS's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingAction => "AWAITING_ACTION",
            Self::InProgress => "IN_PROGRESS",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
        }
    }

    /// Whether the deployment waits for it.
    pub(crate) fn is_open(self) -> bool {
        match self {
            Self::AwaitingAction | Self::InProgress => true,
            Self::Succeeded | Self::Failed | Self::TimedOut => false,
        }
    }
}

impl Staging {
    /// When something is due for it after `at`.
    pub(crate) fn due(&self, at: Timestamp) -> Option<Timestamp> {
        let open = self.hooks.iter().filter(|hook| hook.status.is_open());
        let hooks = open.flat_map(|hook| hook.answers_at.into_iter().chain([hook.expires_at]));
        hooks.chain([self.until, self.overdue()]).filter(|due| *due > at).min()
    }

    /// Whether a pause waits for somebody.
    pub(crate) fn is_paused(&self) -> bool {
        self.hooks.iter().any(|hook| hook.status == HookStatus::AwaitingAction)
    }

    /// When the stage has taken too long: a day, unless it bakes for longer.
    pub(crate) fn overdue(&self) -> Timestamp {
        const LONGEST: f64 = 86_400.0;
        super::time::after(self.since.max(self.until), LONGEST)
    }
}
