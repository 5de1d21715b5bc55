//! Scenario 57: an attribute that demands a forced deployment in the same call.
//!
//! In the wild: a launch type or a capacity provider strategy that was sent with every update was refused unless a new
//! deployment was forced.
//!
//! Demanded: neither is sent; where ECS refuses an update nevertheless, its words are shown and the service is as it was.

use towpath_cli::Exit;
use towpath_tests::scenario::{Shop, refused};

#[tokio::test(flavor = "multi_thread")]
async fn neither_launch_type_nor_capacity_is_sent() {
    let told = Shop::new().created_with("launchType", "EC2").open().await.promote("1.1.0").await;
    told.ends(Exit::Done).sent("UpdateService", 1);
    for name in ["launchType", "capacityProviderStrategy", "forceNewDeployment", "deploymentConfiguration"] {
        assert!(told.inputs("UpdateService")[0].get(name).is_none(), "{name}");
    }
    assert_eq!(told.truth.service["launchType"], "EC2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_told_in_the_words_of_ecs() {
    let words = "When switching from launch type to capacity provider strategy on an existing service, or making a change to a capacity provider strategy on a service that is already using one, you must force a new deployment.";
    let play = Shop::new().fault(refused("UpdateService", "InvalidParameterException", words)).open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Errored).says(words).serves("shop-api-dev:1").sent("UpdateService", 0);
    assert_eq!(told.inputs("UpdateService").len(), 1, "not tried again");
}
