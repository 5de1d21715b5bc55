//! Scenario 46: tags are lost.
//!
//! In the wild: a task definition is described without its tags unless they are asked for, so that every deployment lost
//! them.
//!
//! Demanded: tags are asked for and sent again; where tagging is denied, that is said, exit 3, and nothing is registered
//! without them; where there are none, none are sent, not even an empty list.

use serde_json::{Value, json};
use towpath_cli::Exit;
use towpath_tests::scenario::{Shop, denied};

fn tagged() -> Shop {
    Shop::new().definition(|definition| definition["tags"] = json!([{ "key": "team", "value": "shop" }]))
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_are_asked_for_and_sent_again() {
    let told = tagged().open().await.promote("1.1.0").await;
    told.ends(Exit::Done);
    assert!(told.inputs("DescribeTaskDefinition").iter().all(|input| input["include"] == json!(["TAGS"])));
    assert_eq!(told.accepted("RegisterTaskDefinition")[0].input["tags"], json!([{ "key": "team", "value": "shop" }]));
    assert_eq!(told.truth.described("shop-api-dev:2").unwrap()["tags"], json!([{ "key": "team", "value": "shop" }]));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_tagging_is_denied_nothing_is_registered_without_tags() {
    let resource = "arn:aws:ecs:us-west-2:111111111111:task-definition/shop-api-dev:*";
    let play = tagged().fault(denied("RegisterTaskDefinition", "ecs:TagResource", resource)).open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Credentials).changed_nothing().says("ecs:TagResource").says(resource);
    assert_eq!(told.inputs("RegisterTaskDefinition").len(), 1, "not tried again");
    assert_eq!(told.truth.revisions.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_are_no_tags_none_are_sent() {
    let told = Shop::new().open().await.promote("1.1.0").await;
    let has_tags = |input: &&Value| input.get("tags").is_some();
    assert_eq!(told.inputs("RegisterTaskDefinition").into_iter().filter(has_tags).count(), 0);
    told.ends(Exit::Done);
}
