//! When the rollouts that are watched are looked at next, by what was seen of them.
//!
//! It judges nothing: a look that comes too early or too late changes when an end is noticed, and nothing else.

use std::time::Duration;

use futures_util::future::join_all;

use crate::{
    identifier::{ComponentName, TargetGroupArn},
    rollout::{Foresight, Waiting, next_look},
};

use super::{looks::Following, run::Run};

/// Of how many rollouts at once the drain is looked up: among more of them one ends at almost any time, and load
/// balancers let an account ask only so often.
const FEW: usize = 10;

impl Run<'_> {
    /// How long to wait before the next look at these, which were just looked at.
    pub(super) async fn until_next_look(&mut self, waiting: &[(ComponentName, Waiting)], age: Duration) -> Duration {
        let now = self.world.clock.now();
        for (name, _) in waiting {
            if let Some(following) = self.rollouts.get_mut(name) {
                following.foresee(now);
            }
        }
        self.look_up_drains(waiting).await;
        let next = |(name, why): &(ComponentName, Waiting)| match self.rollouts.get(name) {
            Some(following) => following.foresight.next_look(now, *why, age),
            None => next_look(*why, age),
        };
        let soonest = waiting.iter().map(next).min().unwrap_or_else(|| next_look(Waiting::Missing, age));
        self.jittered(soonest)
    }

    /// Asks how long old tasks drain, once for each rollout. Who cannot ask foresees less.
    async fn look_up_drains(&mut self, waiting: &[(ComponentName, Waiting)]) {
        if waiting.len() > FEW {
            return;
        }
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
    async fn drain_time(&self, groups: &[TargetGroupArn]) -> Duration {
        let operation = "elasticloadbalancing:DescribeTargetGroupAttributes";
        let times = groups.iter().map(|group| self.soon(operation, self.world.targets.drain_time(group)));
        join_all(times).await.into_iter().flatten().max().unwrap_or_default()
    }
}

impl Following {
    fn foresee(&mut self, now: jiff::Timestamp) {
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
