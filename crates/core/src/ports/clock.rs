//! The Clock port: what time it is, and waiting.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

/// Time.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Now. Never goes backwards within one process.
    fn now(&self) -> Timestamp;

    /// Waits for the world to move on. A virtual clock moves it.
    async fn sleep(&self, duration: Duration);

    /// Returns when a call that has been under way for `duration` should be given up. It guards calls and lets no
    /// simulated time pass.
    async fn deadline(&self, duration: Duration);
}
