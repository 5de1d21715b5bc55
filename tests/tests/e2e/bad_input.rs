//! Bad input: a clear message, no change made, nothing lost.

use serde_json::json;
use towpath_core::{engine::EngineError, promotion::Outcome};
use towpath_tests::{SCENARIO, Stage};

/// The promotion of 1.1.0 to dev is refused, and the service and the family are untouched.
async fn refused(stage: &Stage, because: &str) {
    let report = stage.promote("dev", "1.1.0").await.unwrap();
    assert_eq!(report.outcome, Outcome::Refused, "{}", report.reason);
    assert!(report.reason.contains(because), "{}", report.reason);
    for operation in ["UpdateService", "RegisterTaskDefinition", "DeregisterTaskDefinition", "RunTask"] {
        assert!(stage.accepted(operation).is_empty(), "{operation}");
    }
    let record = stage.records("dev").await.unwrap().pop().unwrap();
    assert_eq!(record.outcome, Outcome::Refused);
}

async fn configured(from: &str, to: &str) -> Stage {
    Stage::with(SCENARIO, &Stage::configuration().replace(from, to)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wrong_account_is_refused() {
    let role = "role = \"arn:aws:iam::111111111111:role/shop-deployer\"\n";
    refused(&configured(role, "").await, "in account 111111111111").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_service_cluster_or_container_is_refused_by_name() {
    refused(
        &configured("service = \"shop-api-{environment}\"", "service = \"shop-apo-{environment}\"").await,
        "shop-apo-dev",
    )
    .await;
    refused(&configured("cluster = \"shop-{environment}\"", "cluster = \"shup-{environment}\"").await, "cluster").await;
    refused(&configured("container = \"api\"", "container = \"app\"").await, "api").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_image_is_refused() {
    let stage = Stage::open().await.unwrap();
    stage.simulator.with_ecs("111111111111", "us-west-2", |_, _| ());
    let environment = stage.environment("dev").unwrap();
    let world = stage.world(environment).await.unwrap();
    let digest = format!("sha256:{}", "0".repeat(64)).parse().unwrap();
    let mut release = towpath_tests::release("1.1.0", &digest).unwrap();
    release.version = "9.9.9".parse().unwrap();
    let _created = towpath_core::ledger::Releases::new(&*stage.store).create(&release).await.unwrap();
    let report =
        stage.engine(environment, &world).promote(&release.version, stage.request("p-1").unwrap()).await.unwrap();
    assert_eq!(report.outcome, Outcome::Refused);
    assert!(report.reason.contains("does not exist"), "{}", report.reason);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_wants_no_tasks_is_refused_and_when_allowed_told_as_not_verified() {
    let scenario = SCENARIO.replacen("desired-count = 2", "desired-count = 0", 1);
    let stage = Stage::with(&scenario, Stage::configuration()).await.unwrap();
    refused(&stage, "wants 0 tasks").await;
    let allowed = Stage::configuration()
        .replace("container = \"api\"", "container = \"api\"\nallow-empty = true")
        .split("[[components.api.smoke]]")
        .next()
        .unwrap()
        .to_owned();
    let stage = Stage::with(&scenario, &allowed).await.unwrap();
    let report = stage.promote("dev", "1.1.0").await.unwrap();
    assert_eq!(report.outcome, Outcome::Unverified, "{}", report.reason);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inactive_rollback_target_is_refused() {
    let stage = Stage::open().await.unwrap();
    stage.simulator.with_ecs("111111111111", "us-west-2", |ecs, now| {
        ecs.call("DeregisterTaskDefinition", &json!({ "taskDefinition": "shop-api-dev:1" }), now).unwrap();
    });
    refused(&stage, "INACTIVE").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollout_under_way_is_refused_where_it_is_not_to_be_waited_for() {
    let stage = configured("container = \"api\"", "container = \"api\"\nwhen-busy = \"refuse\"").await;
    stage.simulator.with_ecs("111111111111", "us-west-2", |ecs, now| {
        let input = json!({ "cluster": "shop-dev", "service": "shop-api-dev", "forceNewDeployment": true });
        ecs.call("UpdateService", &input, now).unwrap();
    });
    refused(&stage, "under way").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_environment_whose_upstream_has_not_proven_the_release_is_refused() {
    let stage = Stage::open().await.unwrap();
    let report = stage.promote("production", "1.1.0").await.unwrap();
    assert_eq!(report.outcome, Outcome::Refused);
    assert!(report.reason.contains("staging"), "{}", report.reason);
    assert!(stage.simulator.calls().is_empty(), "not one call was made");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_does_not_exist_is_an_error_before_anything_begins() {
    let stage = Stage::open().await.unwrap();
    let environment = stage.environment("dev").unwrap();
    let world = stage.world(environment).await.unwrap();
    let missing = "7.7.7".parse().unwrap();
    let error = stage.engine(environment, &world).promote(&missing, stage.request("p-1").unwrap()).await.unwrap_err();
    assert!(matches!(error, EngineError::Release(_)), "{error:?}");
    assert!(stage.records("dev").await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_secret_is_refused() {
    let scenario = SCENARIO.split("[[secrets]]").next().unwrap();
    let configuration = Stage::configuration().replace("after = [\"staging\"]\n", "");
    let stage = Stage::with(scenario, &configuration).await.unwrap();
    let report = stage.promote("production", "1.1.0").await.unwrap();
    assert_eq!(report.outcome, Outcome::Refused, "{}", report.reason);
    assert!(report.reason.contains("payment-token"), "{}", report.reason);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_endpoint_changes_nothing_and_is_said_so() {
    let mut stage = Stage::open().await.unwrap();
    stage.patience.read_attempts = 1;
    stage.patience.unsent_attempts = 1;
    let environment = stage.environment("dev").unwrap();
    let mut settings = towpath_aws::Settings::new(environment.region.clone(), environment.account.clone());
    settings.endpoint = Some("http://127.0.0.1:9".to_owned());
    settings.source = towpath_aws::Source::Keys(towpath_aws::AccessKeys::new("AKIA111111111111", "x", None));
    settings.patience = stage.patience.clone();
    let aws = towpath_aws::Aws::connect(settings).await.unwrap();
    let mut world = stage.world(environment).await.unwrap();
    world.services = std::sync::Arc::new(aws.services());
    world.identity = std::sync::Arc::new(aws.identity());
    let version = "1.1.0".parse().unwrap();
    let report = stage.engine(environment, &world).promote(&version, stage.request("p-1").unwrap()).await.unwrap();
    assert_eq!(report.outcome, Outcome::Errored, "{}", report.reason);
    assert!(report.reason.contains("127.0.0.1:9"), "{}", report.reason);
}
