//! The delay between a rollout's end and ours, and the calls that it takes, over rollouts of many shapes.
//!
//! Calls take no time here, so the delay is that of the schedule alone.

use std::fmt::Write as _;

use jiff::Timestamp;
use towpath_core::promotion::Outcome;
use towpath_sim::scenario::Scenario;
use towpath_tests::Stage;

const CONFIGURATION: &str = r#"
app = "shop"
[environments.dev]
account = "111111111111"
region = "us-west-2"
role = "arn:aws:iam::111111111111:role/shop-deployer"
deploy-on = [{ command-line = true }]
[components.api]
kind = "service"
image = { repository = "shop-api" }
cluster = "shop"
service = "api"
container = "api"
"#;

const WORLD: &str = r#"
start = 2026-03-02T09:00:00Z
default-account = "111111111111"
default-region = "us-west-2"
KNOBS

[[images]]
repository = "shop-api"
tags = ["1.0.0", "1.2.0"]
behaviour = { healthy-after = 1, stops-after = STOPS }
[[images]]
repository = "shop-api"
tags = ["1.1.0"]
behaviour = { healthy-after = HEALTHY, stops-after = STOPS }

[[services]]
cluster = "shop"
name = "api"
desired-count = 2
circuit-breaker = "roll-back"
create-service = { launchType = "FARGATE", BALANCED networkConfiguration = { awsvpcConfiguration = { subnets = ["subnet-0a1b2c3d"] } } }
[services.task-definition]
family = "api"
executionRoleArn = "arn:aws:iam::111111111111:role/shop-execution"
networkMode = "awsvpc"
requiresCompatibilities = ["FARGATE"]
cpu = "256"
memory = "512"
[[services.task-definition.containerDefinitions]]
name = "api"
image = "111111111111.dkr.ecr.us-west-2.amazonaws.com/shop-api:1.0.0"
essential = true
stopTimeout = 120
portMappings = [{ containerPort = 8080, protocol = "tcp" }]
CHECKED
"#;

const BALANCED: &str = r#"healthCheckGracePeriodSeconds = 300, loadBalancers = [{ targetGroupArn = "arn:aws:elasticloadbalancing:us-west-2:111111111111:targetgroup/api/0000000000000000", containerName = "api", containerPort = 8080 }],"#;

const CHECKED: &str =
    r#"healthCheck = { command = ["CMD-SHELL", "true"], interval = 30, retries = 3, startPeriod = 300 }"#;

/// How a service's tasks come and go. Times are in seconds.
#[derive(Debug, Clone, Copy)]
struct Shape {
    /// How long old tasks drain; none where nothing balances the load.
    drain: Option<f64>,
    /// How long an old task takes to stop.
    stops: f64,
    /// How long it then takes to give its resources back.
    deprovision: f64,
    /// Whether the load balancer says how long it drains.
    is_told: bool,
}

const USUAL: Shape = Shape { drain: Some(20.0), stops: 3.0, deprovision: 2.0, is_told: true };
const START: f64 = 15.0;

impl Shape {
    fn tail(self) -> f64 {
        self.drain.unwrap_or_default() + self.stops + self.deprovision
    }

    /// A world in which the rollout of 1.1.0 takes so long as a whole.
    fn world(self, whole: f64) -> String {
        let healthy = whole - START - self.tail();
        assert!(healthy >= 1.0, "the shape leaves no time to become healthy");
        let mut knobs = format!("[knobs]\ntask-start = {START}\ndeprovision = {}\n", self.deprovision);
        if let Some(drain) = self.drain {
            writeln!(knobs, "drain = {drain}").unwrap();
        }
        let (balanced, checked) = if self.drain.is_some() { (BALANCED, "") } else { ("", CHECKED) };
        WORLD
            .replace("KNOBS", &knobs)
            .replace("HEALTHY", &format!("{healthy:.3}"))
            .replace("STOPS", &self.stops.to_string())
            .replace("BALANCED", balanced)
            .replace("CHECKED", checked)
    }
}

/// How one rollout was followed. Times are in seconds.
struct Followed {
    delay: f64,
    reads: f64,
    took: f64,
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

fn count<T>(items: impl Iterator<Item = T>) -> f64 {
    f64::from(u32::try_from(items.count()).unwrap())
}

/// When the service's rollout was complete in the classic model.
fn completed(stage: &Stage) -> Timestamp {
    let world = stage.simulator.snapshot();
    let service = &world["ecs"]["111111111111/us-west-2"]["world"]["clusters"]["shop"]["services"]["api"];
    let deployments = service["deployments"].as_array().unwrap();
    let primary = deployments.iter().find(|one| one["status"] == "Primary").unwrap();
    assert_eq!(primary["rollout"], "Completed");
    primary["updated_at"].as_str().unwrap().parse().unwrap()
}

fn deny_attributes(stage: &Stage) {
    let fault = serde_json::json!({
        "operation": "DescribeTargetGroupAttributes", "kind": "status", "code": "AccessDenied", "status": 403
    });
    stage.simulator.add_fault(serde_json::from_value(fault).unwrap());
}

async fn follow(shape: Shape, whole: f64) -> Followed {
    let stage = Stage::of(Scenario::from_toml(&shape.world(whole), "pace.toml").unwrap(), CONFIGURATION).await.unwrap();
    if !shape.is_told {
        deny_attributes(&stage);
    }
    let began = stage.simulator.now();
    let report = stage.promote("dev", "1.1.0").await.unwrap();
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    let (ended, over) = (stage.simulator.now(), completed(&stage));
    assert!((seconds(began, over) - whole).abs() < 3.0, "it took {} in place of {whole}", seconds(began, over));
    let calls = stage.simulator.calls();
    // The tag that keeps the image is asked for and set once, beside the smoke checks, and the lifecycle policy is read
    // once in the check: neither waits for anything.
    let beside = ["UpdateService", "RegisterTaskDefinition", "BatchGetImage", "PutImage", "GetLifecyclePolicy"];
    let is_write = |operation: &str| beside.contains(&operation);
    let reads = count(calls.iter().filter(|call| !is_write(&call.operation)));
    Followed { delay: seconds(over, ended), reads, took: seconds(began, ended) }
}

/// Mean delay in seconds and reads a minute over rollouts of 45 to 180 seconds, or longer where the shape takes longer.
async fn check(shape: Shape, rollouts: u32, (most_late, most_reads): (f64, f64)) {
    let shortest = 45.0_f64.max(START + shape.tail() + 5.0);
    let (mut late, mut longest, mut reads, mut minutes) = (0.0, 0.0_f64, 0.0, 0.0);
    for number in 0..rollouts {
        let part = f64::from(number) / f64::from(rollouts - 1);
        let followed = follow(shape, part.mul_add(135.0, shortest)).await;
        late += followed.delay / f64::from(rollouts);
        longest = longest.max(followed.delay);
        reads += followed.reads;
        minutes += followed.took / 60.0;
    }
    let reads = reads / minutes;
    let figures = format!("{shape:?}: {late:.2} s late, {longest:.2} s at most, {reads:.1} reads a minute");
    eprintln!("{figures}");
    assert!(late <= most_late && reads <= most_reads, "{figures}");
}

#[tokio::test]
async fn the_end_behind_a_load_balancer_is_seen_within_a_second_at_25_reads_a_minute() {
    check(USUAL, 16, (1.0, 25.0)).await;
}

#[tokio::test]
async fn so_is_the_end_of_long_drains() {
    check(Shape { drain: Some(120.0), ..USUAL }, 6, (1.0, 25.0)).await;
    check(Shape { drain: Some(300.0), ..USUAL }, 6, (1.0, 25.0)).await;
}

#[tokio::test]
async fn so_is_the_end_without_a_load_balancer() {
    check(Shape { drain: None, ..USUAL }, 6, (1.0, 25.0)).await;
}

/// What nothing tells beforehand costs more: a slow stop, a slow way of giving back, a stop at once without a drain.
#[tokio::test]
async fn what_cannot_be_foreseen_is_seen_nearly_as_soon_at_a_few_more_reads() {
    check(Shape { stops: 30.0, ..USUAL }, 6, (1.3, 28.0)).await;
    check(Shape { drain: None, stops: 30.0, ..USUAL }, 6, (1.3, 31.0)).await;
    check(Shape { drain: None, stops: 1.0, deprovision: 15.0, ..USUAL }, 6, (1.3, 28.0)).await;
    check(Shape { drain: None, stops: 0.0, ..USUAL }, 6, (1.6, 25.0)).await;
}

#[tokio::test]
async fn a_drain_that_nobody_may_look_up_costs_reads() {
    check(Shape { is_told: false, ..USUAL }, 6, (1.2, 33.0)).await;
    check(Shape { drain: Some(300.0), is_told: false, ..USUAL }, 6, (1.0, 25.0)).await;
}
