//! Whether the tasks that run are the ones we brought: by digest, every one of them.

use serde::{Deserialize, Serialize};

use crate::identifier::{ContainerName, DeploymentId, Digest, TaskArn, TaskDefinitionArn};

use super::observation::ServiceTask;

/// What must run.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim<'a> {
    /// The deployment whose tasks count.
    pub deployment: &'a DeploymentId,
    /// What they must run.
    pub task_definition: &'a TaskDefinitionArn,
    /// The container that runs the image.
    pub container: &'a ContainerName,
    /// The digest that was deployed, and those of its children where it is an index: ECS may report either. `None`
    /// where nobody knows the digest; then the task definition alone is proven.
    pub digests: Option<&'a [Digest]>,
    /// How many tasks the service wants now.
    pub desired: u32,
    /// What is asked of the tasks of other deployments.
    pub others: Others,
}

/// What is asked of the tasks of other deployments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// None may be meant to run.
    AreGone,
    /// They may still run: the service calls a deployment a success before it has removed the old tasks.
    MayLinger,
}

/// What the running tasks prove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "proof", rename_all = "kebab-case", deny_unknown_fields)]
#[must_use = "a claim that is not proven must not be made"]
pub enum Proof {
    /// As many tasks as wanted run our digest, and no task of another deployment is meant to run.
    Proven {
        /// How many.
        tasks: u32,
    },
    /// It cannot be said yet.
    NotYet {
        /// Why.
        why: String,
    },
    /// A task of ours runs something else.
    Wrong {
        /// Which task.
        task: TaskArn,
        /// What it runs.
        digest: Digest,
    },
}

impl Claim<'_> {
    /// Holds the claim against the tasks that are meant to run.
    pub fn prove(&self, tasks: &[ServiceTask]) -> Proof {
        let (ours, foreign): (Vec<_>, Vec<_>) = tasks.iter().partition(|task| self.is_ours(task));
        let mut running = 0;
        for task in ours {
            match self.digest(task) {
                Some(digest) if self.digests.is_some_and(|digests| !digests.contains(digest)) => {
                    return Proof::Wrong { task: task.arn.clone(), digest: digest.clone() };
                }
                Some(_) if task.last_status == "RUNNING" => running += 1,
                Some(_) | None => {}
            }
        }
        if running < self.desired {
            return Proof::NotYet { why: format!("{running} of {} tasks run with a known digest", self.desired) };
        }
        if self.others == Others::AreGone && !foreign.is_empty() {
            return Proof::NotYet {
                why: format!("{} tasks of another deployment are still meant to run", foreign.len()),
            };
        }
        Proof::Proven { tasks: running }
    }

    fn is_ours(&self, task: &ServiceTask) -> bool {
        let started_by_us = task.started_by.as_deref().is_none_or(|id| id == self.deployment.as_str());
        started_by_us && task.task_definition == *self.task_definition
    }

    fn digest<'a>(&self, task: &'a ServiceTask) -> Option<&'a Digest> {
        let container = task.containers.iter().find(|container| container.name == self.container.as_str())?;
        container.digest.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollout::TaskContainer;

    fn task(number: u32, deployment: &str, digest: Option<&[u8]>) -> ServiceTask {
        ServiceTask {
            arn: format!("arn:aws:ecs:us-west-2:111111111111:task/c/{number}").parse().unwrap(),
            started_by: Some(deployment.to_owned()),
            task_definition: "arn:aws:ecs:us-west-2:111111111111:task-definition/api:2".parse().unwrap(),
            last_status: "RUNNING".to_owned(),
            containers: vec![
                TaskContainer { name: "sidecar".to_owned(), digest: Some(Digest::of(b"sidecar")) },
                TaskContainer { name: "api".to_owned(), digest: digest.map(Digest::of) },
            ],
        }
    }

    fn check(tasks: &[ServiceTask], desired: u32) -> Proof {
        let digests = [Digest::of(b"good"), Digest::of(b"child")];
        Claim {
            deployment: &"ecs-svc/2".parse().unwrap(),
            task_definition: &"arn:aws:ecs:us-west-2:111111111111:task-definition/api:2".parse().unwrap(),
            container: &"api".parse().unwrap(),
            digests: Some(&digests),
            desired,
            others: Others::AreGone,
        }
        .prove(tasks)
    }

    #[test]
    fn every_wanted_task_must_run_the_digest_or_a_child_of_the_index() {
        let tasks = [task(1, "ecs-svc/2", Some(b"good")), task(2, "ecs-svc/2", Some(b"child"))];
        assert_eq!(check(&tasks, 2), Proof::Proven { tasks: 2 });
    }

    #[test]
    fn one_task_with_another_digest_disproves_it() {
        let tasks = [task(1, "ecs-svc/2", Some(b"good")), task(2, "ecs-svc/2", Some(b"bad"))];
        assert!(matches!(check(&tasks, 2), Proof::Wrong { .. }));
    }

    #[test]
    fn an_unknown_digest_an_old_task_or_too_few_tasks_prove_nothing() {
        for tasks in [
            vec![task(1, "ecs-svc/2", None)],
            vec![],
            vec![task(1, "ecs-svc/2", Some(b"good")), task(2, "ecs-svc/1", Some(b"good"))],
        ] {
            assert!(matches!(check(&tasks, 1), Proof::NotYet { .. }), "{tasks:?}");
        }
    }
}
