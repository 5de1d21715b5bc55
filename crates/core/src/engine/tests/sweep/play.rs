//! The stories that are sabotaged: what each is about, how it may end, and what serves when all is over.

use crate::promotion::Outcome;

/// A promotion to be sabotaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Play {
    Good,
    FailsSmoke,
    BreakerRollsBack,
    BreakerStops,
    /// ECS never ends it: it is found, diagnosed with targets, alarms and logs, and stopped.
    CrashLoops,
    PassesAtTestListener,
    FailsAtTestListener,
    /// A run before this one left it at a hook; now a person lets it go on.
    PersonContinues,
    PersonDeclines,
    WaitsForSomebody,
    DeploysOver,
    DeploysOverAndFails,
    Drill,
    /// A drill that nothing finds.
    UndetectedDrill,
    /// What is gone back to fails too, until a person mends it.
    WayBackFails,
    /// Somebody deregisters the rollback target once the release is brought.
    TargetGone,
    /// How ECS deploys is changed with a release that is bad.
    ConfigurationFailsSmoke,
    ConfigurationBreakerRollsBack,
    /// The run is asked to stop, and to put back what served.
    Cancelled,
    /// A person goes back to what was proven before.
    Restores,
    /// Somebody else deploys over us.
    Superseded,
    /// The run before this one was killed just after its update.
    ResumesForward,
    /// The run before this one was killed just after it had sent the way back.
    ResumesBack,
    /// Two services; the release is bad in one of them.
    Pair,
}

/// The version to bring.
pub(super) const NEW: &str = "1.1.0";
/// What served before.
pub(super) const OLD: &str = "1.0.0";

impl Play {
    /// How its first run ends where nothing goes wrong.
    pub(super) fn outcome(self) -> Outcome {
        match self {
            Self::Good
            | Self::PassesAtTestListener
            | Self::PersonContinues
            | Self::WaitsForSomebody
            | Self::DeploysOver
            | Self::Restores
            | Self::ResumesForward => Outcome::Succeeded,
            Self::FailsSmoke
            | Self::BreakerRollsBack
            | Self::BreakerStops
            | Self::CrashLoops
            | Self::FailsAtTestListener
            | Self::PersonDeclines
            | Self::DeploysOverAndFails
            | Self::Drill
            | Self::UndetectedDrill
            | Self::TargetGone
            | Self::ConfigurationFailsSmoke
            | Self::ConfigurationBreakerRollsBack
            | Self::ResumesBack
            | Self::Pair => Outcome::RolledBack,
            Self::WayBackFails => Outcome::Stuck,
            Self::Cancelled => Outcome::Interrupted,
            Self::Superseded => Outcome::Superseded,
        }
    }

    /// Whether the release is good, so that it may be called so.
    pub(super) fn is_good(self) -> bool {
        self.outcome() == Outcome::Succeeded || self == Self::Cancelled
    }

    /// Whether the rollback target may be put back: the release is bad, or somebody asks for it.
    pub(super) fn may_go_back(self) -> bool {
        self.outcome() != Outcome::Succeeded
    }

    /// How promoting the same once more ends, after all that went wrong is over.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other stories end one way")]
    pub(super) fn again(self) -> &'static [Outcome] {
        match self.outcome() {
            // Where nothing was brought, what serves is what was deregistered: it could not be gone back to.
            _ if self == Self::TargetGone => &[Outcome::RolledBack, Outcome::Refused],
            Outcome::Succeeded => &[Outcome::Succeeded, Outcome::Unchanged],
            _ if self == Self::Cancelled => &[Outcome::Succeeded, Outcome::Unchanged],
            // Somebody else's deployment is met as what serves, or as what replaced ours.
            Outcome::Superseded => &[Outcome::Superseded],
            _ => &[Outcome::RolledBack],
        }
    }

    /// The version that serves when all is over.
    pub(super) fn serves_at_last(self) -> &'static str {
        if self.is_good() { NEW } else { OLD }
    }

    /// Whether the first run begins a promotion, rather than going on with one.
    pub(super) fn begins(self) -> bool {
        !matches!(self, Self::PersonContinues | Self::PersonDeclines | Self::ResumesForward | Self::ResumesBack)
    }
}
