//! Scenario 44: a model on the client rejects a member that the service accepts.
//!
//! In the wild: ECS began to answer a member that a tool's model did not have; everybody's deployments broke on one day
//! without any change of theirs; one proposal was to drop the member.
//!
//! Demanded: unknown members pass as they are, at every depth; where the service itself rejects one, its words are shown
//! and nothing is deployed.

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::scenario::Shop;

#[tokio::test(flavor = "multi_thread")]
async fn unknown_members_pass_as_they_are() {
    let future = json!({ "mode": "fast", "levels": [1, 2.5, { "deep": null }], "empty": {} });
    let (top, inner) = (future.clone(), future.clone());
    let shop = Shop::new().knob("unknown-members", "keep").definition(move |definition| {
        definition["someFutureTopLevel"] = top;
        definition["containerDefinitions"][0]["someFutureMember"] = inner;
    });
    let told = shop.open().await.promote("1.1.0").await;
    told.ends(Exit::Done).serves("shop-api-dev:2");
    let sent = &told.accepted("RegisterTaskDefinition")[0].input;
    // A member that is null is an absent one to AWS.
    let expected = json!({ "mode": "fast", "levels": [1, 2.5, {}], "empty": {} });
    assert_eq!(sent["someFutureTopLevel"], expected);
    assert_eq!(sent["containerDefinitions"][0]["someFutureMember"], expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_service_rejects_is_told_in_its_words() {
    let play = Shop::new().setting("task-definition = \"api.json\"").open().await;
    let input = json!({ "taskDefinition": "shop-api-dev:1" });
    let mut described = play.somebody("DescribeTaskDefinition", &input);
    described["taskDefinition"]["someFutureTopLevel"] = json!(true);
    play.stage.documents.put("api.json", &described.to_string());
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Errored).changed_nothing().says("someFutureTopLevel").says("RegisterTaskDefinition");
    assert_eq!(told.truth.revision(), "shop-api-dev:1");
}
