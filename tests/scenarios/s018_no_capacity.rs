//! Scenario 18: a shortage of capacity is neither an instant failure nor an endless wait.
//!
//! In the wild: one tool failed on the first "unable to place a task", though the task was placed minutes later; another
//! waited for ever.
//!
//! Demanded: a shortage that passes is waited for, exit 0, and ECS's words are shown on the way.
//! One that does not pass ends at the budget, with the words about placement and not a bare time-out: exit 7, or 5 where
//! the configuration says that it is to be put back then.

use std::time::Duration;

use serde_json::{Value, json};
use towpath_cli::Exit;
use towpath_sim::ecs::Knobs;
use towpath_tests::scenario::{Play, Shop};

/// From now on there is no room for new tasks.
fn full(play: &Play, shortage: Value) {
    play.when("checked", Duration::ZERO, move |simulator| {
        simulator.with_ecs("111111111111", "us-west-2", |ecs, _| {
            let shortages = vec![serde_json::from_value(shortage).unwrap()];
            ecs.set_knobs(Knobs { shortages, ..ecs.knobs().clone() });
        });
    });
}

const WORDS: &str = "unable to place a task";

#[tokio::test(flavor = "multi_thread")]
async fn a_shortage_that_passes_is_waited_for_and_told() {
    for kind in ["port", "fargate"] {
        let play = Shop::new().open().await;
        full(&play, json!({ "kind": kind, "lasts": 300 }));
        let told = play.promote("1.1.0").await;
        told.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:2").mentions(WORDS);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_that_wait_to_be_provisioned_are_waited_for() {
    let play = Shop::new().open().await;
    full(&play, json!({ "kind": "provisioning", "lasts": 900 }));
    play.promote("1.1.0").await.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shortage_that_stays_ends_at_the_budget_with_the_words_about_placement() {
    let mut play = Shop::new().setting("rollout-timeout = \"10m\"").open().await;
    full(&play, json!({ "kind": "port" }));
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Inconclusive).sent("UpdateService", 1).says(WORDS).says("may still succeed");
    let told = play.resume().await;
    told.ends(Exit::Inconclusive).sent("UpdateService", 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shortage_that_stays_is_put_back_where_that_is_wanted() {
    for kind in ["port", "provisioning"] {
        let shop = Shop::new().setting("rollout-timeout = \"10m\"\non-timeout = \"rollback\"");
        let play = shop.open().await;
        full(&play, json!({ "kind": kind }));
        let told = play.promote("1.1.0").await;
        told.ends(Exit::RolledBack).serves("shop-api-dev:1").says("600 s");
        if kind == "port" {
            told.says(WORDS);
        }
    }
}
