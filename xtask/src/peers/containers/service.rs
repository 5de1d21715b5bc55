//! A service of one task behind a load balancer.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::peers::simulated::ACCOUNT;

use super::world::World;

/// How long the first task may take to run.
const PATIENCE: Duration = Duration::from_mins(1);

/// The names of a service.
#[derive(Debug, Clone, Copy)]
pub(super) struct Service {
    pub(super) cluster: &'static str,
    pub(super) name: &'static str,
    pub(super) container: &'static str,
    pub(super) balancer: &'static str,
}

impl Service {
    /// Makes it, and waits until an image of this version answers.
    pub(super) fn create(&self, world: &World<'_>, image: &str, version: &str) -> Result<()> {
        let Self { cluster, name, container, balancer } = *self;
        let vpc = world.told("ec2 create-vpc --cidr-block 10.88.0.0/16", &[], "/Vpc/VpcId")?;
        let subnet = |block: &str, zone: &str| {
            let words = ["--vpc-id", vpc.as_str(), "--cidr-block", block, "--availability-zone", zone];
            world.told("ec2 create-subnet", &words, "/Subnet/SubnetId")
        };
        let (one, other) = (subnet("10.88.1.0/24", "us-west-2a")?, subnet("10.88.2.0/24", "us-west-2b")?);
        let group = "elbv2 create-target-group --protocol HTTP --port 8080 --target-type ip --vpc-id";
        let group = world.told(group, &[&vpc, "--name", balancer], "/TargetGroups/0/TargetGroupArn")?;
        let words = ["--name", balancer, "--subnets", &one, &other];
        let arn = world.told("elbv2 create-load-balancer", &words, "/LoadBalancers/0/LoadBalancerArn")?;
        let forward = format!("Type=forward,TargetGroupArn={group}");
        let listener = "elbv2 create-listener --protocol HTTP --port 80 --load-balancer-arn";
        world.aws(listener, &[&arn, "--default-actions", &forward])?;
        world.aws("ecs create-cluster --cluster-name", &[cluster])?;
        let task_definition = self.register(world, image)?;
        let inside = format!("awsvpcConfiguration={{subnets=[{one}]}}");
        let behind = format!("targetGroupArn={group},containerName={container},containerPort=8080");
        let further = ["--cluster", cluster, "--service-name", name, "--task-definition", &task_definition];
        let places = ["--network-configuration", &inside, "--load-balancers", &behind];
        let line = "ecs create-service --desired-count 1 --launch-type FARGATE";
        world.aws(line, &[&further[..], &places].concat())?;
        self.set_circuit_breaker(world, false)?;
        self.await_version(world, version)
    }

    /// Both roles are named: ministack shows roles that are not as empty texts, which Towpath does not register.
    fn register(&self, world: &World<'_>, image: &str) -> Result<String> {
        let containers = json!([{"name": self.container, "image": image, "portMappings": [{"containerPort": 8080}]}]);
        let role = format!("arn:aws:iam::{ACCOUNT}:role/app");
        let line = "ecs register-task-definition --network-mode awsvpc --requires-compatibilities FARGATE --cpu 256 --memory 512";
        let roles = ["--task-role-arn", &role, "--execution-role-arn", &role];
        let further = ["--family", self.name, "--container-definitions", &containers.to_string()];
        world.told(line, &[&roles[..], &further].concat(), "/taskDefinition/taskDefinitionArn")
    }

    /// The deployment circuit breaker, with its rollback; and room for three tasks.
    ///
    /// ministack starts a task only where there is room at the very moment of a change. With room for two, one that serves
    /// and one of a bad release that is just being started, the way back gets none, and is not thought of again when the
    /// bad one has ended.
    pub(super) fn set_circuit_breaker(&self, world: &World<'_>, is_on: bool) -> Result<()> {
        let configuration = json!({"deploymentCircuitBreaker": {"enable": is_on, "rollback": is_on},
            "minimumHealthyPercent": 100, "maximumPercent": 300});
        self.update(world, &["--deployment-configuration", &configuration.to_string()])
    }

    /// Another client sets the service back to that revision, as soon as somebody has set it to another one.
    pub(super) fn set_back(&self, world: &World<'_>, task_definition: &str) -> Result<()> {
        let begun = Instant::now();
        while self.task_definition(world)? == task_definition {
            if begun.elapsed() > PATIENCE {
                bail!("nobody has set the service to another revision");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        self.update(world, &["--task-definition", task_definition])
    }

    /// The revision that the service is set to.
    pub(super) fn task_definition(&self, world: &World<'_>) -> Result<String> {
        let words = ["--cluster", self.cluster, "--services", self.name];
        world.told("ecs describe-services", &words, "/services/0/taskDefinition")
    }

    /// The version that is answered behind the load balancer.
    pub(super) fn version(&self, world: &World<'_>) -> Result<String> {
        let answer = world.answer(self.balancer, "/version")?;
        answer["version"].as_str().map(str::to_owned).context("the answer has no version")
    }

    fn update(&self, world: &World<'_>, further: &[&str]) -> Result<()> {
        let words = [&["--cluster", self.cluster, "--service", self.name], further].concat();
        world.aws("ecs update-service", &words).map(|_: Value| ())
    }

    fn await_version(&self, world: &World<'_>, version: &str) -> Result<()> {
        let begun = Instant::now();
        loop {
            match self.version(world) {
                Ok(found) if found == version => return Ok(()),
                other if begun.elapsed() > PATIENCE => bail!("{version} does not serve, but {other:?}"),
                Ok(_) | Err(_) => std::thread::sleep(Duration::from_millis(200)),
            }
        }
    }
}
