//! The stories of sites that are sabotaged: what each is about, how it may end, and what visitors get when all is over.

use crate::promotion::Outcome;

/// A promotion to be sabotaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Story {
    /// A release after another.
    Next,
    /// The very first one.
    First,
    /// Nobody can be asked what visitors get.
    Unasked,
    /// Visitors do not get what was published.
    Fails,
    /// The same of the very first release.
    FirstFails,
    /// A site and a service, both good.
    Together,
    /// A site and a service, and ECS takes the service back.
    ServiceFails,
    /// A site and a service, and visitors do not get what was published.
    SiteFails,
    /// A person goes back to what was proven before.
    Restores,
    /// The marker is gone, so that it is looked what is there.
    MarkerLost,
    /// The files are in another environment's bucket only.
    Elsewhere,
    /// A large file is overwritten, and visitors do not get what was published.
    Large,
    /// What no kept release uses is deleted.
    Cleans,
    /// Somebody else publishes meanwhile.
    Superseded,
    /// The run before this one was killed in the middle of its switch.
    ResumesForward,
    /// The run before this one was killed on its way back.
    ResumesBack,
}

/// The version to bring.
pub(super) const NEW: &str = "1.2.0";
/// What was live before.
pub(super) const OLD: &str = "1.0.0";

impl Story {
    /// How its first run ends where nothing goes wrong.
    pub(super) fn outcome(self) -> Outcome {
        match self {
            Self::Next
            | Self::First
            | Self::Together
            | Self::Restores
            | Self::MarkerLost
            | Self::Elsewhere
            | Self::Cleans
            | Self::ResumesForward => Outcome::Succeeded,
            Self::Unasked => Outcome::Unverified,
            Self::Fails | Self::ServiceFails | Self::SiteFails | Self::Large | Self::ResumesBack => Outcome::RolledBack,
            Self::FirstFails => Outcome::Stuck,
            Self::Superseded => Outcome::Superseded,
        }
    }

    /// Whether the release is good, so that it may be called so.
    pub(super) fn is_good(self) -> bool {
        matches!(self.outcome(), Outcome::Succeeded | Outcome::Unverified | Outcome::Superseded)
    }

    pub(super) fn is_first(self) -> bool {
        matches!(self, Self::First | Self::FirstFails)
    }

    pub(super) fn has_service(self) -> bool {
        matches!(self, Self::Together | Self::ServiceFails | Self::SiteFails)
    }

    pub(super) fn is_asked(self) -> bool {
        self != Self::Unasked
    }

    /// Whether visitors do not get the release's script.
    pub(super) fn is_not_delivered(self) -> bool {
        matches!(self, Self::Fails | Self::FirstFails | Self::SiteFails | Self::Large | Self::ResumesBack)
    }

    /// How promoting the same once more ends, after all that went wrong is over.
    pub(super) fn again(self) -> &'static [Outcome] {
        match self {
            Self::Unasked => &[Outcome::Unverified],
            // It is live, unproven, and there is nothing to go back to.
            Self::FirstFails => &[Outcome::Stuck, Outcome::Errored],
            Self::Fails | Self::ServiceFails | Self::SiteFails | Self::Large | Self::ResumesBack => {
                &[Outcome::RolledBack]
            }
            Self::Next
            | Self::First
            | Self::Together
            | Self::Restores
            | Self::MarkerLost
            | Self::Elsewhere
            | Self::Cleans
            | Self::Superseded
            | Self::ResumesForward => &[Outcome::Succeeded, Outcome::Unchanged],
        }
    }

    /// Whether its calls before the first change are those of another story, which has them go wrong.
    pub(super) fn begins_like_another(self) -> bool {
        match self {
            Self::Fails
            | Self::FirstFails
            | Self::Together
            | Self::SiteFails
            | Self::Large
            | Self::Cleans
            | Self::Superseded => true,
            Self::Next
            | Self::First
            | Self::Unasked
            | Self::ServiceFails
            | Self::Restores
            | Self::MarkerLost
            | Self::Elsewhere
            | Self::ResumesForward
            | Self::ResumesBack => false,
        }
    }

    /// Whether the first run begins a promotion, rather than going on with one.
    pub(super) fn begins(self) -> bool {
        !matches!(self, Self::ResumesForward | Self::ResumesBack)
    }
}
