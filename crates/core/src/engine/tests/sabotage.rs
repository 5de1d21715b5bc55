//! The ports of the fakes behind a saboteur, who counts every call and lets one of them, or all from it on, go wrong.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    fakes::{FakeEcs, FakeIdentity, FakeImages, FakeSecrets, MemoryStore, Mishap, Moment, VirtualClock},
    identifier::{
        Digest, FamilyName, HookId, ImageReference, SecretReference, ServiceDeploymentArn, ServiceRevisionArn,
        TaggedImage, TaskDefinitionArn,
    },
    ports::{
        CallError, Caller, Clock as _, Identity, ImagePresence, Images, RegisteredRevision, Revision, SecretPresence,
        Secrets, ServiceUpdate, Services, Store, StoreError, StoreKey, Stored, TaskDefinitions,
    },
    rollout::{PauseWord, ServiceDeployment, ServiceKey, ServiceRevision, ServiceSnapshot, ServiceTask, StoppedTask},
    task_definition::Document,
};

/// A call: its operation, and the how manieth of that operation it was.
pub(super) type Place = (&'static str, usize);

/// How long it goes on going wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lasts {
    Once,
    /// Every later call of that operation too.
    ThatOperation,
    /// Every later call of that side too: the store, or AWS.
    ThatSide,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wrong {
    Call(Mishap),
    Store(Moment),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sabotage {
    pub(super) place: Place,
    pub(super) lasts: Lasts,
    pub(super) wrong: Wrong,
}

/// Something done to the world just before a call.
type Hook = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct State {
    counts: BTreeMap<&'static str, usize>,
    calls: Vec<Place>,
    sabotage: Option<Sabotage>,
    has_begun: bool,
    hook: Option<(Place, Hook)>,
    /// Accepted updates: the run's label and the task definition.
    updates: Vec<(String, TaskDefinitionArn)>,
    label: String,
}

/// The fakes, sabotaged.
pub(super) struct Ports {
    pub(super) clock: VirtualClock,
    pub(super) ecs: FakeEcs,
    pub(super) images: FakeImages,
    pub(super) secrets: FakeSecrets,
    pub(super) identity: FakeIdentity,
    pub(super) store: MemoryStore,
    /// Tasks of the first digest report the second: an index and its child.
    pub(super) child: (Digest, Digest),
    lie: Mutex<Option<(Digest, Digest)>>,
    state: Mutex<State>,
}

impl Ports {
    pub(super) fn new(clock: VirtualClock, ecs: FakeEcs, identity: FakeIdentity, child: (Digest, Digest)) -> Arc<Self> {
        Arc::new(Self {
            store: MemoryStore::new(&clock),
            clock,
            ecs,
            images: FakeImages::new(),
            secrets: FakeSecrets::new(),
            identity,
            child,
            lie: Mutex::default(),
            state: Mutex::default(),
        })
    }

    fn state<T>(&self, with: impl FnOnce(&mut State) -> T) -> T {
        with(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on, calls are counted anew, and this goes wrong.
    pub(super) fn sabotage(&self, sabotage: Option<Sabotage>) {
        self.state(|state| {
            state.counts.clear();
            state.calls.clear();
            state.has_begun = false;
            state.sabotage = sabotage;
        });
    }

    /// Does this just before that call.
    pub(super) fn before(&self, place: Place, hook: impl FnOnce() + Send + 'static) {
        self.state(|state| state.hook = Some((place, Box::new(hook))));
    }

    /// From now on, tasks of the first digest report the second, which has nothing to do with it.
    pub(super) fn lie(&self, truth: &Digest, lie: &Digest) {
        *self.lie.lock().unwrap_or_else(PoisonError::into_inner) = Some((truth.clone(), lie.clone()));
    }

    /// Names what is run now, for [`Ports::updates`].
    pub(super) fn label(&self, label: &str) {
        self.state(|state| label.clone_into(&mut state.label));
    }

    /// Every call since the last [`Ports::sabotage`].
    pub(super) fn calls(&self) -> Vec<Place> {
        self.state(|state| state.calls.clone())
    }

    /// Every update that ECS accepted, whoever learned of it.
    pub(super) fn updates(&self) -> Vec<(String, TaskDefinitionArn)> {
        self.state(|state| state.updates.clone())
    }

    /// Counts a call; what goes wrong with it, if anything does.
    fn meet(&self, operation: &'static str) -> Option<Wrong> {
        let (hook, wrong) = self.state(|state| {
            let nth = state.counts.entry(operation).or_default();
            *nth += 1;
            let place = (operation, *nth);
            state.calls.push(place);
            let hook = state.hook.take_if(|(at, _)| *at == place).map(|(_, hook)| hook);
            (hook, state.wrong(place))
        });
        if let Some(hook) = hook {
            hook();
        }
        wrong
    }

    async fn call<T>(
        &self,
        operation: &'static str,
        work: impl Future<Output = Result<T, CallError>> + Send,
    ) -> Result<T, CallError> {
        let Some(Wrong::Call(mishap)) = self.meet(operation) else {
            return work.await;
        };
        if matches!(mishap, Mishap::CarriedOut(_) | Mishap::Unanswered) {
            drop(work.await);
        }
        match mishap {
            Mishap::CarriedOut(fault) | Mishap::NotCarriedOut(fault) => Err(CallError {
                operation: operation.to_owned(),
                fault,
                code: None,
                message: "as the test asked for".to_owned(),
            }),
            Mishap::Unheard | Mishap::Unanswered => {
                self.clock.expire_next_deadline();
                std::future::pending().await
            }
        }
    }

    async fn keep<T: Send>(
        &self,
        operation: &'static str,
        work: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let Some(Wrong::Store(moment)) = self.meet(operation) else {
            return work.await;
        };
        if moment == Moment::After {
            drop(work.await);
        }
        Err(StoreError::Unavailable {
            action: "use",
            key: operation.to_owned(),
            place: "memory:".to_owned(),
            reason: "as the test asked for".to_owned(),
        })
    }
}

impl State {
    fn wrong(&mut self, (operation, nth): Place) -> Option<Wrong> {
        let sabotage = self.sabotage.as_ref()?;
        let (at, first) = sabotage.place;
        self.has_begun |= operation == at && nth == first;
        let is_store = |operation: &str| operation.starts_with("store:");
        let goes_wrong = match sabotage.lasts {
            Lasts::Once => operation == at && nth == first,
            Lasts::ThatOperation => operation == at && nth >= first,
            Lasts::ThatSide => self.has_begun && is_store(operation) == is_store(at),
        };
        goes_wrong.then(|| sabotage.wrong.clone())
    }
}

#[async_trait]
impl Services for Ports {
    async fn describe(&self, services: &[ServiceKey]) -> Result<Vec<Option<ServiceSnapshot>>, CallError> {
        self.call("services:describe", Services::describe(&self.ecs, services)).await
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
        let lie = self.lie.lock().unwrap_or_else(PoisonError::into_inner).clone();
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
            let answer = self.ecs.update(service, update).await;
            if answer.is_ok() {
                self.state(|state| {
                    state.updates.push((state.label.clone(), update.task_definition.clone()));
                });
            }
            answer
        };
        self.call("services:update", work).await
    }

    async fn stop(&self, deployment: &ServiceDeploymentArn) -> Result<(), CallError> {
        self.call("services:stop", self.ecs.stop(deployment)).await
    }

    async fn answer(&self, deployment: &ServiceDeploymentArn, hook: &HookId, word: PauseWord) -> Result<(), CallError> {
        self.call("services:answer", self.ecs.answer(deployment, hook, word)).await
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
        self.call("task_definitions:register", self.ecs.register(document)).await
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
