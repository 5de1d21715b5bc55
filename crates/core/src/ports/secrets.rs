//! The Secrets port: whether what a task definition refers to exists. It never reads a secret's value.

use async_trait::async_trait;

use crate::identifier::SecretReference;

use super::CallError;

/// Whether a secret can be given to a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretPresence {
    /// It is there.
    Present,
    /// It is not there.
    Missing,
    /// It is there, but scheduled for deletion.
    BeingDeleted,
}

/// Stored secrets of one account and region.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// Whether the secret is there. Its value is not read.
    async fn presence(&self, secret: &SecretReference) -> Result<SecretPresence, CallError>;
}
