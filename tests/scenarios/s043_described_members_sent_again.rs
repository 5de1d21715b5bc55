//! Scenario 43: members that only AWS sets are sent again.
//!
//! In the wild: the output of `describe-task-definition` was used as the input of `register-task-definition`; each new
//! member that AWS added to its answers broke people anew, or brought eight warnings.
//!
//! Demanded: exactly the members that only AWS sets are left out; the answer is taken with its wrapper and its tags; one
//! summarised notice.

use serde_json::{Value, json};
use towpath_cli::Exit;
use towpath_tests::scenario::{Play, Shop};

const ONLY_AWS: [&str; 9] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "deregisteredAt",
    "deleteRequestedAt",
    "registeredBy",
];

/// The serving revision as AWS describes it, with every member that only AWS sets.
fn described(play: &Play) -> Value {
    let input = json!({ "taskDefinition": "shop-api-dev:1" });
    let mut described = play.somebody("DescribeTaskDefinition", &input)["taskDefinition"].take();
    for name in ONLY_AWS {
        if described.get(name).is_none() {
            described[name] = json!("2026-03-01T00:00:00Z");
        }
    }
    described
}

async fn check(file: impl FnOnce(Value) -> Value, tags: Option<Value>) {
    let play = Shop::new().setting("task-definition = \"api.json\"").open().await;
    let described = described(&play);
    play.stage.documents.put("api.json", &file(described.clone()).to_string());
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done).serves("shop-api-dev:2");
    let mut expected = described;
    for name in ONLY_AWS {
        expected.as_object_mut().unwrap().shift_remove(name);
    }
    let mut sent = told.accepted("RegisterTaskDefinition")[0].input.clone();
    assert_eq!(sent.as_object_mut().unwrap().shift_remove("tags"), tags);
    let image = sent["containerDefinitions"][0]["image"].take();
    assert!(image.as_str().unwrap().contains("@sha256:"), "{image}");
    expected["containerDefinitions"][0]["image"].take();
    assert_eq!(sent, expected);
    assert_eq!(told.notes().matches("left out").count(), 1, "one notice, however much it was\n{}", told.notes());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_with_its_wrapper_is_taken_with_its_tags() {
    let tags = json!([{ "key": "team", "value": "shop" }]);
    let wrapped = {
        let tags = tags.clone();
        move |described| json!({ "taskDefinition": described, "tags": tags })
    };
    check(wrapped, Some(tags)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_definition_alone_is_taken_as_well() {
    check(|described| described, None).await;
}
