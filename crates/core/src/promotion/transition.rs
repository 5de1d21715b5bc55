//! The transition function: what an event makes of a promotion, and what is asked for then.
//!
//! Everything is a function of the events so far, so replaying the journal is the recovery.

use std::collections::BTreeMap;

use crate::{
    identifier::ComponentName,
    policy::{Decision, Verdict},
};

use super::{
    component::{Component, ComponentPhase, Failure},
    effect::Effect,
    event::Event,
    outcome::Outcome,
    plan::Change,
    request::Request,
    site::{Site, SitePhase},
};

/// A promotion, as its events have made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Promotion {
    /// What was asked.
    pub request: Request,
    /// What policy decided, once it has.
    pub decision: Option<Decision>,
    /// The fence of the lease under which the last change was made.
    pub fence: Option<u64>,
    /// The services, once they are checked.
    pub components: BTreeMap<ComponentName, Component>,
    /// The sites, once they are checked.
    pub sites: BTreeMap<ComponentName, Site>,
    /// Why it did not come to a change, where it did not.
    pub stopped: Option<Stopped>,
    pub(super) stage: Stage,
}

/// Why a promotion did not come to a change.
#[derive(Debug, Clone, PartialEq)]
pub enum Stopped {
    /// Policy or the lease said: not now.
    Held {
        /// Why and until when, for people.
        why: String,
        /// When to try again, where it is known.
        until: Option<jiff::Timestamp>,
    },
    /// Policy said no, or that this is not ours.
    Decision,
    /// The check found what forbids it.
    Check {
        /// What was found.
        findings: Vec<String>,
    },
    /// We could not act or could not tell.
    Failure(Failure),
}

/// How far a promotion as a whole is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Requested,
    Admitted,
    Leased,
    Working,
    Stopped,
    Concluded(Outcome),
}

/// The phase of a promotion for people: the fold over its components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Asked for, not decided.
    Requested,
    /// Policy allows it.
    Admitted,
    /// The lease is held.
    Leased,
    /// Everything that can be known beforehand was verified.
    Checked,
    /// Images and files are being brought to the environment's registries and buckets.
    Publishing,
    /// Revisions are being registered.
    Registering,
    /// ECS rolls out, or sites are switched.
    RollingOut,
    /// ECS waits at a hook for a word.
    Paused,
    /// Smoke checks run.
    Smoking,
    /// What failed is being put back.
    RollingBack,
    /// Only the record is missing.
    Concluding,
    /// Over.
    Ended(Outcome),
}

impl Phase {
    /// The phase's name, as people and machines read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Admitted => "admitted",
            Self::Leased => "leased",
            Self::Checked => "checked",
            Self::Publishing => "publishing",
            Self::Registering => "registering",
            Self::RollingOut => "rolling out",
            Self::Paused => "paused",
            Self::Smoking => "smoking",
            Self::RollingBack => "rolling back",
            Self::Concluding => "concluding",
            Self::Ended(outcome) => outcome.name(),
        }
    }
}

/// An event that cannot have happened in that phase: a broken journal or a broken program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{event} cannot happen while a promotion is {phase}")]
pub struct IllegalTransition {
    /// The phase.
    pub phase: &'static str,
    /// The event.
    pub event: String,
}

impl Promotion {
    /// The promotion that its first event makes.
    ///
    /// # Errors
    /// When the event is not a request.
    pub fn begin(event: &Event) -> Result<Self, IllegalTransition> {
        let Event::Requested { request } = event else {
            return Err(IllegalTransition { phase: "not begun", event: event.name().to_owned() });
        };
        Ok(Self {
            request: (**request).clone(),
            decision: None,
            fence: None,
            components: BTreeMap::new(),
            sites: BTreeMap::new(),
            stopped: None,
            stage: Stage::Requested,
        })
    }

    /// Takes in what happened.
    ///
    /// # Errors
    /// When it cannot have happened now; the promotion is unchanged.
    pub fn apply(&mut self, event: &Event) -> Result<(), IllegalTransition> {
        match self.take(event) {
            Some(()) => Ok(()),
            None => Err(IllegalTransition { phase: self.phase().name(), event: event.name().to_owned() }),
        }
    }

    /// Takes in what happened, or changes nothing where it cannot have happened now.
    fn take(&mut self, event: &Event) -> Option<()> {
        let stage = self.stage;
        match (stage, event) {
            (Stage::Concluded(_), _) | (_, Event::Requested { .. }) => return None,
            (_, Event::Suspended { .. }) => {}
            (_, Event::Resumed { fence }) => self.fence = Some(*fence),
            (Stage::Requested, Event::Decided { decision }) => self.decide(decision),
            (Stage::Admitted, Event::Leased { fence }) => {
                self.fence = Some(*fence);
                self.stage = Stage::Leased;
            }
            (Stage::Admitted, Event::LeaseHeld { holder, until }) => {
                self.stop(Stopped::Held { why: holder.clone(), until: Some(*until) });
            }
            (Stage::Leased, Event::CheckRefused { findings }) => {
                self.stop(Stopped::Check { findings: findings.clone() });
            }
            (Stage::Leased, Event::Checked { plans, sites }) => {
                self.components =
                    plans.iter().map(|plan| (plan.component.clone(), Component::planned(plan.clone()))).collect();
                self.sites = sites.iter().map(|plan| (plan.component.clone(), Site::planned(plan.clone()))).collect();
                self.stage = Stage::Working;
            }
            (Stage::Requested | Stage::Admitted | Stage::Leased, Event::Errored { failure }) => {
                self.stop(Stopped::Failure(failure.clone()));
            }
            (Stage::Working | Stage::Stopped, Event::Concluded { outcome, .. }) => {
                if self.outstanding() != [Effect::Conclude] {
                    return None;
                }
                self.stage = Stage::Concluded(*outcome);
            }
            (Stage::Working, event) => return self.component_event(event),
            (Stage::Requested | Stage::Admitted | Stage::Leased | Stage::Stopped, _) => return None,
        }
        Some(())
    }

    fn decide(&mut self, decision: &Decision) {
        self.decision = Some(decision.clone());
        match &decision.verdict {
            Verdict::Allowed => self.stage = Stage::Admitted,
            Verdict::Held { until } => {
                self.stop(Stopped::Held { why: "policy holds it".to_owned(), until: Some(*until) });
            }
            Verdict::Refused | Verdict::Ignored | Verdict::PublishOnly => self.stop(Stopped::Decision),
        }
    }

    fn stop(&mut self, stopped: Stopped) {
        self.stopped = Some(stopped);
        self.stage = Stage::Stopped;
    }

    /// Applies an event of one component; `None` where it cannot have happened.
    fn component_event(&mut self, event: &Event) -> Option<()> {
        let is_stopping = self.is_failing() || self.is_superseded();
        let name = event.component()?;
        match (self.components.get_mut(name), self.sites.get_mut(name)) {
            (Some(component), _) => component.phase = component.after(event, is_stopping)?,
            (None, Some(site)) => site.phase = site.after(event, is_stopping)?,
            (None, None) => return None,
        }
        if self.is_failing() || self.is_superseded() {
            self.spare_the_untouched();
        }
        Some(())
    }

    /// Once one component has failed or was replaced, those of which nothing was changed stay so.
    fn spare_the_untouched(&mut self) {
        for component in self.components.values_mut().filter(|component| !component.phase.is_settled()) {
            if component.phase == ComponentPhase::Planned || component.plan.change == Change::Nothing {
                component.phase = ComponentPhase::Untouched;
            }
        }
        for site in self.sites.values_mut().filter(|site| !site.phase.is_settled()) {
            if !site.may_have_changed() {
                site.phase = SitePhase::Untouched;
            }
        }
    }

    /// Whether a component has failed, so that all go back.
    pub fn is_failing(&self) -> bool {
        self.failures().next().is_some()
    }

    /// Why components failed: services first.
    pub fn failures(&self) -> impl Iterator<Item = &Failure> {
        let services = self.components.values().filter_map(|component| component.failure.as_ref());
        services.chain(self.sites.values().filter_map(|site| site.failure.as_ref()))
    }

    pub(super) fn is_superseded(&self) -> bool {
        self.components.values().any(|component| matches!(component.phase, ComponentPhase::Superseded { .. }))
            || self.sites.values().any(|site| matches!(site.phase, SitePhase::Superseded { .. }))
    }
}
