//! Scenario 77: a mutable tag, so that what runs is not what was tested.
//!
//! In the wild: a tag moved while a deployment by tag went on, and production restarted onto the image of another
//! environment.
//!
//! Demanded: a tag is resolved once, when the release is made; its digest is what is registered, run and proven, and the
//! image that the tag names now is in no request.

use std::time::Duration;

use serde_json::json;
use towpath_cli::Exit;
use towpath_core::{
    identifier::{TaggedImage, Version},
    ledger::Releases,
};
use towpath_sim::{Simulator, images::ImageSpec};
use towpath_tests::{
    REPOSITORY,
    scenario::{Play, Shop, Told},
};

/// Moves the tag of 1.1.0 to bytes that nobody has tested, and answers their digest.
fn move_tag(simulator: &Simulator) -> String {
    let untested = json!({ "repository": "shop-api", "tags": ["1.1.0"], "behaviour": { "version": "9.9.9", "commit": "f".repeat(40) } });
    let untested: ImageSpec = serde_json::from_value(untested).unwrap();
    simulator.set_image(&untested).unwrap().unwrap()
}

/// The digest that release 1.1.0 was made of.
async fn released(play: &Play) -> String {
    let version: Version = "1.1.0".parse().unwrap();
    let release = Releases::new(&*play.stage.store).get(&version).await.unwrap();
    release.image(&"api".parse().unwrap()).unwrap().digest().to_string()
}

/// What was released serves, and the other image is in no request.
fn only(told: &Told, released: &str, untested: &str) {
    assert_ne!(released, untested);
    assert!(told.truth.digests().iter().all(|digest| *digest == released), "{}", told.story());
    let registered = &told.accepted("RegisterTaskDefinition")[0].input["containerDefinitions"][0]["image"];
    assert!(registered.as_str().unwrap().ends_with(&format!("@{released}")), "{registered}");
    let asked: Vec<String> = told.calls.iter().map(|call| call.input.to_string()).collect();
    assert!(asked.iter().all(|input| !input.contains(untested)), "{}", told.story());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_moved_after_the_release_was_made_changes_nothing() {
    let play = Shop::new().open().await;
    let released = released(&play).await;
    let untested = move_tag(&play.stage.simulator);
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done).serves("shop-api-dev:2");
    only(&told, &released, &untested);
    assert!(play.version().await.contains("1.1.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_moves_in_the_middle_of_the_rollout_changes_nothing() {
    let play = Shop::new().open().await;
    let released = released(&play).await;
    play.when("registered", Duration::ZERO, |simulator| drop(move_tag(simulator)));
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done).serves("shop-api-dev:2");
    let world = play.stage.world(play.stage.environment("dev").unwrap()).await.unwrap();
    let tag: TaggedImage = format!("{REPOSITORY}:1.1.0").parse().unwrap();
    let untested = world.images.resolve(&tag).await.unwrap().unwrap().to_string();
    only(&told, &released, &untested);
}
