//! Effect Update: the service is set to its revision, by exactly one accepted call.
//!
//! Whether a lost call arrived is settled by reading, never by sending again blindly.

use std::{sync::PoisonError, time::Duration};

use jiff::Timestamp;

use crate::{
    identifier::{ComponentName, DeploymentId, ServiceDeploymentArn, TaskDefinitionArn},
    ports::{CallError, ServiceUpdate},
    promotion::{ComponentPlan, Event, FailureKind},
    rollout::{Deployment, DeploymentConfiguration, DeploymentStatus, ServiceKey, ServiceSnapshot},
};

use super::{
    call,
    run::{CONTACT_LOST, Halt, Run, failure},
};

/// How long a change may take to show in what ECS answers.
const VISIBILITY: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// What reading told about a call that may have been carried out.
pub(super) enum Trace {
    /// It was: this is its deployment.
    Applied(DeploymentId),
    /// It was not: what served before is still set.
    NotApplied,
    /// Somebody else's deployment is there instead.
    SomebodyElse(TaskDefinitionArn),
}

/// What an update must be told apart from.
pub(super) struct Before<'a> {
    pub(super) service: &'a ServiceKey,
    pub(super) wanted: &'a TaskDefinitionArn,
    /// The primary deployment before the call.
    pub(super) primary: Option<&'a DeploymentId>,
    /// The primary deployment before the promotion: while it is not primary again, it is no trace of the call.
    pub(super) base: Option<&'a DeploymentId>,
    pub(super) seen: &'a [ServiceDeploymentArn],
    pub(super) listed_after: Option<Timestamp>,
    /// How ECS is to deploy from then on, where that changes.
    pub(super) configuration: Option<&'a DeploymentConfiguration>,
    /// Whether what is wanted is what the service is set to: going back to what ECS has given up.
    pub(super) is_set: bool,
}

impl<'a> Before<'a> {
    fn of(plan: &'a ComponentPlan, wanted: &'a TaskDefinitionArn) -> Self {
        Self {
            service: &plan.service,
            wanted,
            primary: plan.base_deployment.as_ref(),
            base: plan.base_deployment.as_ref(),
            seen: &plan.seen,
            listed_after: plan.listed_after,
            configuration: plan.configuration.as_ref().map(|change| &change.after),
            is_set: plan.before.as_ref().is_some_and(|before| before.task_definition == *wanted),
        }
    }
}

impl Run<'_> {
    /// Sets the component's service to its revision.
    pub(super) async fn update(&self, name: &ComponentName) -> Result<Vec<Event>, Halt> {
        let revision = self.revision(name)?;
        let before = Before::of(&self.component(name)?.plan, &revision);
        let component = name.clone();
        if self.is_resumed {
            match self.trace(&before, self.visible_from()).await? {
                Trace::Applied(deployment) => {
                    return Ok(vec![Event::UpdateAccepted { component, deployment }]);
                }
                Trace::SomebodyElse(by) => {
                    return Ok(vec![Event::Superseded { component, by: Some(by) }]);
                }
                Trace::NotApplied => {}
            }
        }
        self.may_begin()?;
        self.asked_for.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone());
        match self.set_service(&before).await? {
            Ok(Trace::Applied(deployment)) => Ok(vec![Event::UpdateAccepted { component, deployment }]),
            Ok(Trace::SomebodyElse(by)) => Ok(vec![Event::Superseded { component, by: Some(by) }]),
            Ok(Trace::NotApplied) => {
                self.again(format!("ECS did not carry out the update of {}", before.service)).await
            }
            Err(error) => {
                // ECS refused it: nothing of it can be under way.
                self.asked_for.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
                let failure = failure(FailureKind::Update, &error);
                Ok(vec![Event::Failed { component, failure, end: None, results: Vec::new() }])
            }
        }
    }

    /// Sends the update once, and settles an ambiguous answer by reading.
    pub(super) async fn set_service(&self, before: &Before<'_>) -> Result<Result<Trace, CallError>, Halt> {
        let update = ServiceUpdate {
            task_definition: before.wanted.clone(),
            configuration: before.configuration.cloned(),
            anew: before.is_set,
        };
        let sent = self.world.services.update(before.service, &update);
        let answer = call::write(&*self.world.clock, self.settings.call_deadline, "ecs:UpdateService", sent).await;
        let now = self.world.clock.now();
        match answer {
            Ok(snapshot) => match ours(&snapshot, before) {
                Some(deployment) => Ok(Ok(Trace::Applied(deployment))),
                None => self.trace(before, now).await.map(Ok),
            },
            Err(error) if error.is_ambiguous() => {
                self.trouble(format!("{error}; looking whether ECS carried it out"));
                self.trace(before, now).await.map(Ok)
            }
            Err(error) => Ok(Err(error)),
        }
    }

    /// Reads until the call is seen, or should long have been. Who cannot read does not know that nothing was done.
    pub(super) async fn trace(&self, before: &Before<'_>, sent_at: Timestamp) -> Result<Trace, Halt> {
        let mut last_contact = self.world.clock.now();
        loop {
            let looked = self.look_for(before).await;
            let now = self.world.clock.now();
            match looked {
                Ok(Trace::NotApplied) if now >= sent_at + VISIBILITY => {
                    return Ok(Trace::NotApplied);
                }
                Ok(Trace::NotApplied) => last_contact = now,
                Ok(known) => return Ok(known),
                Err(error) if error.is_passing() && now < last_contact + CONTACT_LOST => {
                    self.trouble(error.to_string());
                }
                Err(error) => return Err(Halt::Suspend(error.to_string())),
            }
            self.wait(LOOK_EVERY).await?;
        }
    }

    async fn look_for(&self, before: &Before<'_>) -> Result<Trace, CallError> {
        let services = &self.world.services;
        let described = self.read("ecs:DescribeServices", services.describe(std::slice::from_ref(before.service)));
        let snapshot = described.await?.pop().flatten();
        if let Some(deployment) = snapshot.as_ref().and_then(|snapshot| ours(snapshot, before)) {
            return Ok(Trace::Applied(deployment));
        }
        // Our deployment may have come and gone: the service deployments remember it.
        let listed = self.read("ecs:ListServiceDeployments", services.deployments(before.service, before.listed_after));
        for deployment in listed.await?.unwrap_or_default() {
            let (false, Some(target)) = (before.seen.contains(&deployment.arn), &deployment.target) else {
                continue;
            };
            let revision = self.read("ecs:DescribeServiceRevisions", services.revision(target)).await?;
            if revision.is_some_and(|revision| revision.task_definition == *before.wanted) {
                let digits = target.as_str().rsplit_once('/').map_or("", |(_, digits)| digits);
                if let Ok(id) = format!("ecs-svc/{digits}").parse() {
                    return Ok(Trace::Applied(id));
                }
            }
        }
        let primary = snapshot.as_ref().and_then(ServiceSnapshot::primary);
        Ok(match primary {
            Some(primary) if Some(&primary.id) != before.primary => {
                Trace::SomebodyElse(primary.task_definition.clone())
            }
            Some(_) | None => Trace::NotApplied,
        })
    }

    /// From when on a call of the run before must have become visible.
    fn visible_from(&self) -> Timestamp {
        let last = self.journal.entries.iter().rev().find(|entry| entry.happened.component().is_some());
        let now = self.world.clock.now();
        // The call may have been under way for as long as any call may.
        last.map_or(now, |entry| (entry.at + self.settings.call_deadline).min(now))
    }
}

/// The deployment that runs what we wanted and was not there before.
fn ours(snapshot: &ServiceSnapshot, before: &Before<'_>) -> Option<DeploymentId> {
    let is_new = |deployment: &&Deployment| {
        Some(&deployment.id) != before.primary
            && (Some(&deployment.id) != before.base || deployment.status == DeploymentStatus::Primary)
    };
    let mut wanted = snapshot.deployments.iter().filter(|deployment| deployment.task_definition == *before.wanted);
    wanted.find(is_new).map(|deployment| deployment.id.clone())
}
