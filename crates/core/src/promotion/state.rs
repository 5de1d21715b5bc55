//! What a promotion's state amounts to: its phase for people, what is asked for now, how it ends.

use std::collections::{BTreeMap, BTreeSet};

use crate::{identifier::ComponentName, policy::Verdict};

use super::{
    component::{Component, ComponentPhase},
    effect::Effect,
    outcome::Outcome,
    plan::Change,
    site::{Site, SitePhase},
    transition::{Phase, Promotion, Stage, Stopped},
};

impl Promotion {
    /// Whether a service may have been changed, or what visitors of a site see.
    pub fn may_have_changed(&self) -> bool {
        let is_site_changed = self.sites.values().any(Site::may_have_changed);
        is_site_changed
            || self.components.values().any(|component| match component.phase {
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
        let is_unpublished =
            |component: &Component| component.phase == ComponentPhase::Planned && component.is_to_be_published();
        let unpublished = self.named(is_unpublished, Site::is_to_be_published);
        if !unpublished.is_empty() {
            return vec![Effect::Publish(unpublished)];
        }
        let is_unregistered = |component: &Component| {
            component.phase == ComponentPhase::Planned && component.plan.change != Change::Nothing
        };
        let unregistered = self.named(is_unregistered, |_| false);
        if !unregistered.is_empty() {
            return unregistered.into_iter().map(Effect::Register).collect();
        }
        let due = self.named(
            |component| component.phase == ComponentPhase::Registered && self.are_rolled_out(&component.plan.needs),
            |site| site.phase == SitePhase::Published && self.are_rolled_out(&site.plan.needs),
        );
        if !due.is_empty() {
            return due.into_iter().map(Effect::Update).collect();
        }
        let mut watched = self.under_way();
        watched.extend(self.named(
            |component| component.phase == ComponentPhase::Planned && component.plan.change == Change::Nothing,
            |site| site.phase == SitePhase::Planned && !site.plan.is_change(),
        ));
        if !watched.is_empty() {
            return vec![Effect::Watch(watched)];
        }
        self.to_the_end()
    }

    /// Rollouts that ECS is at, and sites whose edges are being told.
    fn under_way(&self) -> Vec<ComponentName> {
        self.named(|component| component.phase == ComponentPhase::RollingOut, |site| site.phase == SitePhase::Switched)
    }

    /// What is left once no rollout is under way.
    fn to_the_end(&self) -> Vec<Effect> {
        let held = self.held();
        if !held.is_empty() {
            return held;
        }
        let unsmoked = self.named(
            |component| matches!(component.phase, ComponentPhase::RolledOut { .. }),
            |site| site.phase == SitePhase::Live,
        );
        if !unsmoked.is_empty() {
            return unsmoked.into_iter().map(Effect::Smoke).collect();
        }
        vec![Effect::Conclude]
    }

    /// Somebody else deployed over a component: nothing new is begun, but what was begun is watched to its end.
    fn way_out(&self) -> Vec<Effect> {
        // A registered component may have been updated just before the lights went out.
        let doubtful = self.named(
            |component| matches!(component.phase, ComponentPhase::Registered | ComponentPhase::RollingBack { .. }),
            |site| matches!(site.phase, SitePhase::Published | SitePhase::SwitchedBack),
        );
        if let Some(name) = doubtful.into_iter().next() {
            return vec![self.step_back(name)];
        }
        let watched = self.under_way();
        if !watched.is_empty() {
            return vec![Effect::Watch(watched)];
        }
        self.to_the_end()
    }

    /// What ECS holds at a hook: those that may go on are told so, then the others are examined.
    fn held(&self) -> Vec<Effect> {
        let cleared = self.named(|component| matches!(component.phase, ComponentPhase::Cleared { .. }), |_| false);
        if !cleared.is_empty() {
            return cleared.into_iter().map(Effect::Answer).collect();
        }
        let paused = self.named(|component| matches!(component.phase, ComponentPhase::Paused { .. }), |_| false);
        paused.into_iter().map(Effect::Examine).collect()
    }

    /// One step back at a time, the last touched first.
    fn way_back(&self) -> Effect {
        let mut open = self.named(|component| !component.phase.is_settled(), |site| !site.phase.is_settled());
        open.pop().map_or(Effect::Conclude, |name| self.step_back(name))
    }

    /// A component's next step back.
    fn step_back(&self, name: ComponentName) -> Effect {
        let is_on_its_way = match (self.components.get(&name), self.sites.get(&name)) {
            (Some(component), _) => matches!(component.phase, ComponentPhase::RollingBack { .. }),
            (None, site) => site.is_some_and(|site| site.phase == SitePhase::SwitchedBack),
        };
        if is_on_its_way { Effect::WatchRollback(name) } else { Effect::RollBack(name) }
    }

    /// The components in an order in which each comes after what it needs, and otherwise by name.
    pub fn order(&self) -> Vec<ComponentName> {
        let needs = self.needs();
        if needs.values().all(|needs| needs.is_empty()) {
            return needs.into_keys().cloned().collect();
        }
        let mut unmet: BTreeMap<&ComponentName, usize> = needs
            .iter()
            .map(|(name, wanted)| (*name, wanted.iter().filter(|need| needs.contains_key(need)).count()))
            .collect();
        let mut ready: BTreeSet<&ComponentName> =
            unmet.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
        let mut order = Vec::with_capacity(needs.len());
        while order.len() < needs.len() {
            // Configuration refuses cycles; should one get here all the same, it is cut where the first name is.
            let Some(next) = ready.pop_first().or_else(|| unmet.keys().next().copied()) else {
                break;
            };
            unmet.remove(next);
            order.push(next.clone());
            for (name, wanted) in &needs {
                let met = wanted.iter().filter(|need| *need == next).count();
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

    /// What each component needs.
    fn needs(&self) -> BTreeMap<&ComponentName, &[ComponentName]> {
        let services = self.components.iter().map(|(name, component)| (name, component.plan.needs.as_slice()));
        services.chain(self.sites.iter().map(|(name, site)| (name, site.plan.needs.as_slice()))).collect()
    }

    fn named(
        &self,
        service_wanted: impl Fn(&Component) -> bool,
        site_wanted: impl Fn(&Site) -> bool,
    ) -> Vec<ComponentName> {
        let is_wanted = |name: &ComponentName| {
            self.components.get(name).is_some_and(&service_wanted) || self.sites.get(name).is_some_and(&site_wanted)
        };
        self.order().into_iter().filter(is_wanted).collect()
    }

    fn are_rolled_out(&self, needs: &[ComponentName]) -> bool {
        needs.iter().all(|need| {
            self.components.get(need).is_none_or(|component| component.phase.is_rolled_out())
                && self.sites.get(need).is_none_or(|site| site.phase.is_live())
        })
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

    /// The outcome of components that have all come to an end: the worst of theirs.
    fn fold(&self) -> Outcome {
        let any = |service_is: fn(&ComponentPhase) -> bool, site_is: fn(&SitePhase) -> bool| {
            self.components.values().any(|component| service_is(&component.phase))
                || self.sites.values().any(|site| site_is(&site.phase))
        };
        if any(|phase| matches!(phase, ComponentPhase::Stuck { .. }), |phase| matches!(phase, SitePhase::Stuck { .. }))
        {
            return Outcome::Stuck;
        }
        if self.is_superseded() {
            return Outcome::Superseded;
        }
        let is_back = |phase: &ComponentPhase| matches!(phase, ComponentPhase::RolledBack { .. });
        if any(is_back, |phase| *phase == SitePhase::RolledBack) {
            return Outcome::RolledBack;
        }
        if let Some(failure) = self.failures().next() {
            return failure.outcome();
        }
        let is_unasked = |phase: &ComponentPhase| matches!(phase, ComponentPhase::Proven { tasks: 0 });
        if any(is_unasked, |phase| matches!(phase, SitePhase::Proven { answers: 0 })) {
            return Outcome::Unverified;
        }
        let is_proven = |phase: &ComponentPhase| matches!(phase, ComponentPhase::Proven { .. });
        if any(is_proven, |phase| matches!(phase, SitePhase::Proven { .. })) && self.has_changed() {
            return Outcome::Succeeded;
        }
        Outcome::Unchanged
    }

    fn has_changed(&self) -> bool {
        self.components.values().any(|component| component.plan.change != Change::Nothing)
            || self.sites.values().any(|site| site.plan.is_change())
    }
}
