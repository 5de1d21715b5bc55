//! Effect Smoke: the component's checks are asked until each has passed or its time is over.

use std::time::Duration;

use futures_util::future::{join, join_all};

use crate::{
    identifier::{CommitId, ComponentName, TaskDefinitionArn, Version},
    promotion::{Change, ComponentPhase, Event, Failure, FailureKind},
    rollout::ServiceSnapshot,
    smoke::{
        Check, CheckOutcome, CheckResult, CheckTemplate, Expected, Judgement, Progress, Step, judge, judge_masked,
    },
    task_definition::Document,
};

use super::{
    notice::Notice,
    run::{Halt, Run},
};

/// How long a proof is as good as a look.
const FRESH: Duration = Duration::from_secs(10);

impl Run<'_> {
    /// Asks the component's checks. What they expect of version and commit is the release's. What serves is kept from
    /// lifecycle rules meanwhile.
    pub(super) async fn smoke(&self, name: &ComponentName) -> Result<Vec<Event>, Halt> {
        let component = name.clone();
        if self.journal.promotion.request.intent.is_drill() {
            return self.smoke_drill(name).await;
        }
        if matches!(self.component(name)?.phase, ComponentPhase::RolledOut { tasks: 0 }) {
            self.trouble(format!("{name}: the service wants no tasks, so the smoke checks were not asked"));
            return self.unless_replaced(component, Vec::new()).await;
        }
        let expected = self.release.as_ref().map(|release| (&release.version, &release.commit));
        let (results, ()) = join(self.ask(name, expected), self.keep_images(name)).await;
        let results = results?;
        if let Some(failed) = results.iter().find(|result| result.outcome != CheckOutcome::Passed) {
            let failure = Failure::new(FailureKind::Smoke, words(failed));
            return Ok(vec![Event::Failed { component, failure, end: None, results }]);
        }
        self.unless_replaced(component, results).await
    }

    /// A release that passed its checks may have been replaced meanwhile; the claim is about now. Where no time has
    /// passed since it was proven, it need not be looked at again; a resumed run does not know how much has.
    async fn unless_replaced(&self, component: ComponentName, results: Vec<CheckResult>) -> Result<Vec<Event>, Halt> {
        let proven = self.journal.last_of(&component, "rolled-out");
        let is_fresh = proven.is_some_and(|at| self.world.clock.now() < at + FRESH);
        if results.is_empty() && !self.is_resumed && is_fresh {
            return Ok(vec![Event::SmokePassed { component, results }]);
        }
        self.still_ours(component, results).await
    }

    /// What was bad on purpose is rolled out: unless its checks find out now, nothing does.
    async fn smoke_drill(&self, name: &ComponentName) -> Result<Vec<Event>, Halt> {
        let expected = self.release.as_ref().map(|release| (&release.version, &release.commit));
        let results = self.ask(name, expected).await?;
        let failure = match results.iter().find(|result| result.outcome != CheckOutcome::Passed) {
            Some(failed) => Failure::new(FailureKind::Smoke, words(failed)),
            None => Failure::new(
                FailureKind::Undetected,
                "the copy that cannot run was called good: nothing here would find a bad release",
            ),
        };
        Ok(vec![Event::Failed { component: name.clone(), failure, end: None, results }])
    }

    /// Asks all checks of a component side by side; empty where it has none.
    pub(super) async fn ask(
        &self,
        name: &ComponentName,
        expected: Option<(&Version, &CommitId)>,
    ) -> Result<Vec<CheckResult>, Halt> {
        self.ask_these(name, &self.service(name)?.smoke, expected).await
    }

    /// Asks these checks side by side.
    pub(super) async fn ask_these(
        &self,
        name: &ComponentName,
        templates: &[CheckTemplate],
        expected: Option<(&Version, &CommitId)>,
    ) -> Result<Vec<CheckResult>, Halt> {
        let mut checks = Vec::new();
        for template in templates {
            let filled = template.fill(expected.map(|(version, commit)| Expected { version, commit }));
            if !filled.dropped.is_empty() {
                self.trouble(format!(
                    "{name}: the version that serves is not known, so {} expectations were not checked",
                    filled.dropped.len()
                ));
            }
            checks.extend(filled.check);
        }
        join_all(checks.iter().map(|check| self.ask_one(name, check))).await.into_iter().collect()
    }

    async fn ask_one(&self, name: &ComponentName, check: &Check) -> Result<CheckResult, Halt> {
        let mut progress = Progress::new(check, self.world.clock.now());
        let mut known = None;
        loop {
            let attempt = self.world.probe.attempt(check).await;
            let judgement = match judge(check, &attempt) {
                Judgement::Passed => Judgement::Passed,
                Judgement::Mismatch { .. } | Judgement::Unreachable { .. } => {
                    if known.is_none() {
                        known = Some(self.what_tasks_were_given(name).await);
                    }
                    let given = known.iter().flatten();
                    judge_masked(check, &attempt, &|text| {
                        given.clone().fold(text.to_owned(), |text, document| document.masked(&text))
                    })
                }
            };
            let result = judgement.to_string();
            let step = progress.record(self.world.clock.now(), judgement);
            self.observer.notice(Notice::Tried {
                component: name.clone(),
                url: check.url.clone(),
                attempt: progress.result().attempts,
                result,
            });
            match step {
                Step::Passed | Step::Failed { .. } => return Ok(progress.result().clone()),
                Step::Again { after } => self.wait(after).await?,
            }
        }
    }

    /// The documents of what may answer, whose plain values are shown to nobody. What cannot be read masks nothing.
    async fn what_tasks_were_given(&self, name: &ComponentName) -> Vec<Document> {
        let mut documents: Vec<Document> = self.documents.get(name).cloned().into_iter().collect();
        let Some(component) = self.journal.promotion.components.get(name) else {
            return documents;
        };
        let ours = component.revision.as_ref().filter(|_| documents.is_empty());
        let before = component.plan.before.as_ref().map(|before| &before.task_definition);
        let back = component.plan.target.as_ref().map(|target| &target.serving.task_definition);
        let mut revisions: Vec<&TaskDefinitionArn> = ours.into_iter().chain(before).chain(back).collect();
        revisions.dedup();
        let read = join_all(revisions.into_iter().map(|revision| self.described(revision))).await;
        documents.extend(read.into_iter().flatten());
        documents
    }

    async fn still_ours(&self, component: ComponentName, results: Vec<CheckResult>) -> Result<Vec<Event>, Halt> {
        let state = self.component(&component)?;
        let services = std::slice::from_ref(&state.plan.service);
        let mut service = None;
        // Reads may go backwards: that something else is primary is believed after a third look.
        for is_last in [false, false, true] {
            let described = self.read("ecs:DescribeServices", self.world.services.describe(services));
            let snapshot = described.await.map_err(|error| Halt::Suspend(error.to_string()))?;
            service = snapshot.into_iter().next().flatten();
            let primary = service.as_ref().and_then(ServiceSnapshot::primary);
            let is_as_it_was = primary.is_some_and(|primary| {
                Some(&primary.id) == state.deployment.as_ref() || state.plan.change == Change::Nothing
            });
            if is_as_it_was || is_last {
                break;
            }
            self.wait(Duration::from_secs(3)).await?;
        }
        let primary = service.as_ref().and_then(ServiceSnapshot::primary);
        let before = state.plan.before.as_ref().map(|before| &before.task_definition);
        match primary {
            Some(primary) if Some(&primary.id) == state.deployment.as_ref() => {
                Ok(vec![Event::SmokePassed { component, results }])
            }
            Some(primary) if state.plan.change == Change::Nothing && Some(&primary.task_definition) == before => {
                Ok(vec![Event::SmokePassed { component, results }])
            }
            Some(primary) if Some(&primary.id) == state.plan.base_deployment.as_ref() => {
                let message = "ECS went back to the old deployment while the smoke checks ran".to_owned();
                let failure = Failure::new(FailureKind::Rollout, message);
                Ok(vec![Event::Failed { component, failure, end: None, results }])
            }
            Some(primary) => Ok(vec![self.replaced(&component, Some(&primary.task_definition)).await?]),
            None => Err(Halt::Suspend(format!("the service of `{component}` has no deployment any more"))),
        }
    }
}

/// How a check failed, for people.
pub(super) fn words(result: &CheckResult) -> String {
    let last = result.last.as_ref().map_or_else(|| "never asked".to_owned(), Judgement::to_string);
    format!("{} did not pass within {} attempts: {last}", result.url, result.attempts)
}
