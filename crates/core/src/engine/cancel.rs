//! A run that is asked to stop: what is in flight may come back, at most one call is made for each rollout and none for a
//! site, and what goes on without us is said.

use std::{sync::PoisonError, time::Duration};

use futures_util::future::{Either, join_all, select};

use crate::{
    config::OnCancel,
    identifier::ComponentName,
    ports::{CallError, ServiceUpdate},
    promotion::{Change, Component, ComponentPhase, Effect, Event, Failure, FailureKind},
    rollout::ServiceSnapshot,
};

use super::{
    call,
    run::{Halt, Run},
    site::Begun,
};

/// How long a call in flight may take to come back once the run is asked to stop.
const IN_FLIGHT: Duration = Duration::from_secs(2);
/// How long the one call may take that asks ECS to go back.
const ONE_CALL: Duration = Duration::from_secs(1);

impl Run<'_> {
    /// Performs these effects; once the run is asked to stop, they have a moment left to come to their end.
    pub(super) async fn perform_or_stop(&mut self, effects: &[Effect]) -> Result<Vec<Event>, Halt> {
        let (interrupt, clock) = (self.interrupt, &*self.world.clock);
        let asked = Box::pin(async move {
            interrupt.given().await;
            clock.deadline(IN_FLIGHT).await;
        });
        match select(Box::pin(self.perform(effects)), asked).await {
            Either::Left((result, _)) => result,
            Either::Right(((), _)) => Err(Halt::Interrupted),
        }
    }

    /// Nothing that changes anything is begun once the run is asked to stop: what is in flight may end, and what
    /// `on-cancel` asks for is the one call that is left.
    pub(super) fn may_begin(&self) -> Result<(), Halt> {
        if self.interrupt.is_given() { Err(Halt::Interrupted) } else { Ok(()) }
    }

    /// Does what the environment asks for, and says what goes on now.
    pub(super) async fn cancel(&mut self) -> String {
        let asked_for = self.asked_for.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let may_be_under_way = |component: &&Component| {
            let is_asked_for = asked_for.contains(&component.plan.component);
            is_under_way(component) || component.phase == ComponentPhase::Registered && is_asked_for
        };
        let components = self.journal.promotion.components.values();
        let under_way: Vec<Component> = components.filter(may_be_under_way).cloned().collect();
        let sites = self.begun_sites(&asked_for);
        if under_way.is_empty() && sites.is_empty() {
            return "the run was asked to stop".to_owned();
        }
        let is_wanted = self.environment.on_cancel == OnCancel::Rollback;
        if !is_wanted || !self.holds_lease().await {
            let why =
                if is_wanted { "; the way back was not asked for, since the lease could not be renewed" } else { "" };
            let words: Vec<String> = under_way.iter().map(left).chain(sites.iter().map(Begun::left)).collect();
            return format!("the run was asked to stop; {}{why}", words.join("; "));
        }
        let services = under_way.iter().filter(|component| may_be_declined(component));
        let services = services.map(|component| component.plan.component.clone());
        let declined = services.chain(sites.iter().filter(|site| site.may_be_declined()).map(|site| site.name.clone()));
        self.decline(declined.collect()).await;
        let run = &*self;
        let mut words = join_all(under_way.iter().map(|component| run.ask_back(component))).await;
        words.extend(sites.iter().map(Begun::left_to_go_back));
        format!("the run was asked to stop; {}", words.join("; "))
    }

    /// Journals that what is under way is to go back, before ECS is asked: a later run goes on with that, and nobody
    /// takes it for a judgement on the release.
    async fn decline(&mut self, names: Vec<ComponentName>) {
        for name in names {
            let message = "the run was asked to stop, and `on-cancel` asks for the way back";
            let failure = Failure::new(FailureKind::Declined, message);
            let event = Event::Failed { component: name, failure, end: None, results: Vec::new() };
            if let Err(halt) = self.happened(event).await {
                self.trouble(format!("the journal could not be written: {halt:?}"));
            }
        }
    }

    /// Whether the right to change the environment is still ours; asked for a moment only.
    async fn holds_lease(&mut self) -> bool {
        let (world, Some(lease)) = (self.world, &mut self.lease) else {
            return false;
        };
        let renewed = Box::pin(lease.renew(&*world.store));
        matches!(select(renewed, world.clock.deadline(ONE_CALL)).await, Either::Left((Ok(()), _)))
    }

    /// Asks ECS once to put back what served. What comes of it is not waited for.
    async fn ask_back(&self, component: &Component) -> String {
        let name = &component.plan.component;
        match self.send_back(component).await {
            Asked::Sent(Ok(())) => {
                format!("ECS was asked to put back what served of {name}; whether it does was not waited for")
            }
            Asked::Sent(Err(error)) => {
                format!("ECS was asked to put back what served of {name}, and may not do it: {error}")
            }
            Asked::NotOurs => format!("what runs of {name} may not be ours any more, so nothing was sent"),
            Asked::Nothing => left(component),
        }
    }

    async fn send_back(&self, component: &Component) -> Asked {
        let plan = &component.plan;
        let is_rolling = matches!(
            component.phase,
            ComponentPhase::RollingOut | ComponentPhase::Paused { .. } | ComponentPhase::Cleared { .. }
        );
        let is_out = matches!(component.phase, ComponentPhase::RolledOut { .. } | ComponentPhase::Proven { .. });
        // A way back that has begun may have been sent already.
        let (Some(target), Some(ours), true) = (&plan.target, &component.deployment, is_rolling || is_out) else {
            return Asked::Nothing;
        };
        let clock = &*self.world.clock;
        let known = self.rollouts.get(&plan.component).and_then(|following| following.watch.service_deployment());
        let is_ecs_choice =
            plan.before.as_ref().is_some_and(|before| before.task_definition == target.serving.task_definition);
        if let Some(known) = known.filter(|_| is_ecs_choice && is_rolling) {
            // It is bound to our own rollout: whatever somebody else has deployed since is not touched.
            let sent = self.world.services.stop(known);
            return Asked::Sent(call::write(clock, ONE_CALL, "ecs:StopServiceDeployment", sent).await);
        }
        let described = self.world.services.describe(std::slice::from_ref(&plan.service));
        let described = call::read(clock, ONE_CALL, "ecs:DescribeServices", described).await;
        let service = described.ok().and_then(|mut found| found.pop().flatten());
        if service.as_ref().and_then(ServiceSnapshot::primary).is_none_or(|primary| primary.id != *ours) {
            return Asked::NotOurs;
        }
        let update = ServiceUpdate {
            task_definition: target.serving.task_definition.clone(),
            configuration: plan.configuration.as_ref().map(|change| change.before.clone()),
            anew: false,
        };
        let sent = self.world.services.update(&plan.service, &update);
        Asked::Sent(call::write(clock, ONE_CALL, "ecs:UpdateService", sent).await.map(drop))
    }
}

/// Whether its rollout is still to be judged.
fn may_be_declined(component: &Component) -> bool {
    matches!(
        component.phase,
        ComponentPhase::RollingOut
            | ComponentPhase::Paused { .. }
            | ComponentPhase::Cleared { .. }
            | ComponentPhase::RolledOut { .. }
    )
}

/// What came of asking ECS to go back.
enum Asked {
    Sent(Result<(), CallError>),
    /// Our deployment is not what is primary, or nobody can say.
    NotOurs,
    /// There was nothing to ask.
    Nothing,
}

/// Whether ECS was set to something of this component and is not known to be back.
fn is_under_way(component: &Component) -> bool {
    component.plan.change != Change::Nothing
        && match component.phase {
            ComponentPhase::RollingOut
            | ComponentPhase::Paused { .. }
            | ComponentPhase::Cleared { .. }
            | ComponentPhase::RolledOut { .. }
            | ComponentPhase::Proven { .. }
            | ComponentPhase::Failed
            | ComponentPhase::RollingBack { .. } => true,
            ComponentPhase::Planned
            | ComponentPhase::Registered
            | ComponentPhase::Untouched
            | ComponentPhase::RolledBack { .. }
            | ComponentPhase::Stuck { .. }
            | ComponentPhase::Superseded { .. } => false,
        }
}

/// What ECS goes on with by itself.
fn left(component: &Component) -> String {
    let name = &component.plan.component;
    match (&component.phase, &component.deployment) {
        (ComponentPhase::RollingBack { deployment, .. }, _) => {
            format!("ECS goes on by itself with the way back of {name} ({deployment})")
        }
        (_, Some(deployment)) => format!("ECS goes on by itself with the rollout of {name} ({deployment})"),
        (_, None) => format!("an update of {name} was under way: ECS may go on by itself with it"),
    }
}
