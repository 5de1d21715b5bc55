//! Too little capacity, for a while or for ever.

use serde_json::{Map, Value, json};

use super::scene::{Scene, breaker};
use crate::ecs::{
    Knobs,
    knobs::{Shortage, ShortageKind},
};

fn shortage(kind: ShortageKind, lasts: Option<f64>, room: u32) -> Shortage {
    Shortage { kind, service: Some("web".to_owned()), after: 0.0, lasts, room }
}

/// A rollout in a shortage that begins when it does; the service was there long before.
fn deployed(shortage: Shortage, configuration: Value) -> Scene {
    let mut scene = Scene::new();
    scene.seed(2, configuration, Map::new());
    scene.ecs.set_knobs(Knobs { shortages: vec![shortage], ..Knobs::default() });
    scene.deploy("better");
    scene
}

fn told(scene: &mut Scene, words: &str) -> usize {
    scene.messages().iter().filter(|message| message.contains(words)).count()
}

#[track_caller]
fn check_words(kind: ShortageKind, words: &str) {
    let mut scene = deployed(shortage(kind, Some(300.0), 0), json!({}));
    scene.pass(299.0);
    assert_eq!((told(&mut scene, words), scene.status().as_str()), (1, "IN_PROGRESS"));
    assert_eq!(scene.deployments(), ["PRIMARY IN_PROGRESS 0/2", "ACTIVE COMPLETED 2/2"]);
    scene.pass(200.0);
    assert_eq!(scene.status(), "SUCCESSFUL");
}

#[test]
fn a_shortage_is_told_once_and_over_in_time() {
    check_words(ShortageKind::Port, "is already using a port required by your task.");
    check_words(ShortageKind::Cpu, "has insufficient CPU units available.");
    check_words(ShortageKind::Memory, "has insufficient memory available.");
    check_words(ShortageKind::Agent, "encountered error \"AGENT\".");
    check_words(ShortageKind::Instances, "No Container Instances were found in your cluster.");
    check_words(ShortageKind::CapacityProvider, "No Container Instances were found in your capacity provider.");
    check_words(
        ShortageKind::Fargate,
        "was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.",
    );
    check_words(ShortageKind::Vcpus, "the number of vCPUs you can run concurrently");
    check_words(ShortageKind::ProvisioningLimit, "the tasks provisioning capacity limit was exceeded.");
    check_words(ShortageKind::Throttled, "operations are being throttled. Will try again later.");
    check_words(ShortageKind::Internal, "Internal error.");
}

#[test]
fn a_shortage_for_ever_keeps_the_rollout_in_progress_and_the_breaker_counts_nothing() {
    let mut scene = deployed(shortage(ShortageKind::Fargate, None, 1), breaker(true));
    scene.pass(86_000.0);
    assert_eq!(scene.status(), "IN_PROGRESS");
    assert_eq!(scene.deployments()[0], "PRIMARY IN_PROGRESS 1/2");
    assert_eq!(scene.newest()["deploymentCircuitBreaker"]["failureCount"], 0);
    assert_eq!(told(&mut scene, "was unable to stop or start tasks during a deployment"), 0);
}

#[test]
fn tasks_wait_as_provisioning_for_capacity_that_is_being_made() {
    let mut scene = deployed(shortage(ShortageKind::Provisioning, Some(1200.0), 0), json!({}));
    scene.pass(1100.0);
    let service = scene.service();
    assert_eq!(
        (&service["deployments"][0]["pendingCount"], &service["deployments"][0]["runningCount"]),
        (&json!(2), &json!(0))
    );
    let id = service["deployments"][0]["id"].clone();
    let arns = scene.call("ListTasks", json!({"cluster": "prod", "startedBy": id}))["taskArns"].clone();
    let tasks = scene.call("DescribeTasks", json!({"cluster": "prod", "tasks": arns}))["tasks"].clone();
    assert!(tasks.as_array().unwrap().iter().all(|task| task["lastStatus"] == "PROVISIONING"));
    scene.pass(300.0);
    assert_eq!(scene.status(), "SUCCESSFUL");
}

#[test]
fn run_task_answers_tasks_and_failures() {
    let mut scene = Scene::new();
    scene.register("good");
    let network = json!({"awsvpcConfiguration": {"subnets": ["subnet-1"]}});
    let run = |scene: &mut Scene, kind, room| {
        let shortages = vec![Shortage { service: None, ..shortage(kind, None, room) }];
        scene.ecs.set_knobs(Knobs { shortages, ..Knobs::default() });
        scene.call(
            "RunTask",
            json!({"cluster": "prod", "taskDefinition": "web", "count": 3, "networkConfiguration": network}),
        )
    };
    let answer = run(&mut scene, ShortageKind::Memory, 1);
    assert_eq!(answer["tasks"].as_array().unwrap().len(), 1);
    assert_eq!(answer["failures"], json!([{"reason": "RESOURCE:MEMORY"}, {"reason": "RESOURCE:MEMORY"}]));
    let answer = run(&mut scene, ShortageKind::Fargate, 0);
    assert_eq!(answer["tasks"], json!([]));
    assert!(answer["failures"][0]["reason"].as_str().unwrap().starts_with("Capacity is unavailable at this time."));
}

#[test]
fn a_deadlock_of_percentages_is_told_or_silent() {
    for (deadlock_event, expected) in [(true, 1), (false, 0)] {
        let mut scene = Scene::with(Knobs { deadlock_event, ..Knobs::default() });
        scene.seed(1, json!({"minimumHealthyPercent": 100, "maximumPercent": 134}), Map::new());
        scene.deploy("better");
        scene.pass(3600.0);
        assert_eq!(scene.deployments(), ["PRIMARY IN_PROGRESS 0/1", "ACTIVE COMPLETED 1/1"]);
        assert_eq!(
            told(
                &mut scene,
                "was unable to stop or start tasks during a deployment because of the service deployment configuration."
            ),
            expected
        );
    }
}
