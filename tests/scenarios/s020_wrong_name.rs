//! Scenario 20: a wrong cluster or service name is found out after the migration has run.
//!
//! In the wild: a tool registers, runs the migration and only then looks at the service; a typing error ends in a cryptic
//! message about an ARN that is MISSING.
//!
//! Demanded: found out before any change, exit 4, with the cluster, the service, the region and the account that was
//! looked in and the nearest names; a service that is being deleted or was deleted is refused as such; an ARN in place of a name is said so
//! where it is written, exit 2.

use serde_json::json;
use towpath_cli::Exit;
use towpath_core::config;
use towpath_tests::{
    Stage,
    scenario::{Shop, Told, denied},
};

async fn refused(shop: Shop) -> Told {
    let told = shop.open().await.promote("1.1.0").await;
    told.ends(Exit::Refused).changed_nothing().sent("RegisterTaskDefinition", 0).sent("RunTask", 0);
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_does_not_exist_is_named_with_where_it_was_looked_for() {
    let told = refused(Shop::new().configured("service = \"shop-api-dev\"", "service = \"shop-apo-dev\"")).await;
    told.says("shop-apo-dev").says("shop-dev").says("us-west-2").says("111111111111");
    told.says("that cluster has `shop-api-dev`");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_services_may_not_be_listed_no_name_is_proposed() {
    let shop = Shop::new().configured("service = \"shop-api-dev\"", "service = \"shop-apo-dev\"");
    let told = refused(shop.fault(denied("ListServices", "ecs:ListServices", "*"))).await;
    told.says("shop-apo-dev");
    assert!(!told.report().reason.contains("that cluster has"), "{}", told.report().reason);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_does_not_exist_is_named_with_where_it_was_looked_for() {
    let told = refused(Shop::new().configured("cluster = \"shop-dev\"", "cluster = \"shup-dev\"")).await;
    told.says("shup-dev").says("us-west-2").says("111111111111").says("Cluster not found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_being_deleted_or_was_deleted_is_refused_as_such() {
    let play = Shop::new().image("1.0.0", &json!({ "stops-after": 60 })).open().await;
    let input = json!({ "cluster": "shop-dev", "service": "shop-api-dev", "force": true });
    play.somebody("DeleteService", &input);
    play.promote("1.1.0").await.ends(Exit::Refused).says("DRAINING").changed_nothing();
    play.stage.simulator.advance(std::time::Duration::from_mins(10));
    play.promote("1.1.0").await.ends(Exit::Refused).says("INACTIVE").changed_nothing();
}

#[test]
fn an_arn_in_place_of_a_name_is_said_so_where_it_is_written() {
    let arn = "arn:aws:ecs:us-west-2:111111111111:cluster/shop-dev";
    let text = Stage::configuration().replace("cluster = \"shop-{environment}\"", &format!("cluster = \"{arn}\""));
    let mistakes = config::parse(&text, "towpath.toml").unwrap_err().to_string();
    assert!(mistakes.contains(arn) && mistakes.contains("cluster"), "{mistakes}");
}
