//! A run that is asked to stop: what is in flight may come back, at most one call is made for each rollout, and what
//! goes on without us is said.

use std::time::Duration;

use futures_util::future::{Either, join_all, select};

use crate::{
    config::OnCancel,
    ports::{CallError, ServiceUpdate},
    promotion::{Change, Component, ComponentPhase, Effect, Event},
};

use super::{
    call,
    run::{Halt, Run},
};

/// How long a call in flight may take to come back once the run is asked to stop.
const IN_FLIGHT: Duration = Duration::from_secs(2);
/// How long the one call may take that asks ECS to go back.
const ONE_CALL: Duration = Duration::from_millis(1_500);

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

    /// Does what the environment asks for, and says what goes on now.
    pub(super) async fn cancel(&mut self) -> String {
        let under_way: Vec<Component> =
            self.journal.promotion.components.values().filter(|component| is_under_way(component)).cloned().collect();
        if under_way.is_empty() {
            return "the run was asked to stop".to_owned();
        }
        let words = match self.environment.on_cancel {
            OnCancel::Leave => under_way.iter().map(left).collect::<Vec<_>>(),
            OnCancel::Rollback => {
                let run = &*self;
                join_all(under_way.iter().map(|component| run.ask_back(component))).await
            }
        };
        format!("the run was asked to stop; {}", words.join("; "))
    }

    /// Asks ECS once to put back what served. What comes of it is not waited for.
    async fn ask_back(&self, component: &Component) -> String {
        let name = &component.plan.component;
        if matches!(component.phase, ComponentPhase::RollingBack { .. }) {
            return left(component);
        }
        match self.send_back(component).await {
            Some(Ok(())) => {
                format!("ECS was asked to put back what served of {name}; whether it does was not waited for")
            }
            Some(Err(error)) => format!("ECS was asked to put back what served of {name}, and may not do it: {error}"),
            None => format!("nothing of {name} is there to go back to; {}", left(component)),
        }
    }

    async fn send_back(&self, component: &Component) -> Option<Result<(), CallError>> {
        let plan = &component.plan;
        let target = plan.target.as_ref()?;
        let clock = &*self.world.clock;
        let known = self.rollouts.get(&plan.component).and_then(|following| following.watch.service_deployment());
        let is_ecs_choice =
            plan.before.as_ref().is_some_and(|before| before.task_definition == target.serving.task_definition);
        let is_rolling = !matches!(component.phase, ComponentPhase::RolledOut { .. } | ComponentPhase::Proven { .. });
        Some(match known {
            Some(known) if is_ecs_choice && is_rolling => {
                let sent = self.world.services.stop(known);
                call::write(clock, ONE_CALL, "ecs:StopServiceDeployment", sent).await
            }
            Some(_) | None => {
                let update = ServiceUpdate {
                    task_definition: target.serving.task_definition.clone(),
                    configuration: plan.configuration.as_ref().map(|change| change.before.clone()),
                };
                let sent = self.world.services.update(&plan.service, &update);
                call::write(clock, ONE_CALL, "ecs:UpdateService", sent).await.map(drop)
            }
        })
    }
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
        (_, None) => format!("ECS may go on by itself with {name}"),
    }
}
