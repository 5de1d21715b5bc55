//! Gathers what can be seen of a rollout that goes badly, and has it diagnosed. Whatever cannot be asked costs only
//! itself.

use std::time::Duration;

use futures_util::future::{join, join_all, join3};

use crate::{
    identifier::{ComponentName, DeploymentId, TaskDefinitionArn},
    ports::{CallError, LogStream},
    promotion::{Component, Event},
    rollout::{
        Alarm, AlarmState, Diagnosis, Evidence, Facts, LogLine, ServiceSnapshot, StoppedTask, TargetHealth, diagnose,
    },
    task_definition::Document,
};

use super::{
    call,
    run::{Halt, Run},
};

/// How long any one look for evidence may take: the user waits for a verdict.
const PATIENCE: Duration = Duration::from_secs(20);
/// How many lines of a log are kept.
const LINES: usize = 50;
/// Of how many ended tasks the logs are read.
const TASKS: usize = 6;

/// What is diagnosed: a deployment and what it runs.
pub(super) struct Patient<'a> {
    pub(super) component: &'a Component,
    pub(super) deployment: &'a DeploymentId,
    pub(super) revision: &'a TaskDefinitionArn,
    /// The last look at the service.
    pub(super) service: Option<&'a ServiceSnapshot>,
    /// Ended tasks that were seen before.
    pub(super) seen: Vec<StoppedTask>,
}

impl Run<'_> {
    /// Diagnoses the component's rollout, journals what comes of it, and says what is wrong in one sentence.
    pub(super) async fn diagnosed(&mut self, name: &ComponentName) -> Result<Option<String>, Halt> {
        let Some(diagnosis) = self.diagnose(name).await else {
            return Ok(None);
        };
        let headline = diagnosis.headline();
        let diagnosis = Box::new(diagnosis);
        self.happened(Event::Diagnosed { component: name.clone(), diagnosis }).await?;
        Ok(headline)
    }

    /// What is wrong with the component's rollout; nothing where nothing was rolled out, or nothing can be seen.
    pub(super) async fn diagnose(&self, name: &ComponentName) -> Option<Diagnosis> {
        let component = self.journal.promotion.components.get(name)?;
        let following = self.rollouts.get(name);
        let patient = Patient {
            component,
            deployment: component.deployment.as_ref()?,
            revision: component.revision.as_ref()?,
            service: following.and_then(|following| following.last.as_ref()),
            seen: following.map(|following| following.ended.values().cloned().collect()).unwrap_or_default(),
        };
        self.examine_patient(patient).await
    }

    pub(super) async fn examine_patient(&self, patient: Patient<'_>) -> Option<Diagnosis> {
        let plan = &patient.component.plan;
        let mut unasked = Vec::new();
        let services = &self.world.services;
        let described = async {
            if let Some(service) = patient.service {
                return Ok(Some(service.clone()));
            }
            let described = services.describe(std::slice::from_ref(&plan.service));
            self.soon("ecs:DescribeServices", described).await.map(|mut found| found.pop().flatten())
        };
        let tasks = self.soon("ecs:DescribeTasks", services.stopped_tasks(&plan.service));
        let document = self.soon("ecs:DescribeTaskDefinition", self.world.task_definitions.describe(patient.revision));
        let (service, tasks, document) = join3(described, tasks, document).await;
        let service = asked(service, "the service", &mut unasked).flatten();
        let mut tasks = asked(tasks, "tasks that ended", &mut unasked).unwrap_or_default();
        let document = asked(document, "the task definition", &mut unasked).flatten().map(|revision| revision.document);
        tasks.extend(
            patient
                .seen
                .iter()
                .filter(|seen| !tasks.iter().any(|task| task.arn == seen.arn))
                .cloned()
                .collect::<Vec<_>>(),
        );
        let (targets, alarms) = join(self.targets(service.as_ref()), self.alarms(service.as_ref())).await;
        let targets = asked(targets, "the load balancer", &mut unasked).unwrap_or_default();
        let alarms = asked(alarms, "alarms", &mut unasked).unwrap_or_default();
        if let Some(document) = &document {
            self.read_logs(&mut tasks, patient.deployment, document, &mut unasked).await;
        }
        let events = service.as_ref().map(|service| service.events.clone()).unwrap_or_default();
        let since = service.as_ref().and_then(|service| service.deployment(patient.deployment)?.created_at);
        let reason = self.reason_of(&patient, service.as_ref()).await;
        let evidence = Evidence { reason, tasks, targets, alarms, events, unasked };
        let facts = Facts {
            deployment: Some(patient.deployment),
            task_definition: Some(patient.revision),
            since: since.or_else(|| self.began_at(&plan.component)),
            container: &plan.container,
            document: document.as_ref(),
            desired: service.as_ref().map_or(plan.desired, |service| service.desired),
            minimum_healthy_percent: service.as_ref().and_then(|service| service.minimum_healthy_percent),
            maximum_percent: service.as_ref().and_then(|service| service.maximum_percent),
            grace_seconds: service.as_ref().map_or(0, |service| service.grace_seconds),
        };
        Some(diagnose(&evidence, &facts))
    }

    /// ECS's words about the deployment as a whole: its service deployment's, which may be nowhere else.
    async fn reason_of(&self, patient: &Patient<'_>, service: Option<&ServiceSnapshot>) -> Option<String> {
        let is_ours = patient.component.deployment.as_ref() == Some(patient.deployment);
        let ours = if is_ours { self.our_service_deployment(patient.component).await.ok().flatten() } else { None };
        let classic = || service.and_then(|service| service.deployment(patient.deployment)?.reason.clone());
        ours.and_then(|ours| ours.reason).or_else(classic)
    }

    /// Where ECS no longer shows our deployment: a little before we learned that it was accepted, by our clock.
    fn began_at(&self, name: &ComponentName) -> Option<jiff::Timestamp> {
        let accepted =
            self.journal.entries.iter().find(
                |entry| matches!(&entry.happened, Event::UpdateAccepted { component, .. } if component == name),
            )?;
        accepted.at.checked_sub(Duration::from_secs(5)).ok()
    }

    async fn targets(&self, service: Option<&ServiceSnapshot>) -> Result<Vec<TargetHealth>, CallError> {
        let groups = service.map(|service| service.target_groups.clone()).unwrap_or_default();
        let operation = "elasticloadbalancing:DescribeTargetHealth";
        let each = groups.iter().map(|group| self.soon(operation, self.world.targets.health(group)));
        let mut all = Vec::new();
        for health in join_all(each).await {
            all.extend(health?);
        }
        Ok(all)
    }

    /// The alarms that fire.
    async fn alarms(&self, service: Option<&ServiceSnapshot>) -> Result<Vec<Alarm>, CallError> {
        let names = service.map(|service| service.alarms.clone()).unwrap_or_default();
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut alarms = self.soon("cloudwatch:DescribeAlarms", self.world.alarms.look(&names)).await?;
        alarms.retain(|alarm| alarm.state == AlarmState::Firing);
        Ok(alarms)
    }

    /// The ends of the logs of the newest tasks' containers.
    async fn read_logs(
        &self,
        tasks: &mut [StoppedTask],
        deployment: &DeploymentId,
        document: &Document,
        unasked: &mut Vec<String>,
    ) {
        tasks.sort_by_key(|task| std::cmp::Reverse(task.stopped_at));
        let is_ours = |task: &StoppedTask| task.started_by.as_deref().is_none_or(|id| id == deployment.as_str());
        let wanted: Vec<(usize, usize, LogStream)> = tasks
            .iter()
            .enumerate()
            .filter(|(_, task)| is_ours(task))
            .take(TASKS)
            .flat_map(|(number, task)| {
                let streams = task.containers.iter().enumerate();
                streams.filter_map(move |(of, container)| Some((number, of, stream(document, task, &container.name)?)))
            })
            .collect();
        let reads =
            wanted.iter().map(|(_, _, stream)| self.soon("logs:GetLogEvents", self.world.logs.last(stream, LINES)));
        for ((task, container, stream), lines) in wanted.iter().zip(join_all(reads).await) {
            let lines = asked(lines, &format!("the log {}", stream.group), unasked).unwrap_or_default();
            tasks[*task].containers[*container].log =
                lines.into_iter().map(|line: LogLine| document.masked(&line.text)).collect();
        }
    }

    pub(super) async fn soon<T>(
        &self,
        operation: &str,
        call: impl Future<Output = Result<T, CallError>> + Send,
    ) -> Result<T, CallError> {
        call::read(&*self.world.clock, PATIENCE, operation, call).await
    }
}

/// The stream that the container of that task writes to, where it is known.
pub(super) fn stream(document: &Document, task: &StoppedTask, container: &str) -> Option<LogStream> {
    let log = document.container(&container.parse().ok()?)?.log()?;
    Some(LogStream {
        region: log.region.and_then(|region| region.parse().ok()),
        group: log.group.to_owned(),
        stream: log.stream(&task.arn),
    })
}

/// What was asked for, or the note that it could not be; each reason once.
fn asked<T>(answer: Result<T, CallError>, what: &str, unasked: &mut Vec<String>) -> Option<T> {
    answer
        .inspect_err(|error| {
            let note = format!("{what}: {error}");
            if !unasked.contains(&note) {
                unasked.push(note);
            }
        })
        .ok()
}
