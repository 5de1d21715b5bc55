//! Somebody else acts during a rollout: AWS's state sequences (g) and (h), lost tasks, deletion.

use serde_json::json;

use super::scene::{Scene, breaker, broken, digits};

#[test]
fn a_newer_deployment_stops_the_one_under_way() {
    let mut scene = Scene::steady(json!({}));
    let a = scene.service()["deployments"][0]["id"].clone();
    let b = scene.deploy("better")["deployments"][0]["id"].clone();
    scene.pass(10.0);
    scene.deploy("good");
    assert_eq!(scene.deployments(), ["PRIMARY IN_PROGRESS 0/2", "ACTIVE IN_PROGRESS 0/2", "ACTIVE COMPLETED 2/2"]);
    assert_eq!(scene.described(1)["status"], "STOP_REQUESTED");
    let sources = scene.newest()["sourceServiceRevisions"].clone();
    let sources: Vec<_> = sources.as_array().unwrap().iter().map(|source| digits(&source["arn"])).collect();
    assert_eq!(sources, [digits(&b), digits(&a)]);
    scene.pass(0.3);
    assert_eq!(scene.described(1)["status"], "STOPPED");
    scene.pass(300.0);
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 2/2"]);
    assert_eq!(scene.status(), "SUCCESSFUL");
}

#[test]
fn a_superseding_deployment_that_fails_goes_back_to_the_last_completed_one() {
    let mut scene = Scene::steady(breaker(true));
    scene.image("broken", broken());
    let a = scene.service()["deployments"][0]["id"].clone();
    scene.deploy("better");
    scene.pass(10.0);
    scene.deploy("broken");
    scene.pass(900.0);
    assert_eq!(scene.status(), "ROLLBACK_SUCCESSFUL");
    assert_eq!(scene.service()["deployments"][0]["id"], a);
}

#[test]
fn scaling_during_a_rollout_keeps_the_deployment() {
    let mut scene = Scene::steady(json!({}));
    let id = scene.deploy("better")["deployments"][0]["id"].clone();
    scene.pass(10.0);
    scene.call("UpdateService", json!({"cluster": "prod", "service": "web", "desiredCount": 5}));
    let service = scene.service();
    assert_eq!(service["deployments"][0]["id"], id);
    assert_eq!(service["deployments"][0]["desiredCount"], 5);
    scene.pass(300.0);
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 5/5"]);
    assert_eq!(scene.status(), "SUCCESSFUL");
}

#[test]
fn a_completed_deployment_stays_completed_while_it_scales() {
    let mut scene = Scene::steady(json!({}));
    for (desired, expected) in
        [(4, "PRIMARY COMPLETED 4/4"), (1, "PRIMARY COMPLETED 1/1"), (0, "PRIMARY COMPLETED 0/0")]
    {
        scene.call("UpdateService", json!({"cluster": "prod", "service": "web", "desiredCount": desired}));
        assert!(scene.deployments()[0].starts_with("PRIMARY COMPLETED"));
        scene.pass(120.0);
        assert_eq!(scene.deployments(), [expected]);
        assert_eq!(scene.messages()[0], "(service web) has reached a steady state.");
    }
}

#[test]
fn the_threshold_follows_the_desired_count() {
    let mut scene = Scene::steady(breaker(true));
    scene.deploy("better");
    assert_eq!(scene.newest()["deploymentCircuitBreaker"]["threshold"], 3);
    scene.call("UpdateService", json!({"cluster": "prod", "service": "web", "desiredCount": 20}));
    assert_eq!(scene.newest()["deploymentCircuitBreaker"]["threshold"], 10);
}

#[test]
fn scaling_to_zero_during_a_rollout_ends_it() {
    let mut scene = Scene::steady(json!({}));
    scene.deploy("better");
    scene.pass(10.0);
    scene.call("UpdateService", json!({"cluster": "prod", "service": "web", "desiredCount": 0}));
    scene.pass(120.0);
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 0/0"]);
    assert_eq!(scene.status(), "SUCCESSFUL");
}

#[test]
fn a_task_that_a_person_stops_is_replaced() {
    let mut scene = Scene::steady(json!({}));
    let arn = scene.call("ListTasks", json!({"cluster": "prod", "serviceName": "web"}))["taskArns"][0].clone();
    let answer = scene.call("StopTask", json!({"cluster": "prod", "task": arn, "reason": "drill"}));
    assert_eq!(answer["task"]["desiredStatus"], "STOPPED");
    assert_eq!(answer["task"]["stopCode"], "UserInitiated");
    scene.pass(120.0);
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 2/2"]);
    let stopped = scene.stopped_tasks();
    assert_eq!(
        (stopped[0]["stoppedReason"].as_str(), stopped[0]["lastStatus"].as_str()),
        (Some("drill"), Some("STOPPED"))
    );
}

#[test]
fn a_service_with_tasks_is_deleted_by_force_only_and_drains() {
    let mut scene = Scene::steady(json!({}));
    let refusal = scene.refusal("DeleteService", json!({"cluster": "prod", "service": "web"}));
    assert_eq!(refusal.message, "The service cannot be stopped while it is scaled above 0.");
    let deployment = scene.newest()["serviceDeploymentArn"].clone();
    scene.call("DeleteService", json!({"cluster": "prod", "service": "web", "force": true}));
    assert_eq!(scene.service()["status"], "DRAINING");
    assert_eq!(
        scene.refusal("UpdateService", json!({"cluster": "prod", "service": "web"})).code,
        "ServiceNotActiveException"
    );
    scene.pass(120.0);
    assert_eq!(scene.service()["status"], "INACTIVE");
    assert_eq!(scene.call("ListServices", json!({"cluster": "prod"}))["serviceArns"], json!([]));
    let described = scene.call("DescribeServiceDeployments", json!({"serviceDeploymentArns": [deployment]}));
    assert_eq!(described["failures"][0]["reason"], "MISSING");
    scene.call("DeleteCluster", json!({"cluster": "prod"}));
}
