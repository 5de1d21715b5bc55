//! What is read of rollouts that are under way: the services together, and their service deployments where needed.
//!
//! It reads as little as tells what matters: a hundred services are ten calls, and their service deployments five.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::join_all;
use jiff::Timestamp;

use crate::{
    identifier::{ComponentName, ServiceDeploymentArn, TaskArn},
    ports::CallError,
    promotion::ComponentPlan,
    rollout::{
        Foresight, Listing, Look, ServiceDeployment, ServiceDeploymentStatus, ServiceKey, ServiceSnapshot, StoppedTask,
        Tally, Watch,
    },
};

use super::run::Run;

/// How long the classic model alone may be looked at: what only a service deployment tells is seen after that.
const ASK_AGAIN: Duration = Duration::from_secs(20);

/// The same while all new tasks run and no alarm is watched: what ECS gives up then, it shows of the service too.
const ASK_AGAIN_WHEN_CALM: Duration = Duration::from_secs(45);

/// How far our clock may be ahead of the server's.
const CLOCKS_DIFFER: Duration = Duration::from_secs(5);

/// A rollout that is under way, and what was seen of it so far.
pub(super) struct Following {
    pub(super) watch: Watch,
    /// When its service deployment was last asked for.
    asked_at: Option<Timestamp>,
    /// When its ended tasks were last asked for.
    pub(super) tasks_asked_at: Option<Timestamp>,
    pub(super) tally: Tally,
    /// Tasks that ended: kept, since ECS forgets them.
    pub(super) ended: BTreeMap<TaskArn, StoppedTask>,
    /// The last look at the service.
    pub(super) last: Option<ServiceSnapshot>,
    /// Whether fewer of its tasks were seen running than before: some may have ended.
    pub(super) has_lost_tasks: bool,
    /// The newest of ECS's events that was told.
    pub(super) told: Option<Timestamp>,
    /// Events before this are none of its business: the deployment of a way back may be old.
    pub(super) since: Option<Timestamp>,
    /// When it can end at the soonest.
    pub(super) foresight: Foresight,
}

impl Following {
    pub(super) fn new(watch: Watch) -> Self {
        Self {
            watch,
            asked_at: None,
            tasks_asked_at: None,
            tally: Tally::default(),
            ended: BTreeMap::new(),
            last: None,
            has_lost_tasks: false,
            told: None,
            since: None,
            foresight: Foresight::default(),
        }
    }
}

impl Following {
    /// A way back: the deployment may have had tasks before, which are none of its business.
    pub(super) fn of_way_back(watch: Watch, now: Timestamp, forward: Option<&Self>) -> Self {
        let since = now.checked_sub(CLOCKS_DIFFER).unwrap_or(now);
        let told = forward.and_then(|forward| forward.told);
        Self { tally: Tally::since(since), told, since: Some(since), ..Self::new(watch) }
    }

    /// Takes in a look at the service.
    pub(super) fn saw(&mut self, service: Option<&ServiceSnapshot>) {
        let running = |service: Option<&ServiceSnapshot>| {
            service.and_then(|service| service.deployment(&self.watch.deployment)).map_or(0, |ours| ours.running)
        };
        self.has_lost_tasks |= running(service) < running(self.last.as_ref());
        if service.is_some() {
            self.last = service.cloned();
        }
    }
}

/// How a service deployment is to be asked for.
enum Demand<'a> {
    Nothing,
    /// Ours is known.
    Known(&'a ServiceDeploymentArn),
    /// ECS calls this one current; it may be ours.
    Hinted(ServiceDeploymentArn, &'a ComponentPlan),
    /// Ours is to be found among all.
    Listed(&'a ComponentPlan),
}

impl Run<'_> {
    /// One look at all of them.
    pub(super) async fn look_at(&mut self, names: &[ComponentName]) -> Result<Vec<Look>, CallError> {
        let plans: Vec<&ComponentPlan> = names
            .iter()
            .filter_map(|name| self.journal.promotion.components.get(name))
            .map(|component| &component.plan)
            .collect();
        let keys: Vec<ServiceKey> = plans.iter().map(|plan| plan.service.clone()).collect();
        let described = self.read("ecs:DescribeServices", self.world.services.describe(&keys));
        let services = described.await?;
        let at = self.world.clock.now();
        let demands: Vec<Demand<'_>> =
            plans.iter().zip(&services).map(|(plan, service)| self.demand(plan, service.as_ref(), at)).collect();
        let asked: Vec<bool> = demands.iter().map(|demand| !matches!(demand, Demand::Nothing)).collect();
        let listings = self.answer(demands).await?;
        for (name, _) in names.iter().zip(asked).filter(|(_, asked)| *asked) {
            if let Some(following) = self.rollouts.get_mut(name) {
                following.asked_at = Some(at);
            }
        }
        let looks = services.into_iter().zip(listings);
        Ok(looks.map(|(service, service_deployments)| Look { at, service, service_deployments }).collect())
    }

    fn demand<'b>(&'b self, plan: &'b ComponentPlan, service: Option<&ServiceSnapshot>, at: Timestamp) -> Demand<'b> {
        // Nothing was changed, so no service deployment is ours; a service that is missing has none to tell.
        let (Some(following), Some(service)) = (self.rollouts.get(&plan.component), service) else {
            return Demand::Nothing;
        };
        let is_calm = following.foresight.is_calm() && service.alarms.is_empty();
        let ask_again = if is_calm { ASK_AGAIN_WHEN_CALM } else { ASK_AGAIN };
        let is_due = following.asked_at.is_none_or(|asked| at >= asked + ask_again);
        if !is_due && !following.watch.wants_more(service) {
            return Demand::Nothing;
        }
        match (following.watch.service_deployment(), &service.current) {
            (Some(known), _) => Demand::Known(known),
            (None, Some(current)) if !plan.seen.contains(current) => Demand::Hinted(current.clone(), plan),
            (None, _) => Demand::Listed(plan),
        }
    }

    /// Asks for all of them, those whose names are known together.
    async fn answer(&self, demands: Vec<Demand<'_>>) -> Result<Vec<Listing>, CallError> {
        let named = demands.iter().filter_map(|demand| match demand {
            Demand::Known(arn) => Some((*arn).clone()),
            Demand::Hinted(arn, _) => Some(arn.clone()),
            Demand::Nothing | Demand::Listed(_) => None,
        });
        let named: Vec<ServiceDeploymentArn> = named.collect();
        let has_hints = demands.iter().any(|demand| matches!(demand, Demand::Hinted(..)));
        let came = if named.is_empty() { Ok(Vec::new()) } else { self.in_full(&named).await };
        let came = match came {
            // Who may not describe them may not be allowed to list them either: the listing knows.
            Err(error) if has_hints && !error.is_passing() => Vec::new(),
            // What may be listed and not be described is as good as not offered: the classic model is left.
            Err(error) if error.is_denied() => {
                let listing = |demand: &Demand<'_>| match demand {
                    Demand::Nothing => Listing::NotAsked,
                    Demand::Known(_) | Demand::Hinted(..) | Demand::Listed(_) => Listing::NotOffered,
                };
                return Ok(demands.iter().map(listing).collect());
            }
            came => came?,
        };
        let of = |arn: &ServiceDeploymentArn| came.iter().find(|one| one.arn == *arn).cloned();
        let listings = demands.into_iter().map(|demand| {
            let found = match &demand {
                Demand::Known(arn) => of(arn),
                Demand::Hinted(arn, plan) => of(arn).filter(|one| self.is_ours(plan, one)),
                Demand::Nothing | Demand::Listed(_) => None,
            };
            async move {
                match demand {
                    Demand::Nothing => Ok(Listing::NotAsked),
                    Demand::Known(_) => Ok(Listing::Came(found.into_iter().collect())),
                    Demand::Hinted(..) if found.is_some() => Ok(Listing::Came(found.into_iter().collect())),
                    Demand::Hinted(_, plan) | Demand::Listed(plan) => self.listed(plan).await,
                }
            }
        });
        join_all(listings).await.into_iter().collect()
    }

    fn is_ours(&self, plan: &ComponentPlan, deployment: &ServiceDeployment) -> bool {
        let following = self.rollouts.get(&plan.component);
        let target = deployment.target.as_ref();
        following.is_some_and(|following| target.is_some_and(|target| target.is_of(&following.watch.deployment)))
    }

    /// The listing; what ended badly is read in full, since the listing does not say why.
    async fn listed(&self, plan: &ComponentPlan) -> Result<Listing, CallError> {
        let services = &self.world.services;
        let listed = self.read("ecs:ListServiceDeployments", services.deployments(&plan.service, plan.listed_after));
        let Some(listed) = listed.await? else {
            return Ok(Listing::NotOffered);
        };
        let new: Vec<_> =
            listed.iter().filter(|one| !plan.seen.contains(&one.arn)).map(|one| one.arn.clone()).collect();
        let is_good = |one: &ServiceDeployment| one.status == ServiceDeploymentStatus::Successful;
        let ended_badly = listed.iter().any(|one| new.contains(&one.arn) && one.status.is_final() && !is_good(one));
        Ok(Listing::Came(if ended_badly { self.in_full(&new).await? } else { listed }))
    }

    pub(super) async fn in_full(&self, arns: &[ServiceDeploymentArn]) -> Result<Vec<ServiceDeployment>, CallError> {
        self.read("ecs:DescribeServiceDeployments", self.world.services.deployments_in_full(arns)).await
    }
}
