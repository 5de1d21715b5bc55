//! The fakes behind the saboteur.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::{
    fakes::{FakeEcs, FakeEvidence, FakeIdentity, FakeImages, FakeSecrets, MemoryStore, Mishap, Moment, VirtualClock},
    identifier::{Digest, TaskDefinitionArn},
    ports::{CallError, Clock as _, Fault, StoreError},
};

use super::plan::{Place, Sabotage, Said, State, Update, Wrong};

/// The fakes, sabotaged.
pub(in crate::engine::tests) struct Ports {
    pub(in crate::engine::tests) clock: VirtualClock,
    pub(in crate::engine::tests) ecs: FakeEcs,
    pub(in crate::engine::tests) images: FakeImages,
    pub(in crate::engine::tests) secrets: FakeSecrets,
    pub(in crate::engine::tests) identity: FakeIdentity,
    pub(in crate::engine::tests) store: MemoryStore,
    pub(in crate::engine::tests) evidence: FakeEvidence,
    /// Tasks of the first digest report the second: an index and its child.
    pub(in crate::engine::tests) child: (Digest, Digest),
    pub(super) lie: Mutex<Option<(Digest, Digest)>>,
    /// An operation whose answers take that long.
    slow: Mutex<Option<(&'static str, Duration)>>,
    state: Mutex<State>,
}

impl Ports {
    pub(in crate::engine::tests) fn new(
        clock: VirtualClock,
        ecs: FakeEcs,
        identity: FakeIdentity,
        child: (Digest, Digest),
    ) -> Arc<Self> {
        Arc::new(Self {
            store: MemoryStore::new(&clock),
            clock,
            ecs,
            images: FakeImages::new(),
            secrets: FakeSecrets::new(),
            identity,
            evidence: FakeEvidence::new(),
            child,
            lie: Mutex::default(),
            slow: Mutex::default(),
            state: Mutex::default(),
        })
    }

    /// What the fakes hold is the same as there.
    pub(in crate::engine::tests) fn become_like(&self, other: &Self) {
        self.clock.become_like(&other.clock);
        self.ecs.become_like(&other.ecs);
        self.images.become_like(&other.images);
        self.store.become_like(&other.store);
    }

    pub(super) fn state<T>(&self, with: impl FnOnce(&mut State) -> T) -> T {
        with(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on, calls are counted anew, and this goes wrong.
    pub(in crate::engine::tests) fn sabotage(&self, sabotage: Option<Sabotage>) {
        self.state(|state| {
            state.counts.clear();
            state.calls.clear();
            state.has_begun = false;
            state.is_killed = false;
            state.sabotage = sabotage;
        });
    }

    /// Does this just before that call.
    pub(in crate::engine::tests) fn before(&self, place: Place, hook: impl FnOnce() + Send + 'static) {
        self.state(|state| state.hook = Some((place, Box::new(hook))));
    }

    /// From now on, tasks of the first digest report the second, which has nothing to do with it.
    pub(in crate::engine::tests) fn lie(&self, truth: &Digest, lie: &Digest) {
        *self.lie.lock().unwrap_or_else(PoisonError::into_inner) = Some((truth.clone(), lie.clone()));
    }

    /// From now on, every answer to that operation takes that long.
    pub(in crate::engine::tests) fn takes(&self, operation: &'static str, time: Duration) {
        *self.slow.lock().unwrap_or_else(PoisonError::into_inner) = Some((operation, time));
    }

    /// Names what is run now, for [`Ports::updates`].
    pub(in crate::engine::tests) fn label(&self, label: &str) {
        self.state(|state| label.clone_into(&mut state.label));
    }

    /// Every call since the last [`Ports::sabotage`].
    pub(in crate::engine::tests) fn calls(&self) -> Vec<Place> {
        self.state(|state| state.calls.clone())
    }

    /// Every update that ECS accepted, whoever learned of it: the run's label and the task definition.
    pub(in crate::engine::tests) fn updates(&self) -> Vec<(String, TaskDefinitionArn)> {
        self.accepted().into_iter().map(|update| (update.label, update.revision)).collect()
    }

    /// The same with all that is known of them.
    pub(in crate::engine::tests) fn accepted(&self) -> Vec<Update> {
        self.state(|state| state.updates.clone())
    }

    /// Changes that were carried out and must not have been.
    pub(in crate::engine::tests) fn trespasses(&self) -> Vec<String> {
        self.state(|state| state.trespasses.clone())
    }

    /// Whether something is still to be done to the world.
    pub(in crate::engine::tests) fn has_hook(&self) -> bool {
        self.state(|state| state.hook.is_some())
    }

    /// Whether the run was killed.
    pub(in crate::engine::tests) fn is_killed(&self) -> bool {
        self.state(|state| state.is_killed)
    }

    /// A change of the world is carried out: its promotion must have written that everything was checked, and must be
    /// the last one that took the lease.
    pub(super) fn changed(&self, operation: &'static str) {
        self.state(|state| {
            let own = format!("/journals/{}/", state.label);
            let has = |bytes: &[u8], words: &str| String::from_utf8_lossy(bytes).contains(words);
            let is_checked = self.store.has(|key, bytes| key.contains(&own) && has(bytes, r#""event":"checked""#));
            let promotion = format!(r#""promotion": "{}""#, state.label);
            let holds = self.store.has(|key, bytes| key.ends_with("lease.json") && has(bytes, &promotion));
            if !is_checked || !holds {
                let what = format!("{operation} by {}: checked {is_checked}, lease {holds}", state.label);
                state.trespasses.push(what);
            }
        });
    }

    /// Counts a call; what goes wrong with it, if anything does. A run that was killed makes none.
    async fn meet(&self, operation: &'static str) -> Option<Wrong> {
        if self.is_killed() {
            return std::future::pending().await;
        }
        let slow = *self.slow.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, time)) = slow.filter(|(slow, _)| *slow == operation) {
            self.clock.sleep(time).await;
        }
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

    /// The run is killed: whoever waits for it waits in vain.
    async fn kill<T>(&self) -> T {
        self.state(|state| state.is_killed = true);
        std::future::pending().await
    }

    pub(super) async fn call<T, E: From<CallError> + Send>(
        &self,
        operation: &'static str,
        work: impl Future<Output = Result<T, E>> + Send,
    ) -> Result<T, E> {
        self.call_or(operation, |said| panic!("{operation} cannot say {said:?}"), work).await
    }

    /// A call to a port that has words of its own.
    pub(super) async fn call_or<T, E: From<CallError> + Send>(
        &self,
        operation: &'static str,
        said: impl FnOnce(Said) -> Result<T, E> + Send,
        work: impl Future<Output = Result<T, E>> + Send,
    ) -> Result<T, E> {
        let mishap = match self.meet(operation).await {
            Some(Wrong::Call(mishap)) => mishap,
            Some(Wrong::Killed(moment)) => {
                if moment == Moment::After {
                    drop(work.await);
                }
                return self.kill().await;
            }
            Some(Wrong::Said(words)) => return said(words),
            Some(Wrong::Store(_)) | None => return work.await,
        };
        if matches!(mishap, Mishap::CarriedOut(_) | Mishap::Unanswered) {
            drop(work.await);
        }
        match mishap {
            Mishap::CarriedOut(fault) | Mishap::NotCarriedOut(fault) => Err(E::from(CallError {
                operation: operation.to_owned(),
                fault,
                code: None,
                message: "as the test asked for".to_owned(),
            })),
            Mishap::Unheard | Mishap::Unanswered => {
                // A wave is given up after so many heartbeats without progress.
                let deadlines = if matches!(operation, "bucket:upload" | "bucket:copy") { 16 } else { 1 };
                (0..deadlines).for_each(|_| self.clock.expire_next_deadline());
                std::future::pending().await
            }
        }
    }

    /// A call to a port that no [`CallError`] can come from; where its whole side is gone, it has no words for that.
    pub(super) async fn ask<T: Send>(
        &self,
        operation: &'static str,
        said: impl FnOnce(Option<Said>) -> T + Send,
        work: impl Future<Output = T> + Send,
    ) -> T {
        match self.meet(operation).await {
            Some(Wrong::Killed(moment)) => {
                if moment == Moment::After {
                    drop(work.await);
                }
                self.kill().await
            }
            Some(Wrong::Said(words)) => said(Some(words)),
            // Who is shut out of AWS is not shut out of what is open to all; who is cut off is cut off from that, too.
            Some(Wrong::Call(Mishap::NotCarriedOut(Fault::Unauthenticated)) | Wrong::Store(_)) | None => work.await,
            Some(Wrong::Call(_)) => said(None),
        }
    }

    pub(super) async fn keep<T: Send>(
        &self,
        operation: &'static str,
        work: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let moment = match self.meet(operation).await {
            Some(Wrong::Store(moment)) => moment,
            Some(Wrong::Killed(moment)) => {
                if moment == Moment::After {
                    drop(work.await);
                }
                return self.kill().await;
            }
            Some(Wrong::Call(_) | Wrong::Said(_)) | None => return work.await,
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
