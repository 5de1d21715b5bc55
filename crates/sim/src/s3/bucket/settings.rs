//! What a bucket is besides its contents.
//!
//! Configurations are kept as they were sent: only versioning and the policy do something.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::contents::Contents;
use crate::s3::{names::BucketName, policy::Policy};

/// A bucket.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) name: BucketName,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) created: Timestamp,
    state: Mutex<State>,
}

/// What changes in a bucket.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(in crate::s3) versioning: Versioning,
    pub(in crate::s3) documents: BTreeMap<Document, String>,
    /// What of the policy can be judged.
    pub(in crate::s3) policy: Option<Policy>,
    pub(crate) contents: Contents,
}

/// Whether a bucket keeps versions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Versioning {
    /// It never did.
    #[default]
    Off,
    Enabled,
    /// It did.
    Suspended,
}

/// A configuration that is kept as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Document {
    Policy,
    Website,
    Lifecycle,
    Cors,
    Encryption,
    Tagging,
    PublicAccessBlock,
    OwnershipControls,
}

impl Bucket {
    pub(in crate::s3) fn new(name: BucketName, account: &str, region: &str, created: Timestamp, state: State) -> Self {
        Self { name, account: account.to_owned(), region: region.to_owned(), created, state: Mutex::new(state) }
    }

    /// What is in it, once nobody else has it.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
