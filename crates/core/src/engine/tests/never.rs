//! What must never be called: strict mocks that fail the moment it is.

#![expect(clippy::result_large_err, reason = "the mocks answer with the ports' own error")]

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use mockall::mock;

use crate::{
    fakes::Outcome as Rollout,
    identifier::{
        ClusterName, FamilyName, HookId, ServiceDeploymentArn, ServiceName, ServiceRevisionArn, TaskDefinitionArn,
    },
    ports::{CallError, ImagePresence, RegisteredRevision, ServiceUpdate, Services, TaskDefinitions},
    promotion::Outcome,
    rollout::{PauseWord, ServiceDeployment, ServiceKey, ServiceRevision, ServiceSnapshot, ServiceTask, StoppedTask},
    task_definition::Document,
};

use super::stage::{CONFIGURATION, Stage, image};

mock! {
    Ecs {}

    #[async_trait]
    impl Services for Ecs {
        async fn describe(&self, services: &[ServiceKey]) -> Result<Vec<Option<ServiceSnapshot>>, CallError>;
        async fn names(&self, cluster: &ClusterName) -> Result<Vec<ServiceName>, CallError>;
        async fn deployments(
            &self,
            service: &ServiceKey,
            after: Option<Timestamp>,
        ) -> Result<Option<Vec<ServiceDeployment>>, CallError>;
        async fn deployments_in_full(&self, arns: &[ServiceDeploymentArn]) -> Result<Vec<ServiceDeployment>, CallError>;
        async fn revision(&self, arn: &ServiceRevisionArn) -> Result<Option<ServiceRevision>, CallError>;
        async fn tasks(&self, service: &ServiceKey) -> Result<Vec<ServiceTask>, CallError>;
        async fn stopped_tasks(&self, service: &ServiceKey) -> Result<Vec<StoppedTask>, CallError>;
        async fn update(&self, service: &ServiceKey, update: &ServiceUpdate) -> Result<ServiceSnapshot, CallError>;
        async fn stop(&self, deployment: &ServiceDeploymentArn) -> Result<(), CallError>;
        async fn answer(
            &self,
            deployment: &ServiceDeploymentArn,
            hook: &HookId,
            word: PauseWord,
        ) -> Result<(), CallError>;
    }
}

mock! {
    Definitions {}

    #[async_trait]
    impl TaskDefinitions for Definitions {
        async fn describe(&self, arn: &TaskDefinitionArn) -> Result<Option<RegisteredRevision>, CallError>;
        async fn latest(&self, family: &FamilyName) -> Result<Option<RegisteredRevision>, CallError>;
        async fn register(&self, document: &Document) -> Result<TaskDefinitionArn, CallError>;
    }
}

/// Brings 1.1.0 where it must not be brought.
fn check(mut stage: Stage, services: MockEcs, definitions: MockDefinitions, expected: Outcome) {
    stage.release("1.1.0", Rollout::default());
    stage.world.services = Arc::new(services);
    stage.world.task_definitions = Arc::new(definitions);
    let report = stage.promote("1.1.0", "p-1").unwrap();
    assert_eq!(report.outcome, expected, "{}", report.reason);
    assert_eq!(stage.records().pop().unwrap().outcome, expected);
}

/// A mock that may be read like the stage's own ECS, and never be changed.
fn readable(stage: &Stage) -> (MockEcs, MockDefinitions) {
    let (mut services, mut definitions) = (MockEcs::new(), MockDefinitions::new());
    let snapshot = stage.snapshot("api");
    services.expect_describe().returning(move |_| Ok(vec![Some(snapshot.clone())]));
    services.expect_deployments().returning(|_, _| Ok(None));
    services.expect_tasks().returning(|_| Ok(Vec::new()));
    services.expect_update().never();
    services.expect_stop().never();
    services.expect_answer().never();
    let arn = stage.snapshot("api").task_definition.unwrap();
    let revision = RegisteredRevision { arn, is_active: true, document: super::stage::document("api", "1.0.0") };
    let latest = revision.clone();
    definitions.expect_describe().returning(move |_| Ok(Some(revision.clone())));
    definitions.expect_latest().returning(move |_| Ok(Some(latest.clone())));
    definitions.expect_register().never();
    (services, definitions)
}

#[test]
fn what_policy_refuses_never_comes_near_ecs() {
    let configuration = CONFIGURATION.replace("[{ command-line = true }]", "[{ push = \"main\" }]");
    let stage = Stage::with(&configuration, &["api"]);
    // No expectations at all: any call would fail the test, a read too.
    check(stage, MockEcs::new(), MockDefinitions::new(), Outcome::Refused);
}

#[test]
fn what_the_check_refuses_is_never_registered_and_never_sent() {
    let stage = Stage::open();
    let (services, definitions) = readable(&stage);
    stage.ports.secrets.put(
        &"arn:aws:secretsmanager:us-west-2:111111111111:secret:shop/database-AbCdEf".parse().unwrap(),
        crate::ports::SecretPresence::BeingDeleted,
    );
    check(stage, services, definitions, Outcome::Refused);
}

/// 31: a rollback target that ECS would refuse.
#[test]
fn without_a_way_back_nothing_is_ever_begun() {
    let stage = Stage::open();
    let (services, mut definitions) = readable(&stage);
    definitions.checkpoint();
    let arn = stage.snapshot("api").task_definition.unwrap();
    let revision = RegisteredRevision { arn, is_active: false, document: super::stage::document("api", "1.0.0") };
    definitions.expect_describe().returning(move |_| Ok(Some(revision.clone())));
    definitions.expect_latest().returning(|_| Ok(None));
    definitions.expect_register().never();
    check(stage, services, definitions, Outcome::Refused);
}

#[test]
fn credentials_of_another_account_never_change_anything() {
    let stage = Stage::open();
    let (services, definitions) = readable(&stage);
    let account = "999999999999".parse().unwrap();
    let arn = "arn:aws:sts::999999999999:assumed-role/deployer/towpath".to_owned();
    stage.ports.identity.become_caller(crate::ports::Caller { account, arn });
    check(stage, services, definitions, Outcome::Refused);
}

#[test]
fn an_image_that_is_not_there_is_never_deployed() {
    let stage = Stage::open();
    stage.release("1.1.0", Rollout::default());
    stage.ports.images.set(&image("1.1.0"), ImagePresence::Missing);
    let report = stage.promote("1.1.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Refused, "{}", report.reason);
    assert!(stage.ports.updates().is_empty());
    assert_eq!(stage.serves("api"), ["1.0.0"]);
}
