//! Scenario 40: half of a release of several services is rolled back.
//!
//! In the wild: the backend failed and was put back, the frontend stayed on the new version, and the two did not fit.
//!
//! Demanded: everything that this run updated is put back, in reverse, each proven, exit 5; the end says of every service
//! what it runs.
//! Where one of them cannot be put back, the end state is mixed: exit 6.

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::{
    COMMITS,
    scenario::{Play, Shop, Told, Truth, Way},
};

fn shop(breaker: &str) -> Shop {
    Shop::new().service("circuit-breaker", breaker).also("worker", &["api"]).also("web", &["worker"])
}

#[track_caller]
fn order(told: &Told) -> Vec<String> {
    let updates = told.accepted("UpdateService");
    let name = |input: &serde_json::Value| {
        let revision = input["taskDefinition"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        revision.replace("shop-", "").replace("-dev", "")
    };
    updates.iter().map(|call| name(&call.input)).collect()
}

fn set_to(play: &Play, component: &str) -> String {
    Truth::of(&play.stage, &format!("shop-{component}-dev")).revision().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_was_updated_is_put_back_in_reverse() {
    for way in Way::BOTH {
        let bad = json!({ "fails-to-start": "no such file" });
        let mut play = shop("stop").image_of("web", "1.1.0", &bad).open().await;
        let told = play.promote_by(way, "1.1.0").await;
        told.ends(Exit::RolledBack).never_says("stuck");
        assert_eq!(order(&told), ["api:2", "worker:2", "web:2", "web:1", "worker:1", "api:1"]);
        for component in ["api", "worker", "web"] {
            told.says(&format!("{component}: ")).says(&format!("shop-{component}-dev:1"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_reached_is_left_alone() {
    let bad = json!({ "fails-to-start": "no such file" });
    let play = shop("roll-back").image_of("worker", "1.1.0", &bad).open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::RolledBack);
    assert_eq!(order(&told), ["api:2", "worker:2", "api:1"], "ECS itself puts the worker back");
    assert_eq!(set_to(&play, "web"), "shop-web-dev:1");
    told.says("shop-web-dev:2 was registered; the service was not changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mixed_end_is_stuck() {
    let bad = json!({ "fails-to-start": "no such file" });
    let play = shop("stop").image_of("web", "1.1.0", &bad).open().await;
    // The old worker cannot be started any more, the old api can.
    play.when("registered", std::time::Duration::ZERO, |simulator| {
        let behaviour = json!({ "version": "1.0.0", "commit": COMMITS[0].1, "fails-to-start": "no such secret" });
        let image = json!({ "repository": "shop-worker", "behaviour": behaviour });
        simulator.set_image(&serde_json::from_value(image).unwrap()).unwrap();
    });
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Stuck).says("worker: ").sent("UpdateService", 6);
    assert_eq!(set_to(&play, "api"), "shop-api-dev:1", "what can be put back is");
    assert!(play.version().await.contains("1.0.0"));
}
