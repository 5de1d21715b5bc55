//! The Probe port: one HTTP request, told as it was.

use async_trait::async_trait;

use crate::smoke::{Attempt, Check};

/// Asks a URL once.
#[async_trait]
pub trait Probe: Send + Sync {
    /// Makes one attempt at the check's URL, within its attempt time-out.
    ///
    /// Guarantees: follows no redirect, sends no credentials, reads at most
    /// [`BODY_LIMIT`](crate::smoke::BODY_LIMIT) bytes, never panics on what comes back.
    async fn attempt(&self, check: &Check) -> Attempt;
}
