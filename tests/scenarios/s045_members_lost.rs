//! Scenario 45: members are lost when the current definition is copied.
//!
//! In the wild: network mode, placement, proxy, roles, tags and the CPU architecture each went missing in some tool; an
//! ARM64 task was registered as x86.
//!
//! Demanded: what is registered differs from what served in the image and in nothing else, also where one member is
//! unknown.

use serde_json::Value;
use towpath_cli::Exit;
use towpath_tests::{REPOSITORY, scenario::Shop};

/// A definition with every optional member that is known, and one that is not.
fn everything() -> Value {
    let text = include_str!("everything.json").replace("IMAGE", &format!("{REPOSITORY}:1.0.0"));
    serde_json::from_str(&text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_registered_differs_in_the_image_alone() {
    let shop = Shop::new()
        .knob("unknown-members", "keep")
        .created_with("launchType", "EC2")
        .definition(|definition| *definition = everything())
        .smoke("");
    let play = shop.open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done).serves("shop-api-dev:2");
    let mut sent = told.accepted("RegisterTaskDefinition")[0].input.clone();
    let image = sent["containerDefinitions"][0]["image"].take();
    assert!(image.as_str().unwrap().starts_with(&format!("{REPOSITORY}@sha256:")), "{image}");
    let (mut old, mut new) = (
        told.truth.described("shop-api-dev:1").unwrap().clone(),
        told.truth.described("shop-api-dev:2").unwrap().clone(),
    );
    for revision in [&mut old, &mut new] {
        revision["containerDefinitions"][0]["image"].take();
        for name in ["taskDefinitionArn", "revision", "registeredAt"] {
            revision.as_object_mut().unwrap().shift_remove(name);
        }
    }
    assert_eq!(new, old, "as AWS describes them");
    for (name, value) in sent.as_object().unwrap() {
        assert_eq!(value, &old[name], "`{name}` as it was sent");
    }
}
