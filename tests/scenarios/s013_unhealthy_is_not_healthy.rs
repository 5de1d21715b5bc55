//! Scenario 13: `UNHEALTHY` was matched as `HEALTHY`.
//!
//! In the wild: a script looked for the text HEALTHY in the answer, and found it in UNHEALTHY.
//!
//! Demanded: tasks that are UNHEALTHY are never taken for good; UNKNOWN is not yet healthy where the container has a
//! health check, and good enough where it has none.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use towpath_cli::Exit;
use towpath_tests::scenario::{Play, Shop, somebody};

/// The health of the service's newest tasks so long after the update.
fn health(play: &Play, delay: Duration) -> Arc<Mutex<Vec<Value>>> {
    let seen: Arc<Mutex<Vec<Value>>> = Arc::default();
    let into = Arc::clone(&seen);
    play.when("update-accepted", delay, move |simulator| {
        let arns = somebody(simulator, "ListTasks", &json!({ "cluster": "shop-dev", "serviceName": "shop-api-dev" }));
        let tasks = somebody(simulator, "DescribeTasks", &json!({ "cluster": "shop-dev", "tasks": arns["taskArns"] }));
        let is_new = |task: &&Value| task["taskDefinitionArn"].as_str().is_some_and(|arn| arn.ends_with(":2"));
        let new = tasks["tasks"].as_array().unwrap().iter().filter(is_new).map(|task| task["healthStatus"].clone());
        into.lock().unwrap().extend(new);
    });
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn unhealthy_tasks_are_never_taken_for_good() {
    let play = Shop::new().image("1.1.0", &json!({ "healthy-after": "never" })).open().await;
    let seen = health(&play, Duration::from_secs(37));
    let told = play.promote("1.1.0").await;
    told.ends(Exit::RolledBack).serves("shop-api-dev:1");
    let seen = seen.lock().unwrap();
    assert!(seen.iter().any(|health| health == "UNHEALTHY"), "{seen:?}\n{}", told.story());
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_is_not_yet_healthy_where_there_is_a_health_check() {
    let play = Shop::new()
        .image("1.1.0", &json!({ "healthy-after": 30 }))
        .container(|container| container["healthCheck"]["startPeriod"] = json!(60))
        .open()
        .await;
    let (seen, sight) = (health(&play, Duration::from_secs(45)), play.look_when("rolled-out", Duration::ZERO));
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done).serves("shop-api-dev:2");
    let seen = seen.lock().unwrap();
    assert!(!seen.is_empty() && seen.iter().all(|health| health == "UNKNOWN"), "{seen:?}");
    assert_eq!(sight.seen()["deployments"][0]["rolloutState"], "COMPLETED");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_is_good_enough_where_there_is_no_health_check() {
    let play = Shop::new()
        .container(|container| drop(container.as_object_mut().unwrap().shift_remove("healthCheck")))
        .open()
        .await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done).serves("shop-api-dev:2");
    assert!(told.truth.tasks.iter().all(|task| task["healthStatus"] == "UNKNOWN"), "{:#?}", told.truth.tasks);
}
