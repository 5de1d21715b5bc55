//! Several components are one promotion: all or nothing.

use towpath_core::promotion::Outcome;
use towpath_tests::{SCENARIO, Stage};

const COMPONENTS: &str = r#"
[components.worker]
kind = "service"
image = { repository = "shop-worker" }
cluster = "shop-{environment}"
service = "shop-worker-{environment}"
container = "worker"
needs = ["api"]
"#;

/// A worker beside the api in dev; its second version does this.
fn scenario(behaviour: &str) -> String {
    let service = r#"
[[images]]
repository = "shop-worker"
tags = ["1"]
[images.behaviour]
version = "1"

[[images]]
repository = "shop-worker"
tags = ["2"]
[images.behaviour]
version = "2"
BEHAVIOUR

[[services]]
account = "111111111111"
cluster = "shop-dev"
name = "shop-worker-dev"
desired-count = 2
circuit-breaker = "roll-back"
deployment-configuration = { minimumHealthyPercent = 100, maximumPercent = 200 }

[services.task-definition]
family = "shop-worker-dev"
networkMode = "bridge"
cpu = "256"
memory = "512"

[[services.task-definition.containerDefinitions]]
name = "worker"
image = "111111111111.dkr.ecr.us-west-2.amazonaws.com/shop-worker:1"
essential = true
"#;
    let only_dev = SCENARIO.to_owned();
    format!("{only_dev}\n{}", service.replace("BEHAVIOUR", behaviour))
}

async fn stage(behaviour: &str) -> Stage {
    let configuration = Stage::configuration();
    let (head, smoke) = configuration.split_once("[[components.api.smoke]]").unwrap();
    let environments = head.split("[environments.staging]").next().unwrap();
    let api = head.split_once("[components.api]").unwrap().1;
    let text = format!("{environments}[components.api]{api}[[components.api.smoke]]{smoke}{COMPONENTS}");
    let stage = Stage::with(&scenario(behaviour), &text).await.unwrap();
    let world = stage.world(stage.environment("dev").unwrap()).await.unwrap();
    let repository = "111111111111.dkr.ecr.us-west-2.amazonaws.com/shop-worker";
    let image = format!("{repository}:2").parse().unwrap();
    let digest = world.images.resolve(&image).await.unwrap().unwrap();
    let key = "releases/1.1.0.json".parse().unwrap();
    let old = stage.store.get(&key).await.unwrap().unwrap();
    let mut release: serde_json::Value = serde_json::from_slice(&old.bytes).unwrap();
    release["version"] = "2.0.0".into();
    release["artifacts"]["worker"] = serde_json::json!({ "image": format!("{repository}@{digest}") });
    let key = "releases/2.0.0.json".parse().unwrap();
    stage.store.create(&key, &serde_json::to_vec(&release).unwrap()).await.unwrap();
    stage.simulator.clear_calls();
    stage
}

/// 2.0.0 of the api is 1.1.0's image, so its smoke check may only ask for what that image says.
#[tokio::test(flavor = "multi_thread")]
async fn a_failure_of_one_rolls_back_the_other_too() {
    let stage = stage("fails-to-start = \"no such file\"").await;
    let report = stage.promote("dev", "2.0.0").await.unwrap();
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert!(stage.serves("dev", "/version").await.unwrap().1.contains("1.0.0"), "the api is back as well");
    // Forward: api, worker. Back: the api by us; the worker by ECS.
    assert_eq!(stage.accepted("UpdateService").len(), 3);
    let record = report.record.unwrap();
    assert!(record.components.values().all(|component| component.serves.is_some()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_another_component_is_updated_after_it() {
    let stage = stage("").await;
    let report = stage.promote("dev", "2.0.0").await.unwrap();
    // The image says 1.1.0, the release 2.0.0: the smoke check must find that out.
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert!(report.reason.contains("2.0.0"), "{}", report.reason);
    let updates = stage.accepted("UpdateService");
    let services: Vec<_> = updates.iter().map(|call| call.input["service"].as_str().unwrap_or_default()).collect();
    assert_eq!(services, ["shop-api-dev", "shop-worker-dev", "shop-worker-dev", "shop-api-dev"], "back in reverse");
}
