//! Scenario 36: `StopServiceDeployment` in place of an update.
//!
//! In the wild: (documented) ECS can be asked to stop a deployment that is under way and to go back by itself; the call
//! is refused once the deployment is over, and not everybody may make it.
//!
//! Demanded: where our rollout is still under way, ECS is asked to go back, and no second update is sent; where that is
//! refused, denied, or gets no answer, the update is; where the rollout ends between the decision and the call, how it
//! stands is read before anything else is done.

use serde_json::json;
use towpath_cli::Exit;
use towpath_sim::faults::{Fault, FaultKind};
use towpath_tests::scenario::{Shop, Told, Way, denied, refused};

fn shop() -> Shop {
    let crashes = json!({ "exit-after": 20, "exit-code": 3, "healthy-after": 60 });
    Shop::new()
        .service("circuit-breaker", "off")
        .image("1.1.0", &crashes)
        .container(|container| container["healthCheck"]["startPeriod"] = json!(120))
}

#[tokio::test(flavor = "multi_thread")]
async fn ecs_is_asked_to_go_back_and_no_second_update_is_sent() {
    for way in Way::BOTH {
        let told = shop().open().await.promote_by(way, "1.1.0").await;
        told.ends(Exit::RolledBack).serves("shop-api-dev:1").sent("StopServiceDeployment", 1).sent("UpdateService", 1);
        assert_eq!(told.accepted("StopServiceDeployment")[0].input["stopType"], "ROLLBACK");
    }
}

async fn with(fault: Fault) -> Told {
    let told = shop().fault(fault).open().await.promote("1.1.0").await;
    told.ends(Exit::RolledBack).serves("shop-api-dev:1");
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_is_refused_the_update_is_sent() {
    let arn = "arn:aws:ecs:us-west-2:111111111111:service-deployment/shop-dev/shop-api-dev/*";
    for fault in [
        refused(
            "StopServiceDeployment",
            "ConflictException",
            "The service deployment is not in a state that can be stopped.",
        ),
        refused("StopServiceDeployment", "ServiceDeploymentNotFoundException", "Service deployment not found."),
        denied("StopServiceDeployment", "ecs:StopServiceDeployment", arn),
    ] {
        with(fault).await.sent("StopServiceDeployment", 0).sent("UpdateService", 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_answer_is_lost_nothing_is_done_twice() {
    for kind in [FaultKind::DropAfter, FaultKind::ErrorAfter, FaultKind::Garbage] {
        let told = with(Fault { count: Some(1), ..Fault::new("StopServiceDeployment", kind) }).await;
        told.sent("StopServiceDeployment", 1).sent("UpdateService", 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_somebody_is_faster_nothing_is_sent_on_top() {
    let input = json!({ "cluster": "shop-dev", "service": "shop-api-dev", "taskDefinition": "shop-api-dev:1" });
    let call = json!({ "service": "ecs", "operation": "UpdateService", "input": input });
    let call = Some(serde_json::from_value(call).unwrap());
    // Somebody sets the old revision just before our stop arrives, which ends our deployment.
    let fault = Fault { call, count: Some(1), ..Fault::new("StopServiceDeployment", FaultKind::InterfereBefore) };
    let told = shop().fault(fault).open().await.promote("1.1.0").await;
    assert!([Exit::RolledBack, Exit::Superseded].contains(&told.exit), "{}", told.story());
    // Ours name the revision by its ARN, theirs does not.
    let ours =
        told.accepted("UpdateService").into_iter().filter(|call| call.input["taskDefinition"] != "shop-api-dev:1");
    assert_eq!(ours.count(), 1, "{}", told.story());
    assert_eq!(told.truth.revision(), "shop-api-dev:1");
}
