//! Why a rollout fails, and what stops one: tasks that ended, targets, alarms, logs, a stop, a pause.

use std::{net::SocketAddr, time::Duration};

use serde_json::Value;
use towpath_aws::Aws;
use towpath_core::{
    identifier::{ServiceDeploymentArn, TargetGroupArn},
    ports::{
        Alarms as _, Fault, LogStream, Logs as _, ServiceUpdate, Services as _, Targets as _, TaskDefinitions as _,
    },
    rollout::{AlarmState, PauseWord, ServiceDeployment, ServiceDeploymentStatus, ServiceKey, StoppedTask, Strategy},
    task_definition::Document,
};
use towpath_sim::{Options, Pace, Simulator, scenario::Scenario};

use crate::shop::{DEV, aws, key};

const GROUP: &str = "arn:aws:elasticloadbalancing:us-west-2:111111111111:targetgroup/shop/0000000000000000";

/// A service behind a load balancer that runs `shop:old`; `shop:new` does as told, and ECS deploys as told.
async fn simulator(behaves: &str, configuration: &str) -> Simulator {
    let text = format!(
        r#"
        start = 2026-03-02T09:00:00Z
        default-account = "111111111111"
        default-region = "us-west-2"

        [[images]]
        reference = "shop:new"
        {behaves}

        [[target-groups]]
        name = "shop"
        deregistration-delay = 15

        [[alarms]]
        name = "errors"
        changes = [{{ when = {{ rollout = "shop:new" }}, after = 60, reason = "Threshold Crossed" }}]

        [[alarms]]
        name = "latency"

        [[services]]
        name = "shop"
        cluster = "shop"
        {configuration}
        create-service = {{ healthCheckGracePeriodSeconds = 300, loadBalancers = [{{ targetGroupArn = "{GROUP}", containerName = "api", containerPort = 8080 }}] }}

        [services.task-definition]
        family = "shop"

        [[services.task-definition.containerDefinitions]]
        name = "api"
        image = "shop:old"
        memory = 128
        portMappings = [{{ containerPort = 8080 }}]
        logConfiguration = {{ logDriver = "awslogs", options = {{ awslogs-group = "/ecs/shop", awslogs-region = "us-west-2", awslogs-stream-prefix = "ecs" }} }}
        "#
    );
    let scenario = Scenario::from_toml(&text, "evidence.toml").unwrap();
    let options = Options { listen: SocketAddr::from(([127, 0, 0, 1], 0)), scenario, pace: Pace::Stepped, state: None };
    Simulator::start(options).await.unwrap()
}

fn shop() -> ServiceKey {
    key("shop", "shop")
}

/// Deploys `shop:new`, and lets so much time pass.
async fn deploy(simulator: &Simulator, aws: &Aws, seconds: u64) {
    let current = aws.task_definitions().latest(&"shop".parse().unwrap()).await.unwrap().unwrap();
    let mut value = current.document.to_value();
    value["containerDefinitions"][0]["image"] = Value::from("shop:new");
    let next = Document::from_described(value, Vec::new()).unwrap();
    let next = aws.task_definitions().register(&next).await.unwrap();
    aws.services().update(&shop(), &ServiceUpdate::to(next)).await.unwrap();
    simulator.advance(Duration::from_secs(seconds));
}

/// The newest service deployment, in full.
async fn newest(aws: &Aws) -> ServiceDeployment {
    let listed = aws.services().deployments(&shop(), None).await.unwrap().unwrap();
    let arns: Vec<ServiceDeploymentArn> = listed.into_iter().map(|deployment| deployment.arn).take(1).collect();
    aws.services().deployments_in_full(&arns).await.unwrap().remove(0)
}

fn group() -> TargetGroupArn {
    GROUP.parse().unwrap()
}

fn stream(task: &StoppedTask) -> LogStream {
    let id = task.arn.as_str().rsplit('/').next().unwrap();
    LogStream { region: None, group: "/ecs/shop".to_owned(), stream: format!("ecs/api/{id}") }
}

#[tokio::test]
async fn a_crash_is_seen_in_its_task_and_in_the_end_of_its_log() {
    let behaves = "behaviour = { exit-after = 7, exit-code = 3 }\nlogs = { start = [\"listening\"], every = [{ seconds = 5, line = \"tick\" }], exit = [\"Traceback: no such table\"] }";
    let simulator = simulator(behaves, "").await;
    let aws = aws(&simulator, DEV).await;
    deploy(&simulator, &aws, 60).await;
    let stopped = aws.services().stopped_tasks(&shop()).await.unwrap();
    let crashed = stopped.iter().find(|task| task.containers[0].exit_code == Some(3)).unwrap();
    assert_eq!(crashed.stop_code.as_deref(), Some("EssentialContainerExited"));
    assert!(crashed.did_run() && crashed.stopped_at > crashed.started_at, "{crashed:?}");
    assert!(crashed.started_by.as_ref().unwrap().starts_with("ecs-svc/"));

    let all = aws.logs().last(&stream(crashed), 50).await.unwrap();
    let texts: Vec<&str> = all.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["listening", "tick", "Traceback: no such table"]);
    assert_eq!(aws.logs().last(&stream(crashed), 2).await.unwrap(), all[1..]);
    let since = aws.logs().since(&stream(crashed), all[1].at.unwrap()).await.unwrap();
    assert_eq!(since, all[1..]);
    let nowhere = LogStream { stream: "ecs/api/none".to_owned(), ..stream(crashed) };
    assert_eq!(aws.logs().last(&nowhere, 5).await.unwrap(), []);
    let nowhere = LogStream { group: "/ecs/none".to_owned(), ..stream(crashed) };
    assert_eq!(aws.logs().since(&nowhere, all[0].at.unwrap()).await.unwrap(), []);
}

#[tokio::test]
async fn a_target_that_is_unhealthy_says_why() {
    let behaves = "behaviour = { healthy-after = 1, unhealthy-after = 100 }\nunhealthy-answer = 503";
    let simulator = simulator(behaves, "").await;
    let aws = aws(&simulator, DEV).await;
    let before = aws.targets().health(&group()).await.unwrap();
    assert_eq!((before.len(), before[0].state.as_str(), before[0].port), (1, "healthy", Some(8080)));
    deploy(&simulator, &aws, 121).await;
    let found = aws.targets().health(&group()).await.unwrap();
    let bad = found.iter().find(|target| target.state == "unhealthy").unwrap();
    assert_eq!(bad.reason.as_deref(), Some("Target.ResponseCodeMismatch"));
    assert!(bad.description.as_ref().unwrap().contains("[503]"), "{bad:?}");
    assert_eq!(aws.targets().drain_time(&group()).await.unwrap(), Duration::from_secs(15));
    let none: TargetGroupArn = GROUP.replace("/shop/", "/none/").parse().unwrap();
    assert_eq!(aws.targets().health(&none).await.unwrap_err().fault, Fault::NotFound);
    assert_eq!(aws.targets().drain_time(&none).await.unwrap_err().fault, Fault::NotFound);
}

#[tokio::test]
async fn an_alarm_that_begins_to_fire_is_seen_to() {
    let simulator = simulator("", "").await;
    let aws = aws(&simulator, DEV).await;
    let names = ["latency", "nobody", "errors"].map(|name| name.parse().unwrap());
    let states = async || {
        let found = aws.alarms().look(&names).await.unwrap();
        found.into_iter().map(|alarm| (alarm.name.to_string(), alarm.state)).collect::<Vec<_>>()
    };
    let [latency, errors] = ["latency", "errors"].map(str::to_owned);
    assert_eq!(states().await, [(latency.clone(), AlarmState::Ok), (errors.clone(), AlarmState::Ok)]);
    deploy(&simulator, &aws, 61).await;
    assert_eq!(states().await, [(latency, AlarmState::Ok), (errors, AlarmState::Firing)]);
    let firing = aws.alarms().look(&names[2..]).await.unwrap().remove(0);
    assert_eq!(firing.reason.as_deref(), Some("Threshold Crossed"));
    let age = simulator.now().duration_since(firing.since.unwrap());
    assert!((0..=2).contains(&age.as_secs()), "{age:?}");
}

#[tokio::test]
async fn a_rollout_that_is_stopped_goes_back_and_cannot_be_stopped_again() {
    let simulator = simulator("behaviour = { healthy-after = \"never\" }", "").await;
    let aws = aws(&simulator, DEV).await;
    deploy(&simulator, &aws, 30).await;
    let ours = newest(&aws).await;
    assert_eq!(ours.status, ServiceDeploymentStatus::InProgress);
    aws.services().stop(&ours.arn).await.unwrap();
    simulator.advance(Duration::from_mins(15));
    let ours = newest(&aws).await;
    assert_eq!(ours.status, ServiceDeploymentStatus::RollbackSuccessful, "{ours:?}");
    assert!(ours.rolled_back_to.is_some());
    let error = aws.services().stop(&ours.arn).await.unwrap_err();
    assert_eq!((&error.fault, error.code.as_deref()), (&Fault::Rejected, Some("ConflictException")));
}

#[tokio::test]
async fn a_pause_waits_for_the_word_that_it_is_given_and_for_one_only() {
    let configuration = "deployment-configuration = { strategy = \"BLUE_GREEN\", bakeTimeInMinutes = 1, lifecycleHooks = [{ targetType = \"PAUSE\", lifecycleStages = [\"POST_TEST_TRAFFIC_SHIFT\"] }] }";
    for (word, expected) in [
        (PauseWord::Continue, ServiceDeploymentStatus::Successful),
        (PauseWord::Rollback, ServiceDeploymentStatus::RollbackSuccessful),
    ] {
        let simulator = simulator("behaviour = { healthy-after = 1 }", configuration).await;
        let aws = aws(&simulator, DEV).await;
        let snapshot = aws.services().describe(&[shop()]).await.unwrap().remove(0).unwrap();
        assert_eq!(snapshot.controller, towpath_core::rollout::Controller::Ecs { strategy: Strategy::BlueGreen });
        deploy(&simulator, &aws, 600).await;
        let waiting = newest(&aws).await;
        let [pause] = waiting.pauses.as_slice() else { panic!("{waiting:?}") };
        assert!(pause.is_testable() && pause.expires_at.is_some_and(|at| at > simulator.now()), "{pause:?}");
        assert_eq!(waiting.traffic.unwrap().production.to_string(), "0");
        assert!(waiting.traffic.unwrap().test > 0.0, "{waiting:?}");

        aws.services().answer(&waiting.arn, &pause.hook, word).await.unwrap();
        let error = aws.services().answer(&waiting.arn, &pause.hook, word).await.unwrap_err();
        assert_eq!(error.fault, Fault::Rejected, "{error}");
        simulator.advance(Duration::from_mins(30));
        let ended = newest(&aws).await;
        assert_eq!((ended.status, ended.pauses.len()), (expected, 0));
    }
}

#[tokio::test]
async fn the_way_of_deploying_is_set_whole_with_the_task_definition() {
    let simulator = simulator("", "circuit-breaker = \"roll-back\"").await;
    let aws = aws(&simulator, DEV).await;
    let before = aws.services().describe(&[shop()]).await.unwrap().remove(0).unwrap();
    assert!(before.circuit_breaker.is_some_and(|breaker| breaker.is_on && breaker.rolls_back), "{before:?}");
    let changed = serde_json::json!({"maximumPercent": 150, "minimumHealthyPercent": 100});
    let configuration = before.configuration.unwrap().with(changed.as_object().unwrap());
    let task_definition = before.task_definition.unwrap();
    let update = ServiceUpdate { configuration: Some(configuration.clone()), ..ServiceUpdate::to(task_definition) };
    let after = aws.services().update(&shop(), &update).await.unwrap();
    assert_eq!((after.maximum_percent, after.circuit_breaker), (Some(150), before.circuit_breaker));
    assert_eq!(after.configuration.unwrap().to_json(), configuration.to_json());
}
