//! A rollout that goes well: AWS's state sequence (a), and (f) with nothing to run.

use serde_json::json;

use super::scene::{Scene, balanced, digits};

#[test]
fn a_seeded_service_is_steady() {
    let mut scene = Scene::steady(json!({}));
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 2/2"]);
    assert_eq!(scene.status(), "SUCCESSFUL");
    assert_eq!(scene.ecs.next_step(), None);
}

#[test]
fn an_update_answers_at_once_with_the_new_deployment_first() {
    let mut scene = Scene::steady(json!({}));
    let service = scene.deploy("better");
    assert_eq!(scene.deployments(), ["PRIMARY IN_PROGRESS 0/2", "ACTIVE COMPLETED 2/2"]);
    let primary = &service["deployments"][0];
    assert_eq!(
        primary["rolloutStateReason"],
        format!("ECS deployment {} in progress.", primary["id"].as_str().unwrap())
    );
    assert_eq!(service["taskDefinition"], primary["taskDefinition"]);
    assert_eq!(digits(&primary["id"]), digits(&scene.newest()["targetServiceRevision"]["arn"]));
}

#[test]
fn a_service_deployment_is_pending_for_a_moment() {
    let mut scene = Scene::steady(json!({}));
    scene.deploy("better");
    assert_eq!(scene.status(), "PENDING");
    scene.pass(0.2);
    assert_eq!(scene.status(), "IN_PROGRESS");
    assert_eq!(scene.service()["pendingCount"], 2);
}

#[test]
fn tasks_go_through_aws_life_cycle_on_their_way_up() {
    let mut scene = Scene::steady(json!({}));
    scene.deploy("better");
    scene.pass(0.2);
    let arn = scene.call("ListTasks", json!({"cluster": "prod", "serviceName": "web"}))["taskArns"][2].clone();
    for (seconds, expected) in [(0.0, "PROVISIONING"), (6.0, "PENDING"), (10.0, "ACTIVATING"), (5.0, "RUNNING")] {
        scene.pass(seconds);
        let task = scene.call("DescribeTasks", json!({"cluster": "prod", "tasks": [arn]}))["tasks"][0].clone();
        assert_eq!(task["lastStatus"], expected);
    }
}

#[test]
fn the_service_deployment_succeeds_before_the_old_tasks_have_drained() {
    let mut scene = Scene::new();
    scene.seed(2, json!({}), balanced());
    scene.deploy("better");
    assert!(scene.pass_until(300.0, |scene| scene.status() == "SUCCESSFUL"));
    assert_eq!(scene.deployments(), ["PRIMARY IN_PROGRESS 2/2", "ACTIVE COMPLETED 0/0"]);
    let succeeded = scene.now;
    assert!(scene.pass_until(300.0, |scene| scene.deployments() == ["PRIMARY COMPLETED 2/2"]));
    assert!(scene.now.duration_since(succeeded).as_secs() >= 30);
}

#[test]
fn completion_is_told_in_two_messages() {
    let mut scene = Scene::steady(json!({}));
    let id = scene.deploy("better")["deployments"][0]["id"].clone();
    scene.pass(300.0);
    let messages = scene.messages();
    assert_eq!(messages[0], "(service web) has reached a steady state.");
    assert_eq!(messages[1], format!("(service web) (deployment {}) deployment completed.", id.as_str().unwrap()));
    let events = scene.service()["events"].clone();
    assert!(events[0]["createdAt"].as_f64() > events[1]["createdAt"].as_f64());
}

#[test]
fn without_a_health_check_a_task_counts_after_forty_seconds() {
    let mut scene = Scene::steady(json!({}));
    scene.deploy("better");
    scene.pass(59.0);
    assert_eq!(scene.status(), "IN_PROGRESS");
    scene.pass(2.0);
    assert_eq!(scene.status(), "SUCCESSFUL");
}

#[test]
fn the_revision_names_the_digests_of_its_images() {
    let mut scene = Scene::steady(json!({}));
    scene.deploy("better");
    scene.pass(30.0);
    let arn = scene.newest()["targetServiceRevision"]["arn"].clone();
    let revision =
        scene.call("DescribeServiceRevisions", json!({"serviceRevisionArns": [arn]}))["serviceRevisions"][0].clone();
    assert_eq!(
        revision["containerImages"],
        json!([{"containerName": "app", "imageDigest": format!("sha256:{:064x}", 2), "image": "better"}])
    );
}

#[test]
fn later_tasks_of_a_revision_run_the_digest_of_the_first() {
    let mut scene = Scene::steady(json!({}));
    let old = scene.images.clone_image("good");
    scene.image("other", old.behaviour.clone());
    scene.images.rename("good", "forgotten");
    scene.call("UpdateService", json!({"cluster": "prod", "service": "web", "desiredCount": 3}));
    scene.pass(100.0);
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 3/3"]);
    assert!(scene.ecs.targets("prod", "web", scene.now).iter().all(|target| target.digest == old.digest));
}

#[test]
fn an_update_that_changes_nothing_deploying_makes_no_deployment() {
    let mut scene = Scene::steady(json!({}));
    let before = scene.service();
    let arn = before["taskDefinition"].clone();
    let answer = scene.call(
        "UpdateService",
        json!({"cluster": "prod", "service": "web", "taskDefinition": arn, "enableExecuteCommand": true}),
    );
    assert_eq!(answer["service"]["deployments"][0]["id"], before["deployments"][0]["id"]);
    assert_eq!(answer["service"]["deployments"].as_array().unwrap().len(), 1);
    assert_eq!(answer["service"]["enableExecuteCommand"], true);
}

#[test]
fn a_forced_update_deploys_the_same_task_definition_again() {
    let mut scene = Scene::steady(json!({}));
    scene.call("UpdateService", json!({"cluster": "prod", "service": "web", "forceNewDeployment": true}));
    assert_eq!(scene.deployments().len(), 2);
    scene.pass(300.0);
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 2/2"]);
}

#[test]
fn a_service_without_tasks_succeeds_without_proof() {
    let mut scene = Scene::new();
    scene.seed(0, json!({}), serde_json::Map::new());
    scene.image("broken", super::scene::broken());
    scene.deploy("broken");
    scene.pass(1.0);
    assert_eq!(scene.status(), "SUCCESSFUL");
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 0/0"]);
    let arn = scene.newest()["targetServiceRevision"]["arn"].clone();
    let revision = scene.call("DescribeServiceRevisions", json!({"serviceRevisionArns": [arn]}));
    assert_eq!(
        revision["serviceRevisions"][0]["containerImages"],
        json!([{"containerName": "app", "image": "broken"}])
    );
}

#[test]
fn the_state_survives_a_restart_in_the_middle_of_a_rollout() {
    let mut scene = Scene::steady(json!({}));
    scene.deploy("better");
    scene.pass(25.0);
    let kept = serde_json::to_string(&scene.ecs).unwrap();
    scene.ecs = serde_json::from_str(&kept).unwrap();
    scene.pass(300.0);
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 2/2"]);
    assert_eq!(scene.status(), "SUCCESSFUL");
}

#[test]
fn one_long_step_and_many_short_ones_come_to_the_same() {
    let run = |steps: u32| {
        let mut scene = Scene::steady(json!({}));
        scene.deploy("better");
        for _ in 0..steps {
            scene.pass(300.0 / f64::from(steps));
        }
        (scene.service(), scene.newest())
    };
    assert_eq!(run(1), run(300));
}

#[test]
fn targets_take_requests_once_they_answer_and_until_they_drain() {
    let mut scene = Scene::new();
    scene.seed(2, json!({}), balanced());
    scene.deploy("better");
    scene.pass(20.5);
    let in_service =
        |scene: &Scene| scene.ecs.targets("prod", "web", scene.now).iter().filter(|target| target.in_service).count();
    assert_eq!((in_service(&scene), scene.ecs.targets("prod", "web", scene.now).len()), (2, 4));
    scene.pass(2.0);
    assert_eq!((in_service(&scene), scene.ecs.targets("prod", "web", scene.now).len()), (2, 4));
    scene.pass(60.0);
    assert_eq!((in_service(&scene), scene.ecs.targets("prod", "web", scene.now).len()), (2, 2));
}
