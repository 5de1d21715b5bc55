//! Scenario 42: the rollback restores the task definition, but not the other attributes that the same call had changed.
//!
//! In the wild: a deployment also changed the network or the capacity; the rollback set the task definition alone.
//!
//! Demanded: whatever is sent is put back.
//! Towpath sends the task definition and nothing else, either way, so everything else is as it was after a rollback.

use serde_json::{Value, json};
use towpath_cli::Exit;
use towpath_tests::scenario::Shop;

const OTHERS: [&str; 9] = [
    "desiredCount",
    "launchType",
    "platformVersion",
    "deploymentConfiguration",
    "networkConfiguration",
    "healthCheckGracePeriodSeconds",
    "schedulingStrategy",
    "enableExecuteCommand",
    "propagateTags",
];

#[tokio::test(flavor = "multi_thread")]
async fn everything_but_the_task_definition_is_as_it_was() {
    let bad = json!({ "routes": [{ "path": "/version", "status": 500 }] });
    let shop = Shop::new()
        .created_with("healthCheckGracePeriodSeconds", 45)
        .created_with("enableExecuteCommand", true)
        .created_with("propagateTags", "SERVICE")
        .image("1.1.0", &bad);
    let play = shop.open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::RolledBack).sent("UpdateService", 2);
    let others = |service: &Value| OTHERS.map(|name| service[name].clone());
    assert_eq!(others(&told.truth.service), others(&play.before.service));
    assert_eq!(told.truth.service["healthCheckGracePeriodSeconds"], 45);
    assert_eq!(told.truth.service["taskDefinition"], play.before.service["taskDefinition"]);
}
