//! Scenario 26: the smoke test was answered by the old version.
//!
//! In the wild: the endpoint answered 200 with the version before, from a task that drained or a cache at the edge, and
//! the deployment was green.
//!
//! Demanded: where a version is expected, the new one must answer several times in a row; the old one is "not yet" until
//! the deadline and a failure after it, exit 5.
//! Where no version is expected, the end does not claim that the version was checked.

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::{
    COMMITS,
    scenario::{Shop, Stub, Way, answer},
};

fn version(number: usize) -> String {
    let (version, commit) = COMMITS[number];
    answer(200, &[("content-type", "application/json")], &json!({ "version": version, "git_sha": commit }).to_string())
}

fn smoke(stub: &Stub, rest: &str) -> String {
    let url = stub.url();
    format!("[[components.api.smoke]]\nurl = \"{url}/version\"\njson = {{ version = \"{{version}}\" }}\n{rest}")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_version_is_not_yet_and_the_new_one_must_answer_in_a_row() {
    let (old, new) = (version(0), version(1));
    let answers = [old.clone(), old.clone(), new.clone(), old.clone(), new.clone(), new.clone(), old, new];
    let stub = Stub::answering(&answers);
    let play = Shop::new().smoke(&smoke(&stub, "consecutive = 3")).open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:2");
    assert_eq!(stub.asked(), 10, "three in a row come only after the last old answer\n{}", told.story());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_in_a_row_are_asked_for_without_being_told() {
    let stub = Stub::answering(&[version(1), version(0), version(1)]);
    let play = Shop::new().smoke(&smoke(&stub, "")).open().await;
    play.promote("1.1.0").await.ends(Exit::Done);
    assert_eq!(stub.asked(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_version_for_ever_is_a_failure_that_is_put_back() {
    for way in Way::BOTH {
        let old = json!({ "version": "1.0.0", "git_sha": COMMITS[0].1 }).to_string();
        let routes = json!({ "routes": [{ "path": "/version", "body": old }] });
        let mut play = Shop::new().image("1.1.0", &routes).open().await;
        let told = play.promote_by(way, "1.1.0").await;
        told.ends(Exit::RolledBack).sent("UpdateService", 2).serves("shop-api-dev:1");
        told.says("1.0.0").says("1.1.0").says("/version");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_version_is_expected_none_is_claimed_to_be_checked() {
    let health =
        "[[components.api.smoke]]\nurl = \"ENDPOINT/_serve/111111111111/us-west-2/shop-dev/shop-api-dev/healthz\"\n";
    let told = Shop::new().smoke(health).open().await.promote("1.1.0").await;
    told.ends(Exit::Done).says("no smoke check asks for the version");
}
