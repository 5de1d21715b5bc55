//! What really is in the simulated world, read past every port, so that no claim is held against itself.

use serde_json::{Value, json};
use towpath_core::{identifier::ImageReference, ports::ImagePresence};

use towpath_sim::fault::AwsError;

use crate::{REPOSITORY, Stage};

const ACCOUNT: &str = "111111111111";
const REGION: &str = "us-west-2";

/// What is there now.
#[derive(Debug, Clone)]
pub struct Truth {
    /// The service as ECS describes it.
    pub service: Value,
    /// Its service deployments, newest first.
    pub service_deployments: Vec<Value>,
    /// Its tasks that run.
    pub tasks: Vec<Value>,
    /// All revisions of its family, as they are described.
    pub revisions: Vec<Value>,
}

impl Truth {
    /// Looks at a service of the environment `dev`.
    pub fn of(stage: &Stage, service: &str) -> Self {
        let describe = json!({ "cluster": "shop-dev", "services": [service] });
        let described = call(stage, "DescribeServices", &describe);
        let service = described["services"][0].clone();
        let (name, family) = (&service["serviceName"], family(&service));
        let list = json!({ "cluster": "shop-dev", "service": name });
        let listed = tried(stage, "ListServiceDeployments", &list).unwrap_or_default();
        let tasks = call(stage, "ListTasks", &json!({ "cluster": "shop-dev", "serviceName": name }));
        let tasks = match tasks["taskArns"].as_array() {
            Some(arns) if !arns.is_empty() => {
                call(stage, "DescribeTasks", &json!({ "cluster": "shop-dev", "tasks": arns }))["tasks"].take()
            }
            _ => json!([]),
        };
        Self {
            service_deployments: array(&listed["serviceDeployments"]),
            tasks: array(&tasks).into_iter().filter(|task| task["lastStatus"] == "RUNNING").collect(),
            revisions: revisions(stage, &family),
            service,
        }
    }

    /// The deployment that is PRIMARY.
    pub fn primary(&self) -> &Value {
        &self.service["deployments"][0]
    }

    /// The revision that the service is set to, for example `shop-api-dev:1`.
    pub fn revision(&self) -> &str {
        short(&self.primary()["taskDefinition"])
    }

    /// The digests of the tasks that run, each once.
    pub fn digests(&self) -> Vec<&str> {
        let containers = self.tasks.iter().map(|task| &task["containers"][0]);
        let mut digests: Vec<&str> = containers.filter_map(|container| container["imageDigest"].as_str()).collect();
        digests.sort_unstable();
        digests.dedup();
        digests
    }

    /// The revisions that the running tasks have, each once.
    pub fn running(&self) -> Vec<&str> {
        let mut running: Vec<&str> = self.tasks.iter().map(|task| short(&task["taskDefinitionArn"])).collect();
        running.sort_unstable();
        running.dedup();
        running
    }

    /// Whether as many tasks run as are wanted, all of the revision that the service is set to.
    pub fn is_whole(&self) -> bool {
        self.service["desiredCount"].as_u64() == u64::try_from(self.tasks.len()).ok()
            && self.running() == [self.revision()]
    }

    /// A revision as it is described.
    pub fn described(&self, revision: &str) -> Option<&Value> {
        self.revisions.iter().find(|described| short(&described["taskDefinitionArn"]) == revision)
    }

    /// Whether a revision may still be deployed.
    pub fn is_active(&self, revision: &str) -> bool {
        self.described(revision).is_some_and(|described| described["status"] == "ACTIVE")
    }
}

/// Whether the image of that version is still in its repository.
pub(super) async fn has_image(stage: &Stage, digest: &str) -> bool {
    let image: ImageReference = format!("{REPOSITORY}@{digest}").parse().unwrap_or_else(|error| panic!("{error}"));
    let environment = stage.environment("dev").unwrap_or_else(|error| panic!("{error}"));
    let world = stage.world(environment).await.unwrap_or_else(|error| panic!("{error}"));
    let presence = world.images.presence(&image).await.unwrap_or_else(|error| panic!("{error}"));
    presence == ImagePresence::Present
}

fn call(stage: &Stage, operation: &str, input: &Value) -> Value {
    tried(stage, operation, input).unwrap_or_else(|error| panic!("{operation}: {error:?}"))
}

/// Reads past the log of calls, and sharply: what is really so, not what a lagging read shows.
fn tried(stage: &Stage, operation: &str, input: &Value) -> Result<Value, AwsError> {
    stage.simulator.with_ecs(ACCOUNT, REGION, |ecs, now| {
        let knobs = ecs.knobs().clone();
        let mut sharp = knobs.clone();
        (sharp.describe_services_lag, sharp.service_deployments_lag, sharp.tasks_lag) = (0.0, 0.0, 0.0);
        if sharp == knobs {
            return ecs.call(operation, input, now);
        }
        ecs.set_knobs(sharp);
        let answer = ecs.call(operation, input, now);
        ecs.set_knobs(knobs);
        answer
    })
}

fn revisions(stage: &Stage, family: &str) -> Vec<Value> {
    let statuses = ["ACTIVE", "INACTIVE"].into_iter();
    let listed = statuses.flat_map(|status| {
        let input = json!({ "familyPrefix": family, "status": status });
        array(&call(stage, "ListTaskDefinitions", &input)["taskDefinitionArns"])
    });
    let described =
        listed.map(|arn| call(stage, "DescribeTaskDefinition", &json!({ "taskDefinition": arn, "include": ["TAGS"] })));
    described
        .map(|mut described| {
            let tags = described["tags"].take();
            let mut definition = described["taskDefinition"].take();
            definition["tags"] = tags;
            definition
        })
        .collect()
}

fn family(service: &Value) -> String {
    let revision = short(&service["taskDefinition"]);
    revision.split(':').next().unwrap_or_default().to_owned()
}

/// `family:revision` of an ARN.
pub(super) fn short(arn: &Value) -> &str {
    arn.as_str().and_then(|arn| arn.rsplit('/').next()).unwrap_or_default()
}

fn array(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}
