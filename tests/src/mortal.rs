//! A store that a run dies in: at the nth write of a kind of object, before or after it took effect.
//!
//! Dying is never returning: the test drops the run, and all that it knew is gone, as after `kill -9`.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::Notify;
use towpath_core::ports::{Revision, Store, StoreError, StoreKey, Stored};

/// When the run dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// Just before the write took effect.
    Before(
        /// Which write, from 1.
        usize,
    ),
    /// Just after.
    After(
        /// Which write, from 1.
        usize,
    ),
}

/// A store whose user dies at a write.
#[expect(missing_debug_implementations, reason = "stores have none")]
pub struct MortalStore {
    inner: Arc<dyn Store>,
    death: Death,
    writes: AtomicUsize,
    died: Arc<Notify>,
}

impl MortalStore {
    /// A store over `inner` in which the run dies then; the second value tells when it has.
    pub fn new(inner: Arc<dyn Store>, death: Death) -> (Self, Arc<Notify>) {
        let died = Arc::new(Notify::new());
        (Self { inner, death, writes: AtomicUsize::new(0), died: Arc::clone(&died) }, died)
    }

    async fn die(&self) -> ! {
        self.died.notify_one();
        std::future::pending().await
    }

    async fn written<T>(&self, write: impl Future<Output = T> + Send) -> T {
        let number = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        if self.death == Death::Before(number) {
            self.die().await;
        }
        let result = write.await;
        if self.death == Death::After(number) {
            self.die().await;
        }
        result
    }
}

#[async_trait]
impl Store for MortalStore {
    async fn get(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        self.inner.get(key).await
    }

    async fn create(&self, key: &StoreKey, bytes: &[u8]) -> Result<Revision, StoreError> {
        self.written(self.inner.create(key, bytes)).await
    }

    async fn replace(&self, key: &StoreKey, bytes: &[u8], expected: &Revision) -> Result<Revision, StoreError> {
        self.written(self.inner.replace(key, bytes, expected)).await
    }

    async fn list(&self, prefix: &StoreKey) -> Result<Vec<StoreKey>, StoreError> {
        self.inner.list(prefix).await
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        self.inner.now().await
    }

    fn place(&self) -> String {
        self.inner.place()
    }
}
