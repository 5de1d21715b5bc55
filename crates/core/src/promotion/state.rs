//! What a promotion's state amounts to: its phase for people, what is asked for now, how it ends.

use std::collections::{BTreeMap, BTreeSet};

use crate::{identifier::ComponentName, policy::Verdict};

use super::{
    component::{Component, ComponentPhase},
    effect::Effect,
    outcome::Outcome,
    plan::Change,
    transition::{Phase, Promotion, Stage, Stopped},
};

impl Promotion {
    /// Whether a service may have been changed.
    pub fn may_have_changed(&self) -> bool {
        self.components.values().any(|component| match component.phase {
            ComponentPhase::Planned | ComponentPhase::Untouched => false,
            _ if component.plan.change == Change::Nothing => false,
            // A registered component may have been updated just before the lights went out.
            ComponentPhase::Registered
            | ComponentPhase::RollingOut
            | ComponentPhase::Paused { .. }
            | ComponentPhase::Cleared { .. }
            | ComponentPhase::RolledOut { .. }
            | ComponentPhase::Proven { .. }
            | ComponentPhase::Failed
            | ComponentPhase::RollingBack { .. }
            | ComponentPhase::RolledBack { .. }
            | ComponentPhase::Stuck { .. }
            | ComponentPhase::Superseded { .. } => true,
        })
    }

    /// The phase for people.
    pub fn phase(&self) -> Phase {
        match self.stage {
            Stage::Requested => Phase::Requested,
            Stage::Admitted => Phase::Admitted,
            Stage::Leased => Phase::Leased,
            Stage::Stopped => Phase::Concluding,
            Stage::Concluded(outcome) => Phase::Ended(outcome),
            Stage::Working => match self.outstanding().first() {
                Some(Effect::Publish(_)) => Phase::Publishing,
                Some(Effect::Register(_)) => Phase::Registering,
                Some(Effect::Update(_) | Effect::Watch(_)) => Phase::RollingOut,
                Some(Effect::Examine(_) | Effect::Answer(_)) => Phase::Paused,
                Some(Effect::Smoke(_)) => Phase::Smoking,
                Some(Effect::RollBack(_) | Effect::WatchRollback(_)) => Phase::RollingBack,
                Some(Effect::Decide | Effect::Lease | Effect::Check | Effect::Conclude) | None => Phase::Concluding,
            },
        }
    }

    /// What is asked for now: a function of the state, so that a resumed promotion asks for the same.
    pub fn outstanding(&self) -> Vec<Effect> {
        match self.stage {
            Stage::Requested => vec![Effect::Decide],
            Stage::Admitted => vec![Effect::Lease],
            Stage::Leased => vec![Effect::Check],
            Stage::Stopped => vec![Effect::Conclude],
            Stage::Concluded(_) => Vec::new(),
            Stage::Working if self.is_failing() => vec![self.way_back()],
            Stage::Working if self.is_superseded() => self.way_out(),
            Stage::Working => self.way_forward(),
        }
    }

    fn way_forward(&self) -> Vec<Effect> {
        let unpublished = self
            .named(|component| matches!(component.phase, ComponentPhase::Planned) && component.is_to_be_published());
        if !unpublished.is_empty() {
            return vec![Effect::Publish(unpublished)];
        }
        let unregistered = self.named(|component| matches!(component.phase, ComponentPhase::Planned));
        let (unchanged, changing): (Vec<_>, Vec<_>) =
            unregistered.into_iter().partition(|name| self.components[name].plan.change == Change::Nothing);
        if !changing.is_empty() {
            return changing.into_iter().map(Effect::Register).collect();
        }
        let due = self.named(|component| {
            matches!(component.phase, ComponentPhase::Registered) && self.are_rolled_out(&component.plan.needs)
        });
        if !due.is_empty() {
            return due.into_iter().map(Effect::Update).collect();
        }
        let mut watched = self.named(|component| matches!(component.phase, ComponentPhase::RollingOut));
        watched.extend(unchanged);
        if !watched.is_empty() {
            return vec![Effect::Watch(watched)];
        }
        let held = self.held();
        if !held.is_empty() {
            return held;
        }
        let unsmoked = self.named(|component| matches!(component.phase, ComponentPhase::RolledOut { .. }));
        if !unsmoked.is_empty() {
            return unsmoked.into_iter().map(Effect::Smoke).collect();
        }
        vec![Effect::Conclude]
    }

    /// Somebody else deployed over a component: nothing new is begun, but what was begun is watched to its end.
    fn way_out(&self) -> Vec<Effect> {
        // A registered component may have been updated just before the lights went out.
        for name in self.order() {
            match &self.components[&name].phase {
                ComponentPhase::Registered => return vec![Effect::RollBack(name)],
                ComponentPhase::RollingBack { .. } => return vec![Effect::WatchRollback(name)],
                ComponentPhase::Planned
                | ComponentPhase::RollingOut
                | ComponentPhase::Paused { .. }
                | ComponentPhase::Cleared { .. }
                | ComponentPhase::RolledOut { .. }
                | ComponentPhase::Proven { .. }
                | ComponentPhase::Failed
                | ComponentPhase::Untouched
                | ComponentPhase::RolledBack { .. }
                | ComponentPhase::Stuck { .. }
                | ComponentPhase::Superseded { .. } => {}
            }
        }
        let watched = self.named(|component| matches!(component.phase, ComponentPhase::RollingOut));
        if !watched.is_empty() {
            return vec![Effect::Watch(watched)];
        }
        let held = self.held();
        if !held.is_empty() {
            return held;
        }
        let unsmoked = self.named(|component| matches!(component.phase, ComponentPhase::RolledOut { .. }));
        if !unsmoked.is_empty() {
            return unsmoked.into_iter().map(Effect::Smoke).collect();
        }
        vec![Effect::Conclude]
    }

    /// What ECS holds at a hook: those that may go on are told so, then the others are examined.
    fn held(&self) -> Vec<Effect> {
        let cleared = self.named(|component| matches!(component.phase, ComponentPhase::Cleared { .. }));
        if !cleared.is_empty() {
            return cleared.into_iter().map(Effect::Answer).collect();
        }
        let paused = self.named(|component| matches!(component.phase, ComponentPhase::Paused { .. }));
        paused.into_iter().map(Effect::Examine).collect()
    }

    /// One step back at a time, the last touched first.
    fn way_back(&self) -> Effect {
        let order = self.order();
        let next = order.iter().rev().find(|name| !self.components[*name].phase.is_settled());
        match next.map(|name| (name, &self.components[name].phase)) {
            Some((name, ComponentPhase::RollingBack { .. })) => Effect::WatchRollback(name.clone()),
            Some((name, _)) => Effect::RollBack(name.clone()),
            None => Effect::Conclude,
        }
    }

    /// The components in an order in which each comes after what it needs, and otherwise by name.
    pub fn order(&self) -> Vec<ComponentName> {
        if self.components.values().all(|component| component.plan.needs.is_empty()) {
            return self.components.keys().cloned().collect();
        }
        let unmet = |component: &Component| {
            component.plan.needs.iter().filter(|need| self.components.contains_key(*need)).count()
        };
        let mut unmet: BTreeMap<&ComponentName, usize> =
            self.components.iter().map(|(name, component)| (name, unmet(component))).collect();
        let mut ready: BTreeSet<&ComponentName> =
            unmet.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
        let mut order = Vec::with_capacity(self.components.len());
        while order.len() < self.components.len() {
            // Configuration refuses cycles; should one get here all the same, it is cut where the first name is.
            let Some(next) = ready.pop_first().or_else(|| unmet.keys().next().copied()) else {
                break;
            };
            unmet.remove(next);
            order.push(next.clone());
            for (name, component) in &self.components {
                let met = component.plan.needs.iter().filter(|need| *need == next).count();
                if let Some(count) = unmet.get_mut(name).filter(|_| met > 0) {
                    *count = count.saturating_sub(met);
                    if *count == 0 {
                        ready.insert(name);
                    }
                }
            }
        }
        order
    }

    fn named(&self, wanted: impl Fn(&Component) -> bool) -> Vec<ComponentName> {
        self.order().into_iter().filter(|name| wanted(&self.components[name])).collect()
    }

    fn are_rolled_out(&self, needs: &[ComponentName]) -> bool {
        needs.iter().all(|need| self.components.get(need).is_none_or(|component| component.phase.is_rolled_out()))
    }

    /// How it would end if it ended now; asked only when nothing but the record is missing.
    pub fn outcome(&self) -> Outcome {
        if let Stage::Concluded(outcome) = self.stage {
            return outcome;
        }
        match &self.stopped {
            Some(Stopped::Held { .. }) => Outcome::Held,
            Some(Stopped::Check { .. }) => Outcome::Refused,
            Some(Stopped::Failure(failure)) => failure.outcome(),
            Some(Stopped::Decision) => match self.decision.as_ref().map(|decision| &decision.verdict) {
                Some(Verdict::Ignored | Verdict::PublishOnly) => Outcome::Ignored,
                Some(Verdict::Allowed | Verdict::Held { .. } | Verdict::Refused) | None => Outcome::Refused,
            },
            None if self.outstanding() != [Effect::Conclude] => Outcome::Inconclusive,
            None => self.fold(),
        }
    }

    /// The outcome of components that have all come to an end.
    fn fold(&self) -> Outcome {
        let any =
            |wanted: fn(&ComponentPhase) -> bool| self.components.values().any(|component| wanted(&component.phase));
        let failure = self.components.values().find_map(|component| component.failure.as_ref());
        if any(|phase| matches!(phase, ComponentPhase::Stuck { .. })) {
            Outcome::Stuck
        } else if any(|phase| matches!(phase, ComponentPhase::Superseded { .. })) {
            Outcome::Superseded
        } else if any(|phase| matches!(phase, ComponentPhase::RolledBack { .. })) {
            Outcome::RolledBack
        } else if let Some(failure) = failure {
            failure.outcome()
        } else if any(|phase| matches!(phase, ComponentPhase::Proven { tasks: 0 })) {
            Outcome::Unverified
        } else if any(|phase| matches!(phase, ComponentPhase::Proven { .. })) && self.has_changed() {
            Outcome::Succeeded
        } else {
            Outcome::Unchanged
        }
    }

    fn has_changed(&self) -> bool {
        self.components.values().any(|component| component.plan.change != Change::Nothing)
    }
}
