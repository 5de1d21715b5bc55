//! A stage for the tests: a cluster, a service, images that behave, and a clock that only they move.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::{
    ecs::{Ecs, Knobs, SeedService, world::time::after},
    fault::AwsError,
    image::{Behaviour, ImageCatalog, PulledImage},
    world::{AlarmState, Alarms},
};

/// Images by name; those that are not there cannot be pulled.
#[derive(Debug, Default)]
pub(super) struct Images(BTreeMap<String, PulledImage>);

impl ImageCatalog for Images {
    fn pull(&self, _: &str, _: &str, reference: &str) -> Result<PulledImage, String> {
        let by_digest = |digest: &str| self.0.values().find(|image| image.digest == digest);
        let found = match reference.split_once('@') {
            Some((_, digest)) => by_digest(digest),
            None => self.0.get(reference),
        };
        found.cloned().ok_or_else(|| {
            format!("CannotPullContainerError: pull image manifest has been retried 1 time(s): {reference}: not found")
        })
    }
}

/// The stage.
pub(super) struct Scene {
    pub(super) ecs: Ecs,
    pub(super) images: Images,
    pub(super) alarms: Alarms,
    pub(super) now: Timestamp,
}

impl Scene {
    /// A stage with the cluster `prod` and the images `good` and `better`.
    pub(super) fn new() -> Self {
        Self::with(Knobs::default())
    }

    /// As `new`, with other settings.
    pub(super) fn with(knobs: Knobs) -> Self {
        let mut ecs = Ecs::new("111122223333", "eu-west-1");
        ecs.set_knobs(knobs);
        ecs.seed_cluster("prod");
        let now = "2026-03-01T12:00:00Z".parse().unwrap();
        let mut scene = Self { ecs, images: Images::default(), alarms: Alarms::default(), now };
        scene.image("good", Behaviour::default());
        scene.image("better", Behaviour::default());
        scene
    }

    /// As `new`, with the service `web` of two tasks of `good` in a steady state.
    pub(super) fn steady(configuration: Value) -> Self {
        let mut scene = Self::new();
        scene.seed(2, configuration, Map::new());
        scene
    }

    /// Puts an image there, or another one under the same name.
    pub(super) fn image(&mut self, name: &str, behaviour: Behaviour) {
        let digest = format!("sha256:{:064x}", self.images.0.len() + 1);
        self.images.0.insert(name.to_owned(), PulledImage { digest, behaviour });
    }

    /// Seeds the service `web` of `good`.
    pub(super) fn seed(&mut self, desired_count: u32, configuration: Value, members: Map<String, Value>) {
        let seed = SeedService {
            cluster: "prod".to_owned(),
            name: "web".to_owned(),
            desired_count,
            task_definition: definition("web", "good"),
            deployment_configuration: Some(configuration),
            members,
        };
        self.ecs.seed_service(&seed, self.now, &self.images).unwrap();
    }

    /// Sets the state of an alarm; the alarm is made if it is not there.
    pub(super) fn alarm(&mut self, name: &str, state: AlarmState) {
        self.alarms.put(name, state, "a test", self.now);
    }

    /// Performs an operation that must succeed.
    #[track_caller]
    pub(super) fn call(&mut self, operation: &str, input: Value) -> Value {
        self.ecs.call(operation, &input, self.now).unwrap_or_else(|error| panic!("{operation}: {error:?}"))
    }

    /// Performs an operation that must be refused.
    #[track_caller]
    pub(super) fn refusal(&mut self, operation: &str, input: Value) -> AwsError {
        self.ecs.call(operation, &input, self.now).expect_err("a refusal")
    }

    /// Lets time pass.
    pub(super) fn pass(&mut self, seconds: f64) {
        self.now = after(self.now, seconds);
        self.ecs.step_with(self.now, &self.images, &self.alarms);
    }

    /// Lets time pass from one due instant to the next until `done`, for at most `seconds`; says whether it came to that.
    pub(super) fn pass_until(&mut self, seconds: f64, mut done: impl FnMut(&mut Self) -> bool) -> bool {
        let end = after(self.now, seconds);
        while !done(self) {
            let Some(next) = self.ecs.next_step().filter(|next| *next <= end) else {
                self.now = end;
                return done(self);
            };
            self.now = self.now.max(next);
            self.ecs.step_with(self.now, &self.images, &self.alarms);
        }
        true
    }

    /// Registers a revision of `web` with `image`; its ARN.
    pub(super) fn register(&mut self, image: &str) -> String {
        let answer = self.call("RegisterTaskDefinition", definition("web", image));
        answer["taskDefinition"]["taskDefinitionArn"].as_str().unwrap().to_owned()
    }

    /// Deploys `image` to `web`; the answered service.
    pub(super) fn deploy(&mut self, image: &str) -> Value {
        let arn = self.register(image);
        self.call("UpdateService", json!({"cluster": "prod", "service": "web", "taskDefinition": arn}))["service"]
            .clone()
    }

    /// The service `web` as described.
    pub(super) fn service(&mut self) -> Value {
        self.call("DescribeServices", json!({"cluster": "prod", "services": ["web"]}))["services"][0].clone()
    }

    /// The newest service deployment of `web`, described.
    pub(super) fn newest(&mut self) -> Value {
        self.described(0)
    }

    /// The service deployment of `web` that is `index` older than the newest, described.
    pub(super) fn described(&mut self, index: usize) -> Value {
        let list = self.call("ListServiceDeployments", json!({"cluster": "prod", "service": "web"}));
        let arn = list["serviceDeployments"][index]["serviceDeploymentArn"].clone();
        self.call("DescribeServiceDeployments", json!({"serviceDeploymentArns": [arn]}))["serviceDeployments"][0]
            .clone()
    }

    /// The status of the newest service deployment.
    pub(super) fn status(&mut self) -> String {
        self.newest()["status"].as_str().unwrap().to_owned()
    }

    /// `status rolloutState running/desired` of each deployment, newest first.
    pub(super) fn deployments(&mut self) -> Vec<String> {
        let service = self.service();
        let line = |item: &Value| {
            let text = |name: &str| item[name].as_str().unwrap().to_owned();
            format!("{} {} {}/{}", text("status"), text("rolloutState"), item["runningCount"], item["desiredCount"])
        };
        service["deployments"].as_array().unwrap().iter().map(line).collect()
    }

    /// The messages of the service, newest first.
    pub(super) fn messages(&mut self) -> Vec<String> {
        self.service()["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["message"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Every task of `web` that was told to stop, described.
    pub(super) fn stopped_tasks(&mut self) -> Vec<Value> {
        let arns = self.call("ListTasks", json!({"cluster": "prod", "serviceName": "web", "desiredStatus": "STOPPED"}))
            ["taskArns"]
            .clone();
        if arns == json!([]) {
            return Vec::new();
        }
        self.call("DescribeTasks", json!({"cluster": "prod", "tasks": arns}))["tasks"].as_array().unwrap().clone()
    }
}

/// A task definition of one container.
pub(super) fn definition(family: &str, image: &str) -> Value {
    json!({
        "family": family,
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [{"name": "app", "image": image, "portMappings": [{"containerPort": 80}]}],
    })
}

/// A circuit breaker.
pub(super) fn breaker(rollback: bool) -> Value {
    json!({"deploymentCircuitBreaker": {"enable": true, "rollback": rollback}})
}

/// A load balancer in front of the container.
pub(super) fn balanced() -> Map<String, Value> {
    let group = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef";
    let Value::Object(members) =
        json!({"loadBalancers": [{"targetGroupArn": group, "containerName": "app", "containerPort": 80}]})
    else {
        panic!("an object")
    };
    members
}

/// An image whose tasks never come to run.
pub(super) fn broken() -> Behaviour {
    Behaviour {
        fails_to_start: Some("CannotStartContainerError: exec format error".to_owned()),
        ..Behaviour::default()
    }
}

/// An image whose tasks run and exit at once.
pub(super) fn crashing() -> Behaviour {
    Behaviour { exit_after: Some(2.0), exit_code: 1, ..Behaviour::default() }
}

/// An image that runs and never answers.
pub(super) fn silent() -> Behaviour {
    Behaviour { healthy_after: None, ..Behaviour::default() }
}

/// The digits of an ARN or a deployment's id.
pub(super) fn digits(value: &Value) -> String {
    value.as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

impl Images {
    /// An image by name.
    pub(super) fn clone_image(&self, name: &str) -> PulledImage {
        self.0[name].clone()
    }

    /// Gives an image another name.
    pub(super) fn rename(&mut self, old: &str, new: &str) {
        let image = self.0.remove(old).unwrap();
        self.0.insert(new.to_owned(), image);
    }
}
