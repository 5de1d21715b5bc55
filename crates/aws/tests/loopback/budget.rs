//! The budget on the wire: what is waited for, what the SDK repeats, and where there is none.

use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::json;
use towpath_aws::{Aws, Budget, Category, Settings, Share};
use towpath_core::{
    fakes::VirtualClock,
    ports::{Clock as _, Services as _, TaskDefinitions as _},
    task_definition::Document,
};

use crate::server::{Act, SHOP, Server, key, refusal};

fn found() -> Act {
    Act::Json(200, json!({"services": [{"serviceName": "api", "status": "ACTIVE", "desiredCount": 1}]}))
}

async fn aws(server: &Server, budget: Option<&Budget>) -> Aws {
    Aws::connect(Settings { budget: budget.cloned(), ..server.settings() }).await.unwrap()
}

async fn look(aws: &Aws, calls: usize) {
    let (services, keys) = (aws.services(), [key("shop", "api")]);
    for found in join_all((0..calls).map(|_| services.describe(&keys))).await {
        assert!(found.unwrap()[0].is_some());
    }
}

#[tokio::test]
async fn calls_beyond_the_burst_wait_on_the_budgets_clock() {
    let server = Server::start(|_, _| found()).await;
    let (clock, began) = (VirtualClock::default(), VirtualClock::default().now());
    let budget = Budget::new(Share::HALF, Arc::new(clock.clone()));
    look(&aws(&server, Some(&budget)).await, 60).await;
    let passed = clock.now().duration_since(began).as_secs_f64();
    assert!((1.0..1.1).contains(&passed), "ten calls beyond fifty, ten a second: {passed} s");
    assert_eq!(server.requests().len(), 60);
}

#[tokio::test]
async fn two_connections_to_one_place_have_one_budget() {
    let server = Server::start(|_, _| found()).await;
    let budget = Budget::new(Share::HALF, Arc::new(VirtualClock::default()));
    look(&aws(&server, Some(&budget)).await, 20).await;
    look(&aws(&server, Some(&budget)).await, 20).await;
    let [used] = budget.uses().try_into().unwrap();
    assert_eq!((used.category, used.calls, used.region.as_str()), (Category::ServiceRead, 40, "us-west-2"));
}

#[tokio::test]
async fn what_the_sdk_repeats_counts_too() {
    let server = Server::start(|number, _| match number {
        1 | 2 => Act::Close,
        3 => refusal(400, "ThrottlingException", "Rate exceeded"),
        _ => found(),
    })
    .await;
    let budget = Budget::new(Share::HALF, Arc::new(VirtualClock::default()));
    look(&aws(&server, Some(&budget)).await, 1).await;
    assert_eq!((budget.uses()[0].calls, server.requests().len()), (4, 4));
}

#[tokio::test]
async fn an_aws_on_this_machine_is_asked_without_limit_unless_told_otherwise() {
    let server = Server::start(|_, _| Act::Json(200, json!({"taskDefinition": {"taskDefinitionArn": SHOP}}))).await;
    let task_definitions = aws(&server, None).await.task_definitions();
    let document = Document::from_described(json!({"family": "shop"}), Vec::new()).unwrap();
    let began = std::time::Instant::now();
    for _ in 0..30 {
        task_definitions.register(&document).await.unwrap();
    }
    assert!(began.elapsed().as_secs() < 20, "half of what AWS allows would take forty seconds");
    assert_eq!(server.requests().len(), 30);
}
