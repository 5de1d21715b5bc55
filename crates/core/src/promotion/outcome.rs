//! How a promotion, or a run of it, ended.

use serde::{Deserialize, Serialize};

/// How it ended. Each has its own exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The release serves, and it is proven.
    Succeeded,
    /// The release served already, and it is proven.
    Unchanged,
    /// The release is rolled out, but the service wants no tasks: nothing was exercised.
    Unverified,
    /// Policy or the check refused. Nothing was changed.
    Refused,
    /// Policy has nothing to do with this trigger. Nothing was changed.
    Ignored,
    /// A condition does not hold yet. Nothing was changed.
    Held,
    /// We could not act or could not tell. Nothing is claimed; no service was changed.
    Errored,
    /// No, expired or insufficient credentials. No service was changed.
    Unauthorized,
    /// The release was bad; the rollback target serves again, and it is proven.
    RolledBack,
    /// The release was bad, and nothing proven serves.
    Stuck,
    /// Time or contact was lost. It can be resumed.
    Inconclusive,
    /// The run was interrupted. It can be resumed.
    Interrupted,
    /// Somebody else deployed over us.
    Superseded,
    /// What serves was taken as the baseline: no promotion, the first record.
    Adopted,
}

impl Outcome {
    /// Every outcome, in the order of the documentation.
    pub const ALL: [Self; 14] = [
        Self::Succeeded,
        Self::Unchanged,
        Self::Unverified,
        Self::Refused,
        Self::Ignored,
        Self::Held,
        Self::Errored,
        Self::Unauthorized,
        Self::RolledBack,
        Self::Stuck,
        Self::Inconclusive,
        Self::Interrupted,
        Self::Superseded,
        Self::Adopted,
    ];

    /// The name as it is written in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Unchanged => "unchanged",
            Self::Unverified => "unverified",
            Self::Refused => "refused",
            Self::Ignored => "ignored",
            Self::Held => "held",
            Self::Errored => "errored",
            Self::Unauthorized => "unauthorized",
            Self::RolledBack => "rolled_back",
            Self::Stuck => "stuck",
            Self::Inconclusive => "inconclusive",
            Self::Interrupted => "interrupted",
            Self::Superseded => "superseded",
            Self::Adopted => "adopted",
        }
    }

    /// Whether the promotion is over; otherwise it can be resumed.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Inconclusive | Self::Interrupted)
    }

    /// Whether the release that was asked for serves, and it is proven.
    pub fn is_proven(self) -> bool {
        matches!(self, Self::Succeeded | Self::Unchanged)
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(self.name())
    }
}
