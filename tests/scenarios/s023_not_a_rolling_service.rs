//! Scenario 23: the service is not a rolling one.
//!
//! In the wild: for services that `CodeDeploy` or an external controller deploys there are no deployments to wait for, and
//! tools waited for ever; a check for a missing controller broke when it was there and empty.
//!
//! Demanded: refused before any change, exit 4, with the controller's name; a service whose controller is absent, or
//! ECS by name, is a rolling one.

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::scenario::Shop;

#[tokio::test(flavor = "multi_thread")]
async fn another_controller_is_refused_by_its_name() {
    for controller in ["CODE_DEPLOY", "EXTERNAL"] {
        let shop = Shop::new()
            .service("circuit-breaker", json!(null))
            .service("deployment-configuration", json!({}))
            .created_with("deploymentController", json!({ "type": controller }));
        let told = shop.open().await.promote("1.1.0").await;
        told.ends(Exit::Refused).says(controller).changed_nothing();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ecs_by_name_is_a_rolling_service() {
    let play = Shop::new().created_with("deploymentController", json!({ "type": "ECS" })).open().await;
    play.promote("1.1.0").await.ends(Exit::Done).serves("shop-api-dev:2");
}
