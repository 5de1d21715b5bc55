//! Scenario 37: the rollback changes the capacity.
//!
//! In the wild: a number that nobody had given was sent as 0, and the rollback scaled the service to nothing.
//!
//! Demanded: `desiredCount` is in no update, forward or back; what the service wants by then is what it gets.

use std::time::Duration;

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::scenario::{Shop, Way, somebody};

#[tokio::test(flavor = "multi_thread")]
async fn neither_way_says_how_many_tasks_there_should_be() {
    for way in Way::BOTH {
        let bad = json!({ "routes": [{ "path": "/version", "status": 500 }] });
        let mut play = Shop::new().image("1.1.0", &bad).open().await;
        play.when("rolled-out", Duration::from_secs(1), |simulator| {
            let input = json!({ "cluster": "shop-dev", "service": "shop-api-dev", "desiredCount": 5 });
            somebody(simulator, "UpdateService", &input);
        });
        let told = play.promote_by(way, "1.1.0").await;
        told.ends(Exit::RolledBack).sent("UpdateService", 2).serves("shop-api-dev:1");
        assert_eq!(told.truth.tasks.len(), 5, "scaled by somebody, and left so");
        for input in told.inputs("UpdateService") {
            let mut members: Vec<_> = input.as_object().unwrap().keys().map(String::as_str).collect();
            members.sort_unstable();
            assert_eq!(members, ["cluster", "service", "taskDefinition"]);
        }
    }
}
