//! What speaks against a rollout while it is watched: tasks that end, ECS's events; and when it is given up for it.

use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;

use crate::{
    identifier::ComponentName,
    ports::CallError,
    promotion::{Event, Failure, FailureKind},
    rollout::{Diagnosis, GiveUp, RolloutEnd, StoppedTask, Waiting},
};

use super::{
    looks::Following,
    notice::Notice,
    run::{AT_ONCE, Run},
    watch::words,
};

/// How long ended tasks may go unseen while nothing speaks for any.
const ASK_FOR_TASKS: Duration = Duration::from_secs(45);
/// How long they may go unseen while something does.
const ASK_SOON: Duration = Duration::from_secs(8);
/// How many ended tasks are remembered of one rollout.
const REMEMBERED: usize = 60;

impl Run<'_> {
    /// Looks for ended tasks where that is due, and says which rollouts are to be given up, of as many as are watched.
    pub(super) async fn suspects(
        &mut self,
        waiting: &[(ComponentName, Waiting)],
        watched: usize,
    ) -> Vec<(ComponentName, GiveUp)> {
        let now = self.world.clock.now();
        let crowd = u32::try_from(watched.div_ceil(10)).unwrap_or(u32::MAX);
        let due = |(name, why): &&(ComponentName, Waiting)| {
            self.rollouts.get(name).is_some_and(|following| following.is_suspicious(now, *why, crowd))
        };
        let due: Vec<ComponentName> = waiting.iter().filter(due).map(|(name, _)| name.clone()).collect();
        let asked = join_all(due.iter().map(|name| self.ended_tasks(name))).await;
        for (name, tasks) in due.iter().zip(asked) {
            self.remember(name, tasks, now);
        }
        // What ECS has decided is not decided again.
        let undecided = |why: &Waiting| matches!(why, Waiting::Starting | Waiting::Settling | Waiting::Baking);
        let undecided = waiting.iter().filter(|(_, why)| undecided(why));
        undecided.filter_map(|(name, _)| Some((name.clone(), self.judge_tally(name)?))).collect()
    }

    async fn ended_tasks(&self, name: &ComponentName) -> Result<Vec<StoppedTask>, CallError> {
        let Some(component) = self.journal.promotion.components.get(name) else {
            return Ok(Vec::new());
        };
        self.read("ecs:DescribeTasks", self.world.services.stopped_tasks(&component.plan.service)).await
    }

    /// Keeps what ended. Who cannot ask does not know of any, which gives nothing up.
    fn remember(&mut self, name: &ComponentName, tasks: Result<Vec<StoppedTask>, CallError>, now: Timestamp) {
        let observer = self.observer;
        let Some(following) = self.rollouts.get_mut(name) else {
            return;
        };
        following.tasks_asked_at = Some(now);
        let tasks = match tasks {
            Ok(tasks) => tasks,
            Err(error) => {
                observer
                    .notice(Notice::Trouble { message: format!("{name}: ended tasks cannot be asked for: {error}") });
                return;
            }
        };
        let before = following.tally.clone();
        following.tally.count(&following.watch.deployment, &tasks);
        let ours = following.watch.deployment.clone();
        for task in tasks.into_iter().filter(|task| task.started_by.as_deref() == Some(ours.as_str())) {
            if !before.knows(&task.arn) && following.tally.knows(&task.arn) {
                let why = task.reason.clone().unwrap_or_else(|| "ECS gives no reason".to_owned());
                observer.notice(Notice::TaskFailed { component: name.clone(), task: task.arn.clone(), why });
            }
            if following.ended.len() < REMEMBERED {
                following.ended.insert(task.arn.clone(), task);
            }
        }
    }

    fn judge_tally(&mut self, name: &ComponentName) -> Option<GiveUp> {
        let now = self.world.clock.now();
        let Following { watch, tally, last, .. } = self.rollouts.get_mut(name)?;
        let service = last.as_ref()?;
        tally.judge(now, service, service.deployment(&watch.deployment)?)
    }

    /// Tells what ECS has said since our deployment began.
    pub(super) fn tell_events(&mut self, name: &ComponentName) {
        let observer = self.observer;
        let Some(Following { watch, last: Some(service), told, since, .. }) = self.rollouts.get_mut(name) else {
            return;
        };
        let began = service.deployment(&watch.deployment).and_then(|ours| ours.created_at);
        let Some(since) = began.map(|began| since.map_or(began, |since| since.max(began))) else {
            return;
        };
        let newest = *told;
        let is_new = |at: Timestamp| at >= since && newest.is_none_or(|newest| at > newest);
        for event in service.events.iter().rev().filter(|event| event.at.is_some_and(is_new)) {
            *told = event.at.max(*told);
            observer.notice(Notice::Said { component: name.clone(), event: event.clone() });
        }
    }

    /// Rollouts that ended badly: why, as far as it can be found out, and that they did. It is found out side by side
    /// and told in the order in which it was asked for.
    pub(super) async fn bad_ends(&self, ends: Vec<(ComponentName, RolloutEnd)>) -> Vec<Event> {
        let mut diagnoses = Vec::new();
        for some in ends.chunks(AT_ONCE) {
            diagnoses.extend(join_all(some.iter().map(|(name, _)| self.diagnose(name))).await);
        }
        ends.into_iter().zip(diagnoses).flat_map(|((name, end), diagnosis)| bad_end(name, end, diagnosis)).collect()
    }
}

/// What is known of a rollout that ended badly, and that it did.
fn bad_end(component: ComponentName, end: RolloutEnd, diagnosis: Option<Diagnosis>) -> impl Iterator<Item = Event> {
    let message = with_cause(&words(&end), diagnosis.as_ref().and_then(Diagnosis::headline));
    let failure = Failure::new(FailureKind::Rollout, message);
    let failed = Event::Failed { component: component.clone(), failure, end: Some(end), results: Vec::new() };
    let diagnosed = diagnosis.map(|diagnosis| Event::Diagnosed { component, diagnosis: Box::new(diagnosis) });
    diagnosed.into_iter().chain([failed])
}

/// What happened and its cause as one sentence: AWS's own words often end with a full stop.
pub(super) fn with_cause(what: &str, cause: Option<String>) -> String {
    match cause {
        Some(cause) => format!("{}: {cause}", what.trim_end().trim_end_matches('.')),
        None => what.to_owned(),
    }
}

impl Following {
    /// Whether ended tasks should be asked for now: ECS counts failures, tasks went away, or it is long ago. Where many
    /// rollouts are watched, those of which nothing speaks are asked for more rarely.
    fn is_suspicious(&self, now: Timestamp, waiting: Waiting, crowd: u32) -> bool {
        let is_at_work = match waiting {
            Waiting::Starting | Waiting::Settling | Waiting::Baking | Waiting::Failing => true,
            Waiting::NotVisible | Waiting::Draining | Waiting::Paused | Waiting::Missing => false,
        };
        let ours = self.last.as_ref().and_then(|service| service.deployment(&self.watch.deployment));
        let speaks = ours.is_some_and(|ours| ours.failed > 0) || self.tally.failed() > 0 || self.has_lost_tasks;
        let every = if speaks { ASK_SOON } else { ASK_FOR_TASKS * crowd };
        let since = self.tasks_asked_at.unwrap_or(self.watch.accepted_at);
        is_at_work && now >= since + every
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(what: &str, cause: Option<&str>, expected: &str) {
        assert_eq!(with_cause(what, cause.map(str::to_owned)), expected);
    }

    #[test]
    fn the_words_of_aws_lose_their_full_stop_before_a_cause_and_only_there() {
        check("tasks failed to start.", Some("it crashes"), "tasks failed to start: it crashes");
        check("tasks failed to start", Some("it crashes"), "tasks failed to start: it crashes");
        check("tasks failed to start.", None, "tasks failed to start.");
    }
}
