//! The model behaves as ECS was seen to behave, as far as Towpath decides by it.

use std::time::Duration;

use futures_util::poll;
use serde_json::json;

use crate::{
    fakes::{Call, FakeEcs, Mishap, Operation, Outcome, VirtualClock},
    identifier::{Digest, TaskDefinitionArn},
    ports::{Fault, ServiceUpdate, Services, TaskDefinitions},
    rollout::{
        DeploymentStatus, RolloutState, ServiceDeployment, ServiceDeploymentStatus, ServiceKey, ServiceSnapshot, Trip,
    },
    task_definition::Document,
};

/// A service with two tasks that is steady on `shop:1`, and `shop:2` that is not deployed yet.
struct World {
    clock: VirtualClock,
    ecs: FakeEcs,
    old: TaskDefinitionArn,
    new: TaskDefinitionArn,
}

fn digest(version: &str) -> Digest {
    Digest::of(version.as_bytes())
}

fn document(version: &str) -> Document {
    let image = format!("registry.example.com/shop@{}", digest(version));
    let value = json!({"family": "shop", "containerDefinitions": [{"name": "api", "image": image}]});
    Document::from_described(value, Vec::new()).unwrap()
}

fn key() -> ServiceKey {
    ServiceKey { cluster: "shop".parse().unwrap(), service: "api".parse().unwrap() }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn world(outcome: Outcome) -> World {
    let clock = VirtualClock::default();
    let ecs = FakeEcs::new(&clock, &"111111111111".parse().unwrap(), &"us-west-2".parse().unwrap());
    let old = ecs.add_task_definition(document("1")).unwrap();
    let new = ecs.add_task_definition(document("2")).unwrap();
    ecs.add_service(&key(), &old, 2).unwrap();
    ecs.script(&digest("2"), outcome);
    World { clock, ecs, old, new }
}

impl World {
    async fn update(&self, to: &TaskDefinitionArn) -> ServiceSnapshot {
        self.ecs.update(&key(), &ServiceUpdate::to(to.clone())).await.unwrap()
    }

    async fn snapshot(&self) -> ServiceSnapshot {
        Services::describe(&self.ecs, &[key()]).await.unwrap().remove(0).unwrap()
    }

    /// The newest service deployment, in full.
    async fn deployment(&self) -> ServiceDeployment {
        let listed = self.ecs.deployments(&key(), None).await.unwrap().unwrap();
        self.ecs.deployments_in_full(&[listed[0].arn.clone()]).await.unwrap().remove(0)
    }

    /// Task definition, place, state and running tasks of every deployment.
    async fn deployments(&self) -> Vec<(String, DeploymentStatus, RolloutState, u32)> {
        let deployments = self.snapshot().await.deployments.into_iter();
        let shown =
            deployments.map(|one| (one.task_definition.short().to_owned(), one.status, one.rollout, one.running));
        shown.map(|(short, status, rollout, running)| (short, status, rollout.unwrap(), running)).collect()
    }
}

fn primary(short: &str, state: RolloutState, running: u32) -> (String, DeploymentStatus, RolloutState, u32) {
    (short.to_owned(), DeploymentStatus::Primary, state, running)
}

fn active(short: &str, state: RolloutState, running: u32) -> (String, DeploymentStatus, RolloutState, u32) {
    (short.to_owned(), DeploymentStatus::Active, state, running)
}

#[tokio::test]
async fn a_rollout_succeeds_step_by_step() {
    use RolloutState::{Completed, InProgress};
    let world = world(Outcome::Succeeds { after: seconds(60) });
    let answer = world.update(&world.new).await;
    assert_eq!(answer.primary().unwrap().task_definition, world.new);
    for (wait, running) in [(0, 0), (30, 1), (29, 1)] {
        world.clock.advance(seconds(wait));
        let expected = [primary("shop:2", InProgress, running), active("shop:1", Completed, 2)];
        assert_eq!(world.deployments().await, expected);
        assert_eq!(world.deployment().await.status, ServiceDeploymentStatus::InProgress);
    }
    world.clock.advance(seconds(1));
    assert_eq!(world.deployments().await, [primary("shop:2", Completed, 2)]);
    assert_eq!(world.deployment().await.status, ServiceDeploymentStatus::Successful);
    let tasks = world.ecs.tasks(&key()).await.unwrap();
    assert!(tasks.iter().all(|task| task.containers[0].digest == Some(digest("2"))) && tasks.len() == 2);
}

#[tokio::test]
async fn the_circuit_breaker_puts_the_old_deployment_back_under_its_old_id() {
    use RolloutState::{Completed, Failed, InProgress};
    let world = world(Outcome::BreakerRollsBack { after: seconds(40) });
    let before = world.snapshot().await.deployments[0].id.clone();
    world.update(&world.new).await;
    world.clock.advance(seconds(40));
    assert_eq!(world.deployments().await, [primary("shop:1", InProgress, 2), active("shop:2", Failed, 0)]);
    assert_eq!(world.deployment().await.status, ServiceDeploymentStatus::RollbackInProgress);
    world.clock.advance(seconds(30));
    assert_eq!(world.deployments().await, [primary("shop:1", Completed, 2)]);
    let (deployment, snapshot) = (world.deployment().await, world.snapshot().await);
    assert_eq!(deployment.status, ServiceDeploymentStatus::RollbackSuccessful);
    assert_eq!(deployment.triggered, Some(Trip::CircuitBreaker));
    assert!(deployment.rolled_back_to.unwrap().is_of(&before));
    assert_eq!((&snapshot.deployments[0].id, snapshot.task_definition.as_ref()), (&before, Some(&world.old)));
}

#[tokio::test]
async fn the_circuit_breaker_without_rollback_leaves_both() {
    let world = world(Outcome::BreakerStops { after: seconds(40) });
    world.update(&world.new).await;
    world.clock.advance(seconds(400));
    let expected = [primary("shop:2", RolloutState::Failed, 0), active("shop:1", RolloutState::Completed, 2)];
    assert_eq!(world.deployments().await, expected);
    assert_eq!(world.deployment().await.status, ServiceDeploymentStatus::Stopped);
    assert_eq!(world.ecs.serving(&key()), std::slice::from_ref(&world.old));
    world.update(&world.old).await;
    world.clock.advance(seconds(60));
    assert_eq!(world.deployments().await, [primary("shop:1", RolloutState::Completed, 2)]);
}

#[tokio::test]
async fn a_stalled_rollout_never_ends_until_another_supersedes_it() {
    let world = world(Outcome::Stalls);
    world.update(&world.new).await;
    world.clock.advance(seconds(100_000));
    let stalled = world.deployment().await;
    assert_eq!(stalled.status, ServiceDeploymentStatus::InProgress);
    world.update(&world.old).await;
    let ended = world.ecs.deployments_in_full(&[stalled.arn]).await.unwrap().remove(0);
    assert_eq!((ended.status, ended.triggered), (ServiceDeploymentStatus::Stopped, Some(Trip::Nothing)));
}

#[tokio::test]
async fn somebody_else_may_deploy_over_us() {
    let world = world(Outcome::Superseded { after: seconds(20) });
    world.update(&world.new).await;
    let ours = world.deployment().await;
    world.clock.advance(seconds(20));
    let theirs = world.deployment().await;
    assert_ne!(ours.arn, theirs.arn);
    let ours = world.ecs.deployments_in_full(&[ours.arn]).await.unwrap().remove(0);
    assert_eq!(ours.status, ServiceDeploymentStatus::Stopped);
    world.clock.advance(seconds(60));
    assert_eq!(world.deployments().await, [primary("shop:1", RolloutState::Completed, 2)]);
    assert_eq!(world.deployment().await.status, ServiceDeploymentStatus::Successful);
}

#[tokio::test]
async fn a_service_that_wants_no_tasks_proves_nothing_and_succeeds() {
    let world = world(Outcome::Stalls);
    world.ecs.scale(&key(), 0);
    world.update(&world.new).await;
    assert_eq!(world.deployments().await, [primary("shop:2", RolloutState::Completed, 0)]);
    assert!(world.ecs.tasks(&key()).await.unwrap().is_empty());
}

#[tokio::test]
async fn setting_what_is_set_starts_nothing() {
    let world = world(Outcome::default());
    let before = world.deployment().await;
    world.update(&world.old).await;
    assert_eq!(world.deployment().await, before);
}

#[tokio::test]
async fn the_revision_tells_what_runs() {
    let world = world(Outcome::default());
    let target = world.deployment().await.target.unwrap();
    let revision = world.ecs.revision(&target).await.unwrap().unwrap();
    assert_eq!(revision.task_definition, world.old);
    assert_eq!(revision.images, [("api".parse().unwrap(), Some(digest("1")))]);
}

#[tokio::test]
async fn what_ecs_does_not_know_or_accept_is_refused() {
    let world = world(Outcome::default());
    let service = |cluster: &str, service: &str| ServiceKey {
        cluster: cluster.parse().unwrap(),
        service: service.parse().unwrap(),
    };
    let unknown: TaskDefinitionArn = format!("{}9", world.old).parse().unwrap();
    assert_eq!(Services::describe(&world.ecs, &[service("shop", "x")]).await.unwrap(), [None]);
    assert!(Services::describe(&world.ecs, &[service("x", "api")]).await.unwrap_err().is_not_found());
    assert!(
        world
            .ecs
            .update(&service("shop", "x"), &ServiceUpdate::to(world.new.clone()))
            .await
            .unwrap_err()
            .is_not_found()
    );
    assert_eq!(world.ecs.update(&key(), &ServiceUpdate::to(unknown.clone())).await.unwrap_err().fault, Fault::Rejected);
    world.ecs.deregister(&world.new);
    let error = world.ecs.update(&key(), &ServiceUpdate::to(world.new.clone())).await.unwrap_err();
    assert_eq!(
        (error.code.as_deref(), error.message.as_str()),
        (Some("ClientException"), "TaskDefinition is inactive")
    );
    world.ecs.delete_service(&key());
    let error = world.ecs.update(&key(), &ServiceUpdate::to(world.old.clone())).await.unwrap_err();
    assert_eq!(error.code.as_deref(), Some("ServiceNotActiveException"));
}

#[tokio::test]
async fn an_ambiguous_update_was_applied_or_was_not() {
    for (mishap, applied) in
        [(Mishap::CarriedOut(Fault::Ambiguous), true), (Mishap::NotCarriedOut(Fault::Ambiguous), false)]
    {
        let world = world(Outcome::default());
        world.ecs.next(Operation::UpdateService, mishap);
        assert!(world.ecs.update(&key(), &ServiceUpdate::to(world.new.clone())).await.unwrap_err().is_ambiguous());
        assert_eq!(world.snapshot().await.task_definition == Some(world.new.clone()), applied);
    }
}

#[tokio::test]
async fn a_call_may_never_be_answered_and_still_be_carried_out() {
    let world = world(Outcome::default());
    world.ecs.next(Operation::UpdateService, Mishap::Unanswered);
    assert!(poll!(world.ecs.update(&key(), &ServiceUpdate::to(world.new.clone()))).is_pending());
    assert_eq!(world.snapshot().await.task_definition, Some(world.new.clone()));
}

#[tokio::test]
async fn revisions_are_numbered_and_read_back() {
    let world = world(Outcome::default());
    let arn = world.ecs.register(&document("3")).await.unwrap();
    assert_eq!(arn.short(), "shop:3");
    let revision = TaskDefinitions::describe(&world.ecs, &arn).await.unwrap().unwrap();
    assert_eq!((revision.document, revision.is_active), (document("3"), true));
    world.ecs.deregister(&arn);
    assert!(!TaskDefinitions::describe(&world.ecs, &arn).await.unwrap().unwrap().is_active);
    assert_eq!(world.ecs.latest(&"shop".parse().unwrap()).await.unwrap().unwrap().arn, world.new);
    assert!(world.ecs.latest(&"other".parse().unwrap()).await.unwrap().is_none());
    let nameless = Document::from_described(json!({}), Vec::new()).unwrap();
    assert_eq!(world.ecs.register(&nameless).await.unwrap_err().fault, Fault::Rejected);
}

#[tokio::test]
async fn calls_are_remembered_and_what_is_shown_can_be_bent() {
    let world = world(Outcome::default());
    world.ecs.distort(&key(), |snapshot| snapshot.is_express = true);
    world.ecs.hide_service_deployments();
    assert!(world.snapshot().await.is_express);
    assert_eq!(world.ecs.deployments(&key(), None).await.unwrap(), None);
    world.update(&world.new).await;
    let update = Call { operation: Operation::UpdateService, subject: "shop/api shop:2".to_owned() };
    assert_eq!(world.ecs.calls().last(), Some(&update));
    assert_eq!(world.ecs.calls().len(), 3);
}
