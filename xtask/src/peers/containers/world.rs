//! The world of the containers: images in ministack's registry, a service behind its load balancer, and a `towpath.toml`.
//!
//! It is made with the aws command line. Towpath reaches it through `python/ministack_proxy.py`, which says what it
//! corrects and why.

use std::{
    fs,
    net::SocketAddr,
    path::PathBuf,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use crate::peers::{
    http,
    programs::Programs,
    python::Python,
    server::Server,
    simulated::{self, ACCOUNT, REGION},
};

use super::{
    podman::Podman,
    stories::{Ending, Story},
};

/// How long the first task may take to run.
const PATIENCE: Duration = Duration::from_mins(1);

/// The environment of each image, by its version.
const IMAGES: [(&str, &str); 4] = [
    ("1.0.0", "VERSION=1.0.0"),
    ("2.0.0", "VERSION=2.0.0"),
    ("3.0.0", "VERSION=3.0.0 MODE=crash"),
    ("4.0.0", "VERSION=4.0.0 MODE=crash"),
];

/// Everything that a story needs.
pub(super) struct World<'a> {
    python: &'a Python,
    ministack: SocketAddr,
    proxy: Server,
    towpath: PathBuf,
    /// The folder with `towpath.toml`.
    shop: PathBuf,
}

impl<'a> World<'a> {
    /// Makes it, with version 1.0.0 running.
    pub(super) fn make(programs: &Programs, python: &'a Python, podman: &Podman, ministack: &Server) -> Result<Self> {
        let folder = programs.target.join("peers/containers");
        let towpath = programs.build("towpath", &["--package", "towpath"])?;
        let upstream = ministack.address().port().to_string();
        let proxy = Server::start(&folder.join("proxy.log"), |address| {
            let mut command = Command::new(python.program("python"));
            command.arg(python.source("ministack_proxy.py")).args([address.port().to_string(), upstream]);
            command
        })?;
        let world = Self { python, ministack: ministack.address(), proxy, towpath, shop: folder.join("shop") };
        world.publish(podman)?;
        world.create_service()?;
        world.write_configuration()?;
        world.await_version("1.0.0")?;
        Ok(world)
    }

    /// Plays a story: the circuit breaker as it wants it, its release made and promoted.
    pub(super) fn play(&self, story: &Story) -> Result<()> {
        self.set_circuit_breaker(story.breaker)?;
        let image = format!("app={ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/app:{}", story.version);
        let commit = format!("{:0<40}", story.version.replace('.', ""));
        let made = ["release", "create", "--version", story.version, "--commit", &commit, "--image", &image];
        let output = self.towpath(&made)?;
        ensure!(output.status.success(), "no release: {}", String::from_utf8_lossy(&output.stderr).trim());
        let output = self.towpath(&["promote", "dev", "--release", story.version])?;
        let told = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        fs::write(self.shop.with_file_name(format!("{}.log", story.version)), &told)?;
        story.judge(&Ending { code: output.status.code(), told, serves: self.version()? })
    }

    fn publish(&self, podman: &Podman) -> Result<()> {
        self.aws("ecr create-repository --repository-name app", &[])?;
        let token = self.aws("ecr get-authorization-token", &[])?;
        let token = token["authorizationData"][0]["authorizationToken"].as_str().context("no token")?;
        let credentials = self.python.decoded(token)?;
        for (version, environment) in IMAGES {
            podman.build(version, environment)?;
            podman.push(version, &format!("{}/app:{version}", self.ministack), &credentials)?;
        }
        Ok(())
    }

    fn create_service(&self) -> Result<()> {
        let network = "10.88.0.0/16";
        let vpc = self.told("ec2 create-vpc --cidr-block", &[network], "/Vpc/VpcId")?;
        let subnet = |block: &str, zone: &str| {
            let words = ["--vpc-id", vpc.as_str(), "--cidr-block", block, "--availability-zone", zone];
            self.told("ec2 create-subnet", &words, "/Subnet/SubnetId")
        };
        let (one, other) = (subnet("10.88.1.0/24", "us-west-2a")?, subnet("10.88.2.0/24", "us-west-2b")?);
        let group = "elbv2 create-target-group --name app --protocol HTTP --port 8080 --target-type ip --vpc-id";
        let group = self.told(group, &[&vpc], "/TargetGroups/0/TargetGroupArn")?;
        let balancer = "elbv2 create-load-balancer --name front --subnets";
        let balancer = self.told(balancer, &[&one, &other], "/LoadBalancers/0/LoadBalancerArn")?;
        let forward = format!("Type=forward,TargetGroupArn={group}");
        let listener = "elbv2 create-listener --protocol HTTP --port 80 --load-balancer-arn";
        self.aws(listener, &[&balancer, "--default-actions", &forward])?;
        self.aws("ecs create-cluster --cluster-name real", &[])?;
        self.register()?;
        let inside = format!("awsvpcConfiguration={{subnets=[{one}]}}");
        let behind = format!("targetGroupArn={group},containerName=app,containerPort=8080");
        let service = "ecs create-service --cluster real --service-name app --task-definition app:1 --desired-count 1 --launch-type FARGATE";
        let further = ["--network-configuration", &inside, "--load-balancers", &behind];
        self.aws(service, &further).map(drop)
    }

    /// Both roles are named: ministack shows roles that are not as empty texts, which Towpath does not register.
    fn register(&self) -> Result<()> {
        let digest = "ecr describe-images --repository-name app --image-ids imageTag=1.0.0";
        let digest = self.told(digest, &[], "/imageDetails/0/imageDigest")?;
        let image = format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/app@{digest}");
        let containers =
            json!([{"name": "app", "image": image, "portMappings": [{"containerPort": 8080}]}]).to_string();
        let role = format!("arn:aws:iam::{ACCOUNT}:role/app");
        let line = "ecs register-task-definition --family app --network-mode awsvpc --requires-compatibilities FARGATE --cpu 256 --memory 512";
        let further = ["--task-role-arn", &role, "--execution-role-arn", &role, "--container-definitions", &containers];
        self.aws(line, &further).map(drop)
    }

    fn set_circuit_breaker(&self, is_on: bool) -> Result<()> {
        let configuration = json!({"deploymentCircuitBreaker": {"enable": is_on, "rollback": is_on},
            "minimumHealthyPercent": 100, "maximumPercent": 200});
        let line = "ecs update-service --cluster real --service app --deployment-configuration";
        self.aws(line, &[&configuration.to_string()]).map(drop)
    }

    fn write_configuration(&self) -> Result<()> {
        drop(fs::remove_dir_all(&self.shop));
        fs::create_dir_all(&self.shop)?;
        let address = self.ministack;
        let text = format!(
            r#"app = "shop"

[environments.dev]
account = "{ACCOUNT}"
region = "{REGION}"
role = "arn:aws:iam::{ACCOUNT}:role/shop-deployer"

[components.app]
kind = "service"
image = {{ repository = "app" }}
cluster = "real"
service = "app"
container = "app"
rollout-timeout = "10m"

[[components.app.smoke]]
url = "http://{address}/_alb/front/version"
json = {{ version = "{{version}}" }}
interval = "1s"
deadline = "30s"
"#
        );
        fs::write(self.shop.join("towpath.toml"), text)?;
        let status = Command::new("git").args(["init", "--quiet"]).arg(&self.shop).status().context("git")?;
        ensure!(status.success(), "git init ended with {status}");
        Ok(())
    }

    /// The version that answers behind the load balancer.
    fn version(&self) -> Result<String> {
        let answer = http::send(self.ministack, "GET", "/_alb/front/version", "")?;
        Ok(answer["version"].as_str().context("the answer has no version")?.to_owned())
    }

    fn await_version(&self, version: &str) -> Result<()> {
        let begun = Instant::now();
        loop {
            match self.version() {
                Ok(found) if found == version => return Ok(()),
                other if begun.elapsed() > PATIENCE => bail!("{version} does not serve, but {other:?}"),
                Ok(_) | Err(_) => std::thread::sleep(Duration::from_millis(200)),
            }
        }
    }

    fn towpath(&self, words: &[&str]) -> Result<Output> {
        let mut command = Command::new(&self.towpath);
        command.args(words).current_dir(&self.shop);
        output(&mut command, self.proxy.address())
    }

    fn told(&self, line: &str, further: &[&str], at: &str) -> Result<String> {
        let answer = self.aws(line, further)?;
        let told = answer.pointer(at).and_then(Value::as_str);
        told.map(str::to_owned).with_context(|| format!("`aws {line}` answers nothing at {at}"))
    }

    fn aws(&self, line: &str, further: &[&str]) -> Result<Value> {
        let mut command = Command::new(self.python.program("aws"));
        command.args(["--output", "json"]).args(line.split_whitespace()).args(further);
        let output = output(&mut command, self.ministack)?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "`aws {line}` ended with {}: {}", output.status, complaint.trim());
        Ok(serde_json::from_slice(&output.stdout).unwrap_or(Value::Null))
    }
}

/// Runs a client of AWS at `address` to its end.
fn output(command: &mut Command, address: SocketAddr) -> Result<Output> {
    let shown = format!("{command:?}");
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(simulated::environment(address, ACCOUNT))
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{shown} could not be started"))
}
