//! [`MemoryStore`]: objects in memory that can be made to fail, and looked at and changed behind everybody's back.

use std::{collections::BTreeMap, sync::Mutex};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::ports::{Clock as _, Revision, Store, StoreError, StoreKey, Stored};

use super::{VirtualClock, mishap::locked};

/// What is asked of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreOperation {
    /// [`Store::get`].
    Get,
    /// [`Store::create`].
    Create,
    /// [`Store::replace`].
    Replace,
    /// [`Store::list`].
    List,
}

impl StoreOperation {
    fn verb(self) -> &'static str {
        match self {
            Self::Get => "read",
            Self::Create => "create",
            Self::Replace => "replace",
            Self::List => "list",
        }
    }
}

/// When an operation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before it took effect.
    Before,
    /// After it took effect: the answer was lost.
    After,
}

/// Objects in memory. Its time is the clock's.
#[derive(Debug)]
pub struct MemoryStore {
    clock: VirtualClock,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    objects: BTreeMap<String, Object>,
    written: u64,
    failures: Vec<Failure>,
    is_unreachable: bool,
    operations: Vec<(StoreOperation, String)>,
}

#[derive(Debug, Clone)]
struct Object {
    bytes: Vec<u8>,
    state: u64,
}

/// A failure to come: the operation so many times from now.
#[derive(Debug)]
struct Failure {
    operation: StoreOperation,
    left: usize,
    moment: Moment,
}

impl MemoryStore {
    /// An empty store.
    pub fn new(clock: &VirtualClock) -> Self {
        Self { clock: clock.clone(), state: Mutex::default() }
    }

    /// Makes the `nth` such operation from now fail; the next one is the first.
    pub fn fail(&self, operation: StoreOperation, nth: usize, moment: Moment) {
        locked(&self.state).failures.push(Failure { operation, left: nth.max(1), moment });
    }

    /// Makes all operations fail from now on, before they take effect.
    pub fn disconnect(&self) {
        locked(&self.state).is_unreachable = true;
    }

    /// Ends what [`MemoryStore::disconnect`] began.
    pub fn reconnect(&self) {
        locked(&self.state).is_unreachable = false;
    }

    /// Writes an object as no honest user could: over whatever is there.
    pub fn tamper(&self, key: &StoreKey, bytes: &[u8]) {
        locked(&self.state).write(key.as_str(), bytes);
    }

    /// Removes an object, as no honest user could.
    pub fn remove(&self, key: &StoreKey) {
        locked(&self.state).objects.remove(key.as_str());
    }

    /// All objects, in byte order of their keys.
    pub fn contents(&self) -> Vec<(String, Vec<u8>)> {
        let state = locked(&self.state);
        state.objects.iter().map(|(key, object)| (key.clone(), object.bytes.clone())).collect()
    }

    /// Whether any object is so, by its key and bytes.
    #[cfg(test)]
    pub(crate) fn has(&self, is_so: impl Fn(&str, &[u8]) -> bool) -> bool {
        locked(&self.state).objects.iter().any(|(key, object)| is_so(key, &object.bytes))
    }

    /// Holds the same objects as the other one.
    #[cfg(test)]
    pub(crate) fn become_like(&self, other: &Self) {
        let (mut state, other) = (locked(&self.state), locked(&other.state));
        state.objects = other.objects.clone();
        state.written = other.written;
    }

    /// What was asked, in order, whether it failed or not: the operation and its key or prefix.
    pub fn operations(&self) -> Vec<(StoreOperation, String)> {
        locked(&self.state).operations.clone()
    }

    /// Does the work, or fails before or after it, as was asked for.
    fn doing<T>(
        &self,
        operation: StoreOperation,
        key: &StoreKey,
        work: impl FnOnce(&mut State) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut state = locked(&self.state);
        state.operations.push((operation, key.to_string()));
        match state.failure(operation) {
            None => work(&mut state),
            Some(Moment::Before) => Err(self.unavailable(operation, key)),
            Some(Moment::After) => work(&mut state).and(Err(self.unavailable(operation, key))),
        }
    }

    fn unavailable(&self, operation: StoreOperation, key: &StoreKey) -> StoreError {
        let (action, reason) = (operation.verb(), "as the test asked for".to_owned());
        StoreError::Unavailable { action, key: key.to_string(), place: self.place(), reason }
    }
}

impl State {
    fn failure(&mut self, operation: StoreOperation) -> Option<Moment> {
        if self.is_unreachable {
            return Some(Moment::Before);
        }
        let failures = self.failures.iter_mut().filter(|failure| failure.operation == operation);
        failures.for_each(|failure| failure.left = failure.left.saturating_sub(1));
        let due = self.failures.iter().position(|failure| failure.operation == operation && failure.left == 0)?;
        Some(self.failures.remove(due).moment)
    }

    fn write(&mut self, key: &str, bytes: &[u8]) -> Revision {
        self.written += 1;
        self.objects.insert(key.to_owned(), Object { bytes: bytes.to_vec(), state: self.written });
        revision(self.written)
    }
}

fn revision(state: u64) -> Revision {
    Revision(format!("state-{state}"))
}

#[async_trait]
impl Store for MemoryStore {
    async fn get(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        self.doing(StoreOperation::Get, key, |state| {
            let object = state.objects.get(key.as_str());
            Ok(object.map(|object| Stored { bytes: object.bytes.clone(), revision: revision(object.state) }))
        })
    }

    async fn create(&self, key: &StoreKey, bytes: &[u8]) -> Result<Revision, StoreError> {
        self.doing(StoreOperation::Create, key, |state| {
            if state.objects.contains_key(key.as_str()) {
                return Err(StoreError::AlreadyThere(key.clone()));
            }
            Ok(state.write(key.as_str(), bytes))
        })
    }

    async fn replace(&self, key: &StoreKey, bytes: &[u8], expected: &Revision) -> Result<Revision, StoreError> {
        self.doing(StoreOperation::Replace, key, |state| {
            let found = state.objects.get(key.as_str()).map(|object| revision(object.state));
            if found.as_ref() != Some(expected) {
                return Err(StoreError::Changed(key.clone()));
            }
            Ok(state.write(key.as_str(), bytes))
        })
    }

    async fn list(&self, prefix: &StoreKey) -> Result<Vec<StoreKey>, StoreError> {
        self.doing(StoreOperation::List, prefix, |state| {
            let below = format!("{prefix}/");
            let names = state.objects.keys().filter(|name| name.starts_with(&below));
            Ok(names.filter_map(|name| name.parse().ok()).collect())
        })
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        Ok(self.clock.now())
    }

    fn place(&self) -> String {
        "memory:".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use crate::ports::conformance;

    use super::*;

    fn key(name: &str) -> StoreKey {
        name.parse().unwrap()
    }

    #[tokio::test]
    async fn memory_keeps_the_guarantees_of_a_store() {
        conformance::check(&MemoryStore::new(&VirtualClock::default())).await.unwrap();
    }

    #[tokio::test]
    async fn the_nth_operation_fails_before_or_after_its_effect() {
        let store = MemoryStore::new(&VirtualClock::default());
        store.fail(StoreOperation::Create, 2, Moment::Before);
        store.fail(StoreOperation::Create, 3, Moment::After);
        store.create(&key("1"), b"x").await.unwrap();
        for lost in ["2", "3"] {
            let error = store.create(&key(lost), b"x").await.unwrap_err();
            assert!(matches!(error, StoreError::Unavailable { action: "create", .. }));
        }
        assert!(store.get(&key("2")).await.unwrap().is_none());
        assert!(store.get(&key("3")).await.unwrap().is_some());
        store.create(&key("4"), b"x").await.unwrap();
    }

    #[tokio::test]
    async fn a_disconnected_store_does_nothing_until_it_is_back() {
        let store = MemoryStore::new(&VirtualClock::default());
        store.disconnect();
        store.create(&key("1"), b"x").await.unwrap_err();
        store.list(&key("1")).await.unwrap_err();
        store.reconnect();
        assert!(store.get(&key("1")).await.unwrap().is_none());
        assert!(store.contents().is_empty());
    }

    #[tokio::test]
    async fn what_is_tampered_with_is_another_state() {
        let store = MemoryStore::new(&VirtualClock::default());
        let state = store.create(&key("1"), b"x").await.unwrap();
        store.tamper(&key("1"), b"x");
        assert_eq!(store.replace(&key("1"), b"y", &state).await, Err(StoreError::Changed(key("1"))));
        store.remove(&key("1"));
        assert!(store.get(&key("1")).await.unwrap().is_none());
    }
}
