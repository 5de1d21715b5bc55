//! Services and their rollouts.

use std::time::Duration;

use serde_json::Value;
use towpath_aws::Aws;
use towpath_core::{
    identifier::{Digest, TaskDefinitionArn},
    ports::{Fault, Images as _, ServiceUpdate, Services as _, TaskDefinitions as _},
    rollout::{Controller, DeploymentStatus, RolloutState, ServiceDeploymentStatus, ServiceStatus, Strategy},
    task_definition::Document,
};
use towpath_sim::{
    Simulator,
    faults::{Fault as SimFault, FaultKind},
};

use crate::shop::{DEV, PRODUCTION, REPOSITORY, aws, key, production, shop};

/// Registers production's document with another image.
async fn register(aws: &Aws, image: &str) -> TaskDefinitionArn {
    let task_definitions = aws.task_definitions();
    let current = task_definitions.latest(&"shop-api-production".parse().unwrap()).await.unwrap().unwrap();
    let mut value = current.document.to_value();
    value["containerDefinitions"][0]["image"] = Value::from(image);
    let next = Document::from_described(value, Vec::new()).unwrap();
    task_definitions.register(&next).await.unwrap()
}

fn updates(simulator: &Simulator) -> Vec<Value> {
    let calls = simulator.calls().into_iter();
    calls.filter(|call| call.operation == "UpdateService").map(|call| call.input).collect()
}

#[tokio::test]
async fn services_in_steady_state_are_described_and_others_are_missing() {
    let simulator = shop().await;
    let services = aws(&simulator, PRODUCTION).await.services();
    let asked = [key("shop-production", "nobody"), production()];
    let found = services.describe(&asked).await.unwrap();
    assert_eq!(found[0], None);
    let snapshot = found[1].as_ref().unwrap();
    assert_eq!((&snapshot.status, snapshot.is_express), (&ServiceStatus::Active, false));
    assert_eq!(snapshot.controller, Controller::Ecs { strategy: Strategy::Rolling });
    assert_eq!((snapshot.desired, snapshot.running, snapshot.pending), (3, 3, 0));
    assert_eq!((snapshot.minimum_healthy_percent, snapshot.maximum_percent), (Some(100), Some(200)));
    let primary = snapshot.primary().unwrap();
    assert_eq!(primary.rollout, Some(RolloutState::Completed));
    assert_eq!(snapshot.task_definition.as_ref(), Some(&primary.task_definition));
    assert!(primary.created_at.is_some());
}

#[tokio::test]
async fn an_unknown_cluster_is_not_found() {
    let simulator = shop().await;
    let error = aws(&simulator, DEV).await.services().describe(&[key("nowhere", "api")]).await.unwrap_err();
    assert_eq!((&error.fault, error.code.as_deref()), (&Fault::NotFound, Some("ClusterNotFoundException")));
}

#[tokio::test]
async fn a_rollout_is_followed_from_the_update_to_its_proof() {
    let simulator = shop().await;
    let aws = aws(&simulator, PRODUCTION).await;
    let services = aws.services();
    let digest = aws.images().resolve(&format!("{REPOSITORY}:1.1.0").parse().unwrap()).await.unwrap().unwrap();
    let task_definition = register(&aws, &format!("{REPOSITORY}@{digest}")).await;
    let began = simulator.now();

    let accepted = services.update(&production(), &ServiceUpdate::to(task_definition.clone())).await.unwrap();
    let primary = accepted.primary().unwrap();
    assert_eq!((&primary.task_definition, &primary.rollout), (&task_definition, &Some(RolloutState::InProgress)));
    assert_eq!(accepted.deployments[1].status, DeploymentStatus::Active);
    let expected = serde_json::json!({"cluster": "shop-production", "service": "shop-api-production",
        "taskDefinition": task_definition.as_str()});
    assert_eq!(updates(&simulator), [expected]);

    simulator.advance(Duration::from_secs(2));
    let since = began.checked_sub(jiff::SignedDuration::from_secs(1)).unwrap();
    let listed = services.deployments(&production(), Some(since)).await.unwrap().unwrap();
    let [ours] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!(ours.status, ServiceDeploymentStatus::InProgress);
    assert!(ours.target.as_ref().unwrap().is_of(&primary.id));

    simulator.advance(Duration::from_mins(15));
    let full = services.deployments_in_full(std::slice::from_ref(&ours.arn)).await.unwrap();
    assert_eq!(full[0].status, ServiceDeploymentStatus::Successful);
    assert!(full[0].finished_at.is_some() && full[0].triggered.is_some());
    let revision = services.revision(full[0].target.as_ref().unwrap()).await.unwrap().unwrap();
    assert_eq!(revision.task_definition, task_definition);
    assert_eq!(revision.images[0].1, Some(digest.clone()));
    serves(&aws, &task_definition, &digest).await;
}

async fn serves(aws: &Aws, task_definition: &TaskDefinitionArn, digest: &Digest) {
    let tasks = aws.services().tasks(&production()).await.unwrap();
    assert_eq!(tasks.len(), 3);
    for task in tasks {
        assert_eq!((&task.task_definition, task.last_status.as_str()), (task_definition, "RUNNING"));
        assert_eq!(task.containers[0].digest.as_ref(), Some(digest));
        assert!(task.started_by.unwrap().starts_with("ecs-svc/"));
    }
    let snapshot = aws.services().describe(&[production()]).await.unwrap().remove(0).unwrap();
    assert_eq!(snapshot.deployments.len(), 1);
    assert!(!snapshot.events.is_empty());
    assert!(snapshot.events.is_sorted_by(|later, earlier| later.at >= earlier.at));
}

#[tokio::test]
async fn an_update_that_was_carried_out_unheard_is_ambiguous_and_sent_once() {
    for kind in [FaultKind::DropAfter, FaultKind::ErrorAfter, FaultKind::Truncate, FaultKind::Garbage] {
        let simulator = shop().await;
        let aws = aws(&simulator, PRODUCTION).await;
        let task_definition = register(&aws, &format!("{REPOSITORY}:1.1.0")).await;
        simulator.add_fault(SimFault::new("UpdateService", kind));
        let error =
            aws.services().update(&production(), &ServiceUpdate::to(task_definition.clone())).await.unwrap_err();
        assert_eq!(error.fault, Fault::Ambiguous, "{kind:?}: {error}");
        assert_eq!(updates(&simulator).len(), 1, "{kind:?}");
        let snapshot = aws.services().describe(&[production()]).await.unwrap().remove(0).unwrap();
        assert_eq!(snapshot.primary().unwrap().task_definition, task_definition, "{kind:?}");
    }
}

#[tokio::test]
async fn a_throttled_update_is_carried_out_once_in_the_end() {
    let simulator = shop().await;
    let aws = aws(&simulator, PRODUCTION).await;
    let task_definition = register(&aws, &format!("{REPOSITORY}:1.1.0")).await;
    let throttle = SimFault { count: Some(3), ..SimFault::new("UpdateService", FaultKind::Throttle) };
    simulator.add_fault(throttle);
    aws.services().update(&production(), &ServiceUpdate::to(task_definition.clone())).await.unwrap();
    assert_eq!(updates(&simulator).len(), 4);
    let listed = aws.services().deployments(&production(), None).await.unwrap().unwrap();
    let carried_out =
        simulator.calls().iter().filter(|call| call.operation == "UpdateService" && call.accepted).count();
    assert_eq!(carried_out, 1, "{listed:?}");
}

#[tokio::test]
async fn an_update_to_what_nobody_registered_is_refused() {
    let simulator = shop().await;
    let aws = aws(&simulator, PRODUCTION).await;
    let unknown = format!("arn:aws:ecs:us-west-2:{PRODUCTION}:task-definition/shop-api-production:99");
    let error = aws.services().update(&production(), &ServiceUpdate::to(unknown.parse().unwrap())).await.unwrap_err();
    assert!(matches!(error.fault, Fault::NotFound | Fault::Rejected), "{error:?}");
    let error = aws
        .services()
        .update(&key("shop-production", "nobody"), &ServiceUpdate::to(unknown.parse().unwrap()))
        .await
        .unwrap_err();
    assert_eq!(error.fault, Fault::NotFound, "{error:?}");
}

#[tokio::test]
async fn a_denied_listing_of_service_deployments_is_none() {
    let simulator = shop().await;
    let denied = SimFault {
        code: Some("AccessDeniedException".to_owned()),
        ..SimFault::new("ListServiceDeployments", FaultKind::Status)
    };
    simulator.add_fault(denied);
    let services = aws(&simulator, PRODUCTION).await.services();
    assert_eq!(services.deployments(&production(), None).await.unwrap(), None);
    assert_eq!(services.deployments_in_full(&[]).await.unwrap(), []);
}

#[tokio::test]
async fn what_is_missing_is_left_out() {
    let simulator = shop().await;
    let services = aws(&simulator, PRODUCTION).await.services();
    let place = format!("arn:aws:ecs:us-west-2:{PRODUCTION}");
    let deployment = format!("{place}:service-deployment/shop-production/shop-api-production/AAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(services.deployments_in_full(&[deployment.parse().unwrap()]).await.unwrap(), []);
    let revision = format!("{place}:service-revision/shop-production/shop-api-production/0000000000000000001");
    assert_eq!(services.revision(&revision.parse().unwrap()).await.unwrap(), None);
}
