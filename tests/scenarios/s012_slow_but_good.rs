//! Scenario 12: a slow but good rollout is reported exactly like a broken one.
//!
//! In the wild: a waiter gives up after forty looks at fifteen seconds; the job is red while the new version comes up;
//! people deploy again or roll a good release back.
//! One tool promised six hours and stopped after one.
//!
//! Demanded: old tasks that drain do not keep a good release from success; a time-out is inconclusive, exit 7, and
//! nothing is rolled back; the run can be resumed and ends in 0; more than an hour is honoured.

use serde_json::{Value, json};
use towpath_cli::Exit;
use towpath_tests::scenario::Shop;

const BALANCED: &str = "arn:aws:elasticloadbalancing:us-west-2:111111111111:targetgroup/shop/0123456789abcdef";

fn draining(seconds: u32) -> Shop {
    let balancer = json!([{ "targetGroupArn": BALANCED, "containerName": "api", "containerPort": 8080 }]);
    Shop::new().created_with("loadBalancers", balancer).knob("drain", seconds)
}

#[tokio::test(flavor = "multi_thread")]
async fn old_tasks_that_drain_for_minutes_are_waited_for() {
    for seconds in [300, 1380] {
        let play = draining(seconds).open().await;
        let told = play.promote("1.1.0").await;
        assert_eq!((told.exit, told.truth.revision()), (Exit::Done, "shop-api-dev:2"), "{}", told.story());
        told.sent("UpdateService", 1);
    }
}

fn slow(seconds: u32) -> Shop {
    let patient = |container: &mut Value| container["healthCheck"]["startPeriod"] = json!(300);
    Shop::new().container(patient).image("1.1.0", &json!({ "healthy-after": seconds }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_out_is_inconclusive_rolls_nothing_back_and_can_be_resumed() {
    let mut play = slow(280).setting("rollout-timeout = \"4m\"").open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Inconclusive).sent("UpdateService", 1).says("may still succeed").says("towpath resume dev");
    let told = play.resume().await;
    told.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:2");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_an_hour_is_honoured() {
    let balancer = json!([{ "targetGroupArn": BALANCED, "containerName": "api", "containerPort": 8080 }]);
    let shop = Shop::new()
        .created_with("loadBalancers", balancer)
        .created_with("healthCheckGracePeriodSeconds", 5000)
        .container(|container| drop(container.as_object_mut().unwrap().shift_remove("healthCheck")))
        .image("1.1.0", &json!({ "healthy-after": 4000 }))
        .setting("rollout-timeout = \"90m\"");
    let play = shop.open().await;
    let began = play.stage.simulator.now();
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:2");
    assert!(play.stage.simulator.now().duration_since(began).as_secs() > 3600);
}
