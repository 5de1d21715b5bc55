//! Whether the tasks that run are the ones we brought: by digest, every one of them.
//!
//! It does not matter in which order tasks and containers are listed, nor whether a task is listed twice.

use std::collections::BTreeMap;

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

/// What one task says of the claim. Of a task that is listed more than once, what comes last here counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing<'a> {
    /// It is ours, runs, and runs what it must.
    Runs,
    /// It is ours, and may come to run what it must.
    Open,
    /// Another deployment started it, or it has another task definition.
    Foreign,
    /// ECS does not say what started it.
    Silent,
    /// It is ours and runs something else.
    Wrong(&'a Digest),
}

impl Claim<'_> {
    /// Holds the claim against the tasks that are meant to run.
    pub fn prove(&self, tasks: &[ServiceTask]) -> Proof {
        let mut standings: BTreeMap<&TaskArn, Standing<'_>> = BTreeMap::new();
        for task in tasks {
            let standing = self.standing(task);
            let known = standings.entry(&task.arn).or_insert(standing);
            *known = standing.max(*known);
        }
        let (mut running, mut foreign, mut silent) = (0, 0_u32, 0_u32);
        for (arn, standing) in standings {
            match standing {
                Standing::Wrong(digest) => return Proof::Wrong { task: arn.clone(), digest: digest.clone() },
                Standing::Runs => running += 1,
                Standing::Open => {}
                Standing::Foreign => foreign += 1,
                Standing::Silent => silent += 1,
            }
        }
        self.weigh(running, foreign, silent)
    }

    fn weigh(&self, running: u32, foreign: u32, silent: u32) -> Proof {
        if running < self.desired {
            return Proof::NotYet { why: format!("{running} of {} tasks run with a known digest", self.desired) };
        }
        if self.others == Others::AreGone && foreign > 0 {
            return Proof::NotYet { why: format!("{foreign} tasks of another deployment are still meant to run") };
        }
        if self.others == Others::AreGone && silent > 0 {
            return Proof::NotYet { why: format!("ECS does not say which deployment started {silent} of the tasks") };
        }
        Proof::Proven { tasks: running }
    }

    fn standing<'a>(&self, task: &'a ServiceTask) -> Standing<'a> {
        let Some(started_by) = task.started_by.as_deref() else {
            return Standing::Silent;
        };
        if started_by != self.deployment.as_str() || task.task_definition != *self.task_definition {
            return Standing::Foreign;
        }
        let ours = task.containers.iter().filter(|container| container.name == self.container.as_str());
        let digests: Option<Vec<&Digest>> = ours.map(|container| container.digest.as_ref()).collect();
        let digests = digests.unwrap_or_default();
        let wrong = |digest: &&&Digest| self.digests.is_some_and(|expected| !expected.contains(digest));
        match digests.iter().filter(wrong).max() {
            Some(digest) => Standing::Wrong(digest),
            None if digests.is_empty() || task.last_status != "RUNNING" => Standing::Open,
            None => Standing::Runs,
        }
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
            vec![ServiceTask { started_by: None, ..task(1, "ecs-svc/2", Some(b"good")) }],
            vec![task(1, "ecs-svc/2", Some(b"good")), task(2, "ecs-svc/1", Some(b"good"))],
        ] {
            assert!(matches!(check(&tasks, 1), Proof::NotYet { .. }), "{tasks:?}");
        }
    }
    #[test]
    fn a_task_that_is_listed_twice_is_one_task() {
        let tasks = [task(1, "ecs-svc/2", Some(b"good")), task(1, "ecs-svc/2", Some(b"good"))];
        assert_eq!(check(&tasks, 1), Proof::Proven { tasks: 1 });
        assert!(matches!(check(&tasks, 2), Proof::NotYet { .. }));
        let differing = [task(1, "ecs-svc/2", Some(b"good")), task(1, "ecs-svc/2", None)];
        assert!(matches!(check(&differing, 1), Proof::NotYet { .. }));
    }

    #[test]
    fn each_container_of_the_name_must_run_the_digest() {
        let mut task = task(1, "ecs-svc/2", Some(b"good"));
        task.containers.push(TaskContainer { name: "api".to_owned(), digest: Some(Digest::of(b"bad")) });
        assert!(matches!(check(&[task.clone()], 1), Proof::Wrong { .. }));
        task.containers.reverse();
        assert!(matches!(check(&[task], 1), Proof::Wrong { .. }));
    }
}
