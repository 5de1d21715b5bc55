//! [`FakeSecrets`]: secrets that exist or not. They have no values, so that nothing can read one.

use std::{collections::BTreeMap, sync::Mutex};

use async_trait::async_trait;

use crate::{
    identifier::SecretReference,
    ports::{CallError, SecretPresence, Secrets},
};

use super::mishap::{Mishap, Mishaps, locked};

/// Secrets by the ARN that a task definition names. What was not put there is missing.
#[derive(Debug, Default)]
pub struct FakeSecrets {
    known: Mutex<BTreeMap<SecretReference, SecretPresence>>,
    mishaps: Mishaps,
}

impl FakeSecrets {
    /// No secrets.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says how a secret is from now on.
    pub fn put(&self, secret: &SecretReference, presence: SecretPresence) {
        locked(&self.known).insert(secret.clone(), presence);
    }

    /// What happens to the next call that nothing happens to yet.
    pub fn next(&self, mishap: Mishap) {
        self.mishaps.add(mishap);
    }
}

#[async_trait]
impl Secrets for FakeSecrets {
    async fn presence(&self, secret: &SecretReference) -> Result<SecretPresence, CallError> {
        let presence = || Ok(locked(&self.known).get(secret).cloned().unwrap_or(SecretPresence::Missing));
        self.mishaps.read("secretsmanager:DescribeSecret", presence).await
    }
}
