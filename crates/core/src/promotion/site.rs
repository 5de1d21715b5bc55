//! The machine of one site. It has fewer phases than a service's, since nobody else takes part: what is live is what was
//! written last.

use crate::smoke::CheckResult;

use super::{
    component::{Failure, FailureKind},
    event::Event,
    site_plan::{LiveSite, SiteComponentPlan, Switch},
};

/// A site within a promotion.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// What the check found out.
    pub plan: SiteComponentPlan,
    /// Where it is.
    pub phase: SitePhase,
    /// How many bytes were sent before the switch, once that is done.
    pub published: Option<u64>,
    /// The switch to the release.
    pub switch: Option<Switch>,
    /// What the checks brought, of the edges and the configured ones.
    pub smoke: Vec<CheckResult>,
    /// The switch back.
    pub switch_back: Option<Switch>,
    /// What the checks brought after the way back.
    pub smoke_after_rollback: Vec<CheckResult>,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
}

/// Where a site is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SitePhase {
    /// Checked; nothing of it was changed.
    Planned,
    /// All that no visitor sees is there; the switch was not begun, or we do not know that it was.
    Published,
    /// Documents and marker are the release's; the edges may still answer from before.
    Switched,
    /// The edges were told, where there are any.
    Live,
    /// Live, and what visitors get is the release's.
    Proven {
        /// How many answers were looked at; 0 where nobody could be asked.
        answers: usize,
    },
    /// Judged bad; the site was touched and not put back yet.
    Failed,
    /// Nothing that a visitor sees was changed, and nothing will be.
    Untouched,
    /// What was live is written again; the edges may still answer from between.
    SwitchedBack,
    /// Back, and proven.
    RolledBack,
    /// Not back: a person is needed.
    Stuck {
        /// Why.
        why: String,
    },
    /// Somebody else published over us.
    Superseded {
        /// Who or what, as the marker says.
        by: String,
    },
}

impl SitePhase {
    /// Whether nothing more will happen to it.
    pub(super) fn is_settled(&self) -> bool {
        match self {
            Self::Untouched | Self::RolledBack | Self::Stuck { .. } | Self::Superseded { .. } => true,
            Self::Planned
            | Self::Published
            | Self::Switched
            | Self::Live
            | Self::Proven { .. }
            | Self::Failed
            | Self::SwitchedBack => false,
        }
    }

    /// Whether it is live, and nothing speaks against it.
    pub(super) fn is_live(&self) -> bool {
        matches!(self, Self::Live | Self::Proven { .. })
    }

    fn after_failure(&self, kind: FailureKind, is_change: bool) -> Option<Self> {
        let is_touched = is_change && matches!(self, Self::Switched | Self::Live | Self::Proven { .. });
        match (self, kind) {
            (
                Self::Planned | Self::Published,
                FailureKind::Publishing | FailureKind::Credentials | FailureKind::Internal,
            ) => Some(Self::Untouched),
            (Self::Planned | Self::Live, FailureKind::Smoke | FailureKind::Delivery) if !is_change => {
                Some(Self::Untouched)
            }
            // Some of its documents may be the release's.
            (Self::Published, FailureKind::Switch | FailureKind::Declined) => Some(Self::Failed),
            (_, FailureKind::Smoke | FailureKind::Delivery | FailureKind::Declined) if is_touched => Some(Self::Failed),
            _ => None,
        }
    }

    fn can_switch_back(&self) -> bool {
        match self {
            Self::Published | Self::Switched | Self::Live | Self::Proven { .. } | Self::Failed => true,
            Self::Planned
            | Self::Untouched
            | Self::SwitchedBack
            | Self::RolledBack
            | Self::Stuck { .. }
            | Self::Superseded { .. } => false,
        }
    }
}

impl Site {
    /// A site that was checked.
    pub(super) fn planned(plan: SiteComponentPlan) -> Self {
        Self {
            plan,
            phase: SitePhase::Planned,
            published: None,
            switch: None,
            smoke: Vec::new(),
            switch_back: None,
            smoke_after_rollback: Vec::new(),
            failure: None,
        }
    }

    /// Whether what no visitor sees has still to be written.
    pub(super) fn is_to_be_published(&self) -> bool {
        self.plan.is_change() && self.phase == SitePhase::Planned
    }

    /// Whether what visitors see may have been changed. The switch may have begun just before the lights went out.
    pub(super) fn may_have_changed(&self) -> bool {
        self.plan.is_change() && !matches!(self.phase, SitePhase::Planned | SitePhase::Untouched)
    }

    /// What is live once it is back.
    pub fn goes_back_to(&self) -> Option<&LiveSite> {
        self.plan.target.as_ref().map(|target| &target.live)
    }

    /// The phase after an event, or `None` where it cannot have happened. Facts that the event carries are kept.
    pub(super) fn after(&mut self, event: &Event, failing: bool) -> Option<SitePhase> {
        match (&self.phase, event) {
            // What was done beside the failure of another is told after it.
            (SitePhase::Untouched, event) if failing => self.noted(event),
            (SitePhase::Planned, Event::Published { bytes, .. }) if self.plan.is_change() => {
                self.published = Some(*bytes);
                Some(SitePhase::Published)
            }
            (SitePhase::Published, Event::Switched { switch, .. }) => {
                self.switch = Some(switch.clone());
                Some(SitePhase::Switched)
            }
            (SitePhase::Switched, Event::WentLive { .. }) => Some(SitePhase::Live),
            (SitePhase::Planned, Event::WentLive { .. }) if !self.plan.is_change() => Some(SitePhase::Live),
            (SitePhase::Live, Event::SmokePassed { results, .. }) => {
                self.smoke.clone_from(results);
                Some(SitePhase::Proven { answers: results.len() })
            }
            (phase, Event::Failed { failure, results, .. }) => {
                let next = phase.after_failure(failure.kind, self.plan.is_change())?;
                self.failure = Some(failure.clone());
                self.smoke.clone_from(results);
                Some(next)
            }
            (phase, Event::SwitchedBack { switch, .. }) if failing && phase.can_switch_back() => {
                self.switch_back = Some(switch.clone());
                Some(SitePhase::SwitchedBack)
            }
            (SitePhase::SwitchedBack, Event::RolledBack { results, .. }) => {
                self.smoke_after_rollback.clone_from(results);
                Some(SitePhase::RolledBack)
            }
            // A site that turns out not to have been switched needs no way back.
            (SitePhase::Published, Event::RolledBack { .. }) if failing => Some(SitePhase::Untouched),
            (phase, Event::Stuck { why, .. }) if failing && !phase.is_settled() => {
                Some(SitePhase::Stuck { why: why.clone() })
            }
            (phase, Event::Replaced { by, .. }) if !phase.is_settled() => {
                Some(SitePhase::Superseded { by: by.clone() })
            }
            _ => None,
        }
    }

    /// Keeps what an event tells of a site of which nothing that a visitor sees was changed, and nothing will be.
    fn noted(&mut self, event: &Event) -> Option<SitePhase> {
        match event {
            Event::Published { bytes, .. } => self.published = Some(*bytes),
            Event::SmokePassed { results, .. } => self.smoke.clone_from(results),
            Event::Failed { failure, results, .. } => {
                self.failure = Some(failure.clone());
                self.smoke.clone_from(results);
            }
            Event::WentLive { .. } | Event::Replaced { .. } => {}
            Event::Requested { .. }
            | Event::Decided { .. }
            | Event::Leased { .. }
            | Event::LeaseHeld { .. }
            | Event::CheckRefused { .. }
            | Event::Checked { .. }
            | Event::Registered { .. }
            | Event::UpdateAccepted { .. }
            | Event::Paused { .. }
            | Event::Cleared { .. }
            | Event::Continued { .. }
            | Event::Diagnosed { .. }
            | Event::RolledOut { .. }
            | Event::Superseded { .. }
            | Event::Switched { .. }
            | Event::SwitchedBack { .. }
            | Event::RollbackBegan { .. }
            | Event::RolledBack { .. }
            | Event::Stuck { .. }
            | Event::Errored { .. }
            | Event::Suspended { .. }
            | Event::Resumed { .. }
            | Event::Concluded { .. } => return None,
        }
        Some(SitePhase::Untouched)
    }
}
