//! Scenario 38: a rollback by a short timer surprises people.
//!
//! In the wild: a new release of a tool began to roll back after 90 seconds; healthy rollouts need minutes.
//!
//! Demanded: without any setting, a rollout with a long grace period, a slow start and a long deregistration delay is
//! waited for; nothing is rolled back because of time alone.

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::scenario::Shop;

const BALANCED: &str = "arn:aws:elasticloadbalancing:us-west-2:111111111111:targetgroup/shop/0123456789abcdef";

async fn check(healthy_after: u32, drain: u32) {
    let balancer = json!([{ "targetGroupArn": BALANCED, "containerName": "api", "containerPort": 8080 }]);
    let shop = Shop::new()
        .created_with("loadBalancers", balancer)
        .created_with("healthCheckGracePeriodSeconds", 1200)
        .container(|container| drop(container.as_object_mut().unwrap().shift_remove("healthCheck")))
        .knob("drain", drain)
        .image("1.1.0", &json!({ "healthy-after": healthy_after }));
    let play = shop.open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done).sent("UpdateService", 1).sent("StopServiceDeployment", 0);
    assert_eq!(told.truth.revision(), "shop-api-dev:2");
}

#[tokio::test(flavor = "multi_thread")]
async fn four_minutes_are_nothing() {
    check(120, 300).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_minutes_are_waited_for_as_well() {
    check(900, 300).await;
}
