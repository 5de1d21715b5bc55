//! Scenario 29: "revision minus one" is the last bad build.
//!
//! In the wild: rolling back by arithmetic, or to the next older active revision of the family, brought a build that had
//! been rolled back itself, or one that a pull request had only registered.
//!
//! Demanded: what is gone back to is what served, complete, just before our update; it is written down before anything
//! is changed.

use serde_json::{Value, json};
use towpath_cli::Exit;
use towpath_core::promotion::Change;
use towpath_tests::scenario::{Play, Shop, Way};

/// Somebody registers a revision that is never deployed.
fn register(play: &Play) {
    let described = play.somebody("DescribeTaskDefinition", &json!({ "taskDefinition": "shop-api-dev:1" }));
    let mut input = described["taskDefinition"].clone();
    let members = input.as_object_mut().unwrap();
    let output = [
        "taskDefinitionArn",
        "revision",
        "status",
        "registeredAt",
        "registeredBy",
        "requiresAttributes",
        "compatibilities",
    ];
    for name in output {
        members.shift_remove(name);
    }
    input["containerDefinitions"][0]["image"] = json!("nginx:1.27");
    play.somebody("RegisterTaskDefinition", &input);
}

fn bad() -> Value {
    json!({ "routes": [{ "path": "/version", "status": 500 }] })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_served_before_is_gone_back_to_past_bad_and_unused_revisions() {
    for way in Way::BOTH {
        let mut play = Shop::new().image("1.1.0", &bad()).image("1.2.0", &bad()).open().await;
        play.promote("1.1.0").await.ends(Exit::RolledBack).serves("shop-api-dev:1");
        register(&play);
        let told = play.promote_by(way, "1.2.0").await;
        told.ends(Exit::RolledBack).serves("shop-api-dev:1").sent("UpdateService", 2);
        for revision in ["shop-api-dev:1", "shop-api-dev:2", "shop-api-dev:3", "shop-api-dev:4"] {
            told.keeps(revision);
        }
        let component = told.report().state.components.values().next().unwrap();
        let target = component.plan.target.as_ref().unwrap();
        assert_eq!(target.serving.task_definition.short(), "shop-api-dev:1");
        assert!(matches!(&component.plan.change, Change::Register { .. }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_target_is_in_the_journal_before_anything_is_changed() {
    let play = Shop::new().image("1.1.0", &bad()).open().await;
    play.interrupt_when("checked", std::time::Duration::ZERO);
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Interrupted).changed_nothing();
    let journal: Vec<_> =
        play.stage.memory.contents().into_iter().filter(|(key, _)| key.contains("/journals/")).collect();
    let checked = journal.iter().find(|(_, bytes)| String::from_utf8_lossy(bytes).contains("\"checked\"")).unwrap();
    let text = String::from_utf8_lossy(&checked.1);
    assert!(text.contains("\"target\"") && text.contains("shop-api-dev:1"), "{text}");
}
