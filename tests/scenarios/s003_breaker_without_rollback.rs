//! Scenario 3: the breaker is on, its rollback is off, and the tool waits out its whole time.
//!
//! In the wild: a failed deployment launches no more tasks, so the service never becomes stable; tools that wait for that
//! burn up to an hour and then report a bare time-out.
//!
//! Demanded: the failure of our own deployment is found out at the next look; the recorded good revision is set again
//! and verified; exit 5.
//!
//! Not here: the way back cannot be switched off, so the variant without one does not exist.

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::scenario::{Shop, Told, Way};

async fn promoted(way: Way) -> Told {
    let shop =
        Shop::new().service("circuit-breaker", "stop").image("1.1.0", &json!({ "fails-to-start": "no such file" }));
    let mut play = shop.open().await;
    let told = play.promote_by(way, "1.1.0").await;
    assert!(play.version().await.contains("1.0.0"));
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ecs_gave_up_is_put_back_by_us() {
    for way in Way::BOTH {
        let told = promoted(way).await;
        told.ends(Exit::RolledBack).serves("shop-api-dev:1").keeps("shop-api-dev:2");
        told.sent("UpdateService", 2).says("circuit breaker");
        let set: Vec<_> =
            told.accepted("UpdateService").iter().map(|call| call.input["taskDefinition"].clone()).collect();
        assert!(set[0].as_str().unwrap().ends_with(":2") && set[1].as_str().unwrap().ends_with(":1"), "{set:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_failure_is_found_out_within_seconds() {
    let told = promoted(Way::Straight).await;
    let failed = told.truth.service_deployments.iter().find(|one| one["status"] == "STOPPED").unwrap();
    let failed_at = failed["finishedAt"].as_f64().unwrap();
    let back_at = told.accepted("UpdateService")[1].time.as_duration().as_secs_f64();
    assert!(back_at - failed_at < 10.0, "{} s\n{}", back_at - failed_at, told.story());
}
