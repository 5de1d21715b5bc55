//! When the rollouts that are watched are looked at next, by what was seen of them.
//!
//! It judges nothing: a look that comes too early or too late changes when an end is noticed, and nothing else.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::join_all;
use jiff::Timestamp;

use crate::{
    identifier::{ClusterName, ComponentName, TargetGroupArn},
    rollout::{Foresight, Waiting, among_many, next_look},
};

use super::{looks::Following, run::Run};

/// Of how many rollouts at once the drain is looked up: among more of them one ends at almost any time, and load
/// balancers let an account ask only so often.
const FEW: usize = 10;

/// How long is waited at the least before anything is looked at again.
const AT_LEAST: Duration = Duration::from_millis(100);

/// How many services are described in one call.
const IN_A_CALL: usize = 10;

impl Run<'_> {
    /// Which of these are to be looked at now: those whose time has come, and whoever has room in the same calls, those
    /// first whose time comes next.
    pub(super) fn due(&self, names: &[ComponentName]) -> Vec<ComponentName> {
        let now = self.world.clock.now();
        let mut clusters: BTreeMap<&ClusterName, Vec<(Timestamp, &ComponentName)>> = BTreeMap::new();
        for name in names {
            let plan = self.journal.promotion.components.get(name).map(|component| &component.plan);
            let next = self.next_looks.get(name).copied().unwrap_or(now);
            if let Some(plan) = plan {
                clusters.entry(&plan.service.cluster).or_default().push((next, name));
            }
        }
        let together = clusters.into_values().flat_map(|mut members| {
            members.sort_unstable();
            let due = members.iter().filter(|(next, _)| *next <= now).count();
            members.truncate(due.next_multiple_of(IN_A_CALL));
            members
        });
        together.map(|(_, name)| name.clone()).collect()
    }

    /// Takes in what was seen of these, and says when each is looked at next, of as many as are watched.
    pub(super) async fn plan_looks(
        &mut self,
        looked_at: &[ComponentName],
        waiting: &[(ComponentName, Waiting)],
        watched: usize,
    ) {
        let now = self.world.clock.now();
        for (name, _) in waiting {
            if let Some(following) = self.rollouts.get_mut(name) {
                following.foresee(now);
            }
        }
        if watched <= FEW {
            self.look_up_drains(waiting).await;
        }
        // What could not be looked at is not asked for again at once.
        let unseen = now + self.jittered(next_look(Waiting::Missing, Duration::MAX));
        self.next_looks.extend(looked_at.iter().map(|name| (name.clone(), unseen)));
        for (name, why) in waiting {
            let wait = match self.rollouts.get(name) {
                Some(following) => following.foresight.next_look(now, *why, following.age(now)),
                None => next_look(*why, Duration::MAX),
            };
            self.next_looks.insert(name.clone(), now + self.jittered(among_many(wait, watched)));
        }
    }

    /// How long it is until one of these is to be looked at.
    pub(super) fn until_next_look(&self, names: &[ComponentName]) -> Duration {
        let now = self.world.clock.now();
        let next = names.iter().filter_map(|name| self.next_looks.get(name)).min();
        next.map_or(AT_LEAST, |next| Duration::try_from(next.duration_since(now)).unwrap_or_default().max(AT_LEAST))
    }

    /// Asks how long old tasks drain, once for each rollout. Who cannot ask foresees less.
    async fn look_up_drains(&mut self, waiting: &[(ComponentName, Waiting)]) {
        let wanted = waiting.iter().filter_map(|(name, _)| Some((name, self.rollouts.get(name)?.undrained()?)));
        let wanted: Vec<_> = wanted.collect();
        let drains = join_all(wanted.iter().map(|(_, groups)| self.drain_time(groups))).await;
        let found: Vec<_> = wanted.iter().map(|(name, _)| (*name).clone()).zip(drains).collect();
        for (name, drain) in found {
            if let Some(following) = self.rollouts.get_mut(&name) {
                following.foresight.drains_for(drain);
            }
        }
    }

    /// The longest of these groups' drain times; none where nobody may know.
    async fn drain_time(&self, groups: &[TargetGroupArn]) -> Option<Duration> {
        let operation = "elasticloadbalancing:DescribeTargetGroupAttributes";
        let times = groups.iter().map(|group| self.soon(operation, self.world.targets.drain_time(group)));
        join_all(times).await.into_iter().flatten().max()
    }
}

impl Following {
    fn age(&self, now: Timestamp) -> Duration {
        Duration::try_from(now.duration_since(self.watch.accepted_at)).unwrap_or_default()
    }

    fn foresee(&mut self, now: Timestamp) {
        if let Some(service) = &self.last {
            self.foresight.saw(now, service, &self.watch.deployment);
        }
    }

    /// The target groups whose drain time is worth asking for.
    fn undrained(&self) -> Option<Vec<TargetGroupArn>> {
        let Self { foresight, last, .. } = self;
        let groups = last.as_ref().map(|service| service.target_groups.clone())?;
        (Foresight::wants_drain(foresight) && !groups.is_empty()).then_some(groups)
    }
}
