//! Scenario 48: a valid definition is rejected when it is registered again.
//!
//! In the wild: the sizes stood at the level of the task; they or the launch type were not carried over, and ECS asked
//! for the memory of a container.
//!
//! Demanded: sizes and compatibilities at the level of the task are carried over; where ECS rejects a definition, its words
//! are shown with the container, nothing is deployed, exit 1.

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::scenario::{Shop, refused};

fn shop() -> Shop {
    Shop::new().created_with("launchType", "EC2").definition(|definition| {
        definition["requiresCompatibilities"] = json!(["MANAGED_INSTANCES"]);
        (definition["cpu"], definition["memory"]) = (json!("1024"), json!("2048"));
        let beyla = json!({ "name": "beyla", "image": "grafana/beyla:2", "essential": false });
        definition["containerDefinitions"].as_array_mut().unwrap().push(beyla);
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn sizes_of_the_task_are_carried_over() {
    let told = shop().open().await.promote("1.1.0").await;
    told.ends(Exit::Done).serves("shop-api-dev:2");
    let sent = &told.accepted("RegisterTaskDefinition")[0].input;
    assert_eq!((&sent["cpu"], &sent["memory"]), (&json!("1024"), &json!("2048")));
    assert_eq!(sent["requiresCompatibilities"], json!(["MANAGED_INSTANCES"]));
    assert!(sent["containerDefinitions"].as_array().unwrap().iter().all(|container| container.get("memory").is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ecs_rejects_is_told_with_the_container() {
    let words =
        "Invalid setting for container 'beyla'. At least one of 'memory' or 'memoryReservation' must be specified.";
    let play = shop().fault(refused("RegisterTaskDefinition", "ClientException", words)).open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Errored).says(words).changed_nothing().sent("UpdateService", 0);
    assert_eq!(told.inputs("RegisterTaskDefinition").len(), 1, "not tried again");
}
