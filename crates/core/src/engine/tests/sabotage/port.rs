//! The ports themselves, each call through the saboteur.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    identifier::{
        AlarmName, ClusterName, Digest, FamilyName, HookId, ImageReference, Repository, SecretReference,
        ServiceDeploymentArn, ServiceName, ServiceRevisionArn, TagName, TaggedImage, TargetGroupArn, TaskDefinitionArn,
    },
    ports::{
        Alarms, CallError, Caller, Clock as _, Identity, ImageContents, ImageLayout, ImagePresence, Images, LogStream,
        Logs, Platform, PublishError, Published, RegisteredRevision, Revision, SecretPresence, Secrets, ServiceUpdate,
        Services, Store, StoreError, StoreKey, Stored, Tagged, Targets, TaskDefinitions, WhenTaken,
    },
    rollout::{
        Alarm, LogLine, PauseWord, ServiceDeployment, ServiceKey, ServiceRevision, ServiceSnapshot, ServiceTask,
        StoppedTask, TargetHealth,
    },
    task_definition::Document,
};

use super::{plan::Update, ports::Ports};

/// The last accepted call is one that changes the world.
#[expect(clippy::result_large_err, reason = "it hands on the ports' own error")]
fn carried_out<T>(ports: &Ports, operation: &'static str, answer: Result<T, CallError>) -> Result<T, CallError> {
    if answer.is_ok() {
        ports.changed(operation);
    }
    answer
}

#[async_trait]
impl Services for Ports {
    async fn describe(&self, services: &[ServiceKey]) -> Result<Vec<Option<ServiceSnapshot>>, CallError> {
        self.call("services:describe", Services::describe(&self.ecs, services)).await
    }

    async fn names(&self, cluster: &ClusterName) -> Result<Vec<ServiceName>, CallError> {
        self.call("services:names", self.ecs.names(cluster)).await
    }

    async fn deployments(
        &self,
        service: &ServiceKey,
        after: Option<Timestamp>,
    ) -> Result<Option<Vec<ServiceDeployment>>, CallError> {
        self.call("services:deployments", self.ecs.deployments(service, after)).await
    }

    async fn deployments_in_full(&self, arns: &[ServiceDeploymentArn]) -> Result<Vec<ServiceDeployment>, CallError> {
        self.call("services:deployments_in_full", self.ecs.deployments_in_full(arns)).await
    }

    async fn revision(&self, arn: &ServiceRevisionArn) -> Result<Option<ServiceRevision>, CallError> {
        self.call("services:revision", self.ecs.revision(arn)).await
    }

    async fn tasks(&self, service: &ServiceKey) -> Result<Vec<ServiceTask>, CallError> {
        let mut tasks = self.call("services:tasks", self.ecs.tasks(service)).await?;
        let lie = self.lie.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let told = |digest: &Digest| {
            let mut lies = [Some(&self.child), lie.as_ref()].into_iter().flatten();
            lies.find(|(truth, _)| truth == digest).map(|(_, told)| told.clone())
        };
        for digest in tasks.iter_mut().flat_map(|task| &mut task.containers).filter_map(|one| one.digest.as_mut()) {
            if let Some(told) = told(digest) {
                *digest = told;
            }
        }
        Ok(tasks)
    }

    async fn stopped_tasks(&self, service: &ServiceKey) -> Result<Vec<StoppedTask>, CallError> {
        self.call("services:stopped_tasks", self.ecs.stopped_tasks(service)).await
    }

    async fn update(&self, service: &ServiceKey, update: &ServiceUpdate) -> Result<ServiceSnapshot, CallError> {
        let work = async {
            let set = Services::describe(&self.ecs, std::slice::from_ref(service)).await?.pop().flatten();
            let began = set.and_then(|set| set.task_definition).as_ref() != Some(&update.task_definition);
            let answer = self.ecs.update(service, update).await;
            if answer.is_ok() {
                let (revision, configures) = (update.task_definition.clone(), update.configuration.is_some());
                self.state(|state| {
                    state.updates.push(Update { label: state.label.clone(), revision, began, configures });
                });
            }
            carried_out(self, "services:update", answer)
        };
        self.call("services:update", work).await
    }

    async fn stop(&self, deployment: &ServiceDeploymentArn) -> Result<(), CallError> {
        let work = async { carried_out(self, "services:stop", self.ecs.stop(deployment).await) };
        self.call("services:stop", work).await
    }

    async fn answer(&self, deployment: &ServiceDeploymentArn, hook: &HookId, word: PauseWord) -> Result<(), CallError> {
        let asked = async { carried_out(self, "services:answer", self.ecs.answer(deployment, hook, word).await) };
        self.call("services:answer", asked).await
    }
}

#[async_trait]
impl TaskDefinitions for Ports {
    async fn describe(&self, arn: &TaskDefinitionArn) -> Result<Option<RegisteredRevision>, CallError> {
        self.call("task_definitions:describe", TaskDefinitions::describe(&self.ecs, arn)).await
    }

    async fn latest(&self, family: &FamilyName) -> Result<Option<RegisteredRevision>, CallError> {
        self.call("task_definitions:latest", self.ecs.latest(family)).await
    }

    async fn register(&self, document: &Document) -> Result<TaskDefinitionArn, CallError> {
        let work = async { carried_out(self, "task_definitions:register", self.ecs.register(document).await) };
        self.call("task_definitions:register", work).await
    }
}

#[async_trait]
impl Images for Ports {
    async fn resolve(&self, image: &TaggedImage) -> Result<Option<Digest>, CallError> {
        self.call("images:resolve", self.images.resolve(image)).await
    }

    async fn presence(&self, image: &ImageReference) -> Result<ImagePresence, CallError> {
        self.call("images:presence", self.images.presence(image)).await
    }

    async fn children(&self, image: &ImageReference) -> Result<Vec<Digest>, CallError> {
        self.call("images:children", self.images.children(image)).await
    }

    async fn platforms(&self, image: &ImageReference) -> Result<Option<Vec<Platform>>, CallError> {
        self.call("images:platforms", self.images.platforms(image)).await
    }

    async fn lifecycle(&self, repository: &Repository) -> Result<Option<String>, CallError> {
        self.call("images:lifecycle", self.images.lifecycle(repository)).await
    }

    async fn contents(&self, image: &ImageReference) -> Result<Option<ImageContents>, PublishError> {
        self.call("images:contents", self.images.contents(image)).await
    }

    async fn copy(&self, image: &ImageReference, to: &Repository) -> Result<Published, PublishError> {
        let work = async { self.images.copy(image, to).await.inspect(|_| self.changed("images:copy")) };
        self.call("images:copy", work).await
    }

    async fn upload(&self, layout: &ImageLayout, to: &Repository) -> Result<Published, PublishError> {
        let work = async { self.images.upload(layout, to).await.inspect(|_| self.changed("images:upload")) };
        self.call("images:upload", work).await
    }

    async fn tag(&self, image: &ImageReference, tag: &TagName, when_taken: WhenTaken) -> Result<Tagged, PublishError> {
        let work = async { self.images.tag(image, tag, when_taken).await.inspect(|_| self.changed("images:tag")) };
        self.call("images:tag", work).await
    }
}

#[async_trait]
impl Secrets for Ports {
    async fn presence(&self, secret: &SecretReference) -> Result<SecretPresence, CallError> {
        self.call("secrets:presence", self.secrets.presence(secret)).await
    }
}

#[async_trait]
impl Identity for Ports {
    async fn caller(&self) -> Result<Caller, CallError> {
        self.call("identity:caller", self.identity.caller()).await
    }
}

#[async_trait]
impl Targets for Ports {
    async fn health(&self, group: &TargetGroupArn) -> Result<Vec<TargetHealth>, CallError> {
        self.call("targets:health", self.evidence.health(group)).await
    }

    async fn drain_time(&self, group: &TargetGroupArn) -> Result<Duration, CallError> {
        self.call("targets:drain_time", self.evidence.drain_time(group)).await
    }
}

#[async_trait]
impl Alarms for Ports {
    async fn look(&self, names: &[AlarmName]) -> Result<Vec<Alarm>, CallError> {
        self.call("alarms:look", self.evidence.look(names)).await
    }
}

#[async_trait]
impl Logs for Ports {
    async fn last(&self, stream: &LogStream, most: usize) -> Result<Vec<LogLine>, CallError> {
        self.call("logs:last", self.evidence.last(stream, most)).await
    }

    async fn since(&self, stream: &LogStream, from: Timestamp) -> Result<Vec<LogLine>, CallError> {
        self.call("logs:since", self.evidence.since(stream, from)).await
    }
}

#[async_trait]
impl Store for Ports {
    async fn get(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        self.keep("store:get", self.store.get(key)).await
    }

    async fn create(&self, key: &StoreKey, bytes: &[u8]) -> Result<Revision, StoreError> {
        self.keep("store:create", self.store.create(key, bytes)).await
    }

    async fn replace(&self, key: &StoreKey, bytes: &[u8], expected: &Revision) -> Result<Revision, StoreError> {
        self.keep("store:replace", self.store.replace(key, bytes, expected)).await
    }

    async fn list(&self, prefix: &StoreKey) -> Result<Vec<StoreKey>, StoreError> {
        self.keep("store:list", self.store.list(prefix)).await
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        Ok(self.clock.now())
    }

    fn place(&self) -> String {
        self.store.place()
    }
}
