//! A beginning: clusters and services that were there before the story starts.
//!
//! A seeded service is created in the past and lived through up to now, so that its state is one that really occurs.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    api::{Input, new_service, register},
    engine::Ecs,
    scheduler::agenda,
    shapes::{Unknown, validate},
    world::{cluster::Cluster, time::before},
};
use crate::{fault::AwsError, image::ImageCatalog, world::Alarms};

/// How long ago a seeded service was created, in seconds.
const AGE: f64 = 3600.0;

/// The most instants of a seeded service's past.
const MOST_INSTANTS: usize = 10_000;

/// A service to begin with.
#[derive(Debug, Clone, PartialEq)]
pub struct SeedService {
    /// Its cluster, which is made if it is not there.
    pub cluster: String,
    /// Its name.
    pub name: String,
    /// How many tasks it has.
    pub desired_count: u32,
    /// The input of `RegisterTaskDefinition`.
    pub task_definition: Value,
    /// Its `deploymentConfiguration`.
    pub deployment_configuration: Option<Value>,
    /// Further members of `CreateService`, such as `loadBalancers` or `healthCheckGracePeriodSeconds`.
    pub members: Map<String, Value>,
}

impl Ecs {
    /// A cluster to begin with, unless it is there.
    pub fn seed_cluster(&mut self, name: &str) {
        let arn = self.world.arn(&format!("cluster/{name}"));
        self.world.clusters.entry(name.to_owned()).or_insert_with(|| Cluster::new(name, arn));
        self.history.restart(&self.world);
    }

    /// A service to begin with, in a steady state if its image can be pulled and serves.
    ///
    /// # Errors
    /// What AWS would answer to the registration of its task definition or its creation.
    pub fn seed_service(
        &mut self,
        seed: &SeedService,
        now: Timestamp,
        images: &dyn ImageCatalog,
    ) -> Result<(), AwsError> {
        self.seed_cluster(&seed.cluster);
        let created = before(now, AGE);
        let definition = Input(validate(
            "RegisterTaskDefinition",
            &seed.task_definition,
            self.unknown_members("RegisterTaskDefinition"),
        )?);
        let arn = register(&mut self.world, &definition, created)?;
        let input = create_input(seed, &arn, &definition);
        let input = Input(validate("CreateService", &input, Unknown::Refuse)?);
        new_service(&mut self.world, &input, created)?;
        // What is short is short for the story, not for its past.
        let shortages = std::mem::take(&mut self.world.knobs.shortages);
        self.live_until(now, images);
        self.world.knobs.shortages = shortages;
        self.history.restart(&self.world);
        self.actors.begin(&self.world, now);
        Ok(())
    }

    fn live_until(&mut self, now: Timestamp, images: &dyn ImageCatalog) {
        for _ in 0..MOST_INSTANTS {
            match agenda::next_due(&self.world).filter(|at| *at <= now) {
                Some(at) => agenda::happen(&mut self.world, at, images, &Alarms::default()),
                None => break,
            }
        }
        self.next = agenda::next_due(&self.world);
    }
}

fn create_input(seed: &SeedService, task_definition: &str, definition: &Input) -> Value {
    let mut input = json!({
        "cluster": seed.cluster,
        "serviceName": seed.name,
        "taskDefinition": task_definition,
        "desiredCount": seed.desired_count,
        "launchType": "FARGATE",
    });
    if definition.text("networkMode") == Some("awsvpc") {
        input["networkConfiguration"] = json!({"awsvpcConfiguration": {"subnets": ["subnet-00000000000000001"], "securityGroups": ["sg-00000000000000001"], "assignPublicIp": "DISABLED"}});
    }
    if let Some(configuration) = &seed.deployment_configuration {
        input["deploymentConfiguration"] = configuration.clone();
    }
    for (name, value) in &seed.members {
        input[name] = value.clone();
    }
    input
}
