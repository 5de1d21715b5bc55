//! Scenario 15: a green deployment that replaced nothing.
//!
//! In the wild: the service was set to the revision that it had already, under a tag that had moved; the old tasks kept
//! running, and the tool said "deployed".
//!
//! Demanded: the same release again is told as unchanged, exit 0, proven by the digest of every running task, and nothing
//! is sent; a tag that moved under the running tasks is found out, and the release's own digest is brought.

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::{REPOSITORY, scenario::Shop};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_release_again_is_told_as_unchanged_and_nothing_is_sent() {
    let play = Shop::new().open().await;
    play.promote("1.1.0").await.ends(Exit::Done);
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done).says("unchanged").never_says("succeeded").changed_nothing();
    let digest = told.record().digest.clone().unwrap().to_string();
    assert_eq!(told.truth.digests(), [digest], "held against the tasks that run");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_moved_under_the_running_tasks_is_no_deployment() {
    let play = Shop::new()
        .container(|container| container["image"] = json!(format!("{REPOSITORY}:latest")))
        .world(|world| world["images"][0]["tags"] = json!(["1.0.0", "latest"]))
        .open()
        .await;
    // The tag moves to 1.1.0, as a pipeline with `latest` would leave it; nothing is deployed.
    let moved = json!({ "repository": "shop-api", "tags": ["latest"], "behaviour": { "version": "1.1.0", "commit": towpath_tests::COMMITS[1].1, "healthy-after": 5 } });
    play.stage.simulator.set_image(&serde_json::from_value(moved).unwrap()).unwrap();
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:2").says("succeeded");
    let image = &told.accepted("RegisterTaskDefinition")[0].input["containerDefinitions"][0]["image"];
    assert!(image.as_str().unwrap().contains("@sha256:"), "{image}");
    assert!(play.version().await.contains("1.1.0"));
}
