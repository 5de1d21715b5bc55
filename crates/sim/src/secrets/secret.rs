//! One secret: its versions, and the staging labels on them.
//!
//! A value is never shown by `Debug`.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fault::AwsError;

/// The label of the version that is in force.
pub(super) const CURRENT: &str = "AWSCURRENT";
/// The label of the version that was in force before.
pub(super) const PREVIOUS: &str = "AWSPREVIOUS";

/// One secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Secret {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) description: Option<String>,
    pub(super) key: Option<String>,
    pub(super) tags: Vec<Value>,
    pub(super) created_at: Timestamp,
    pub(super) changed_at: Timestamp,
    /// When it was deleted, and when it will be gone for good.
    pub(super) deletion: Option<Deletion>,
    /// The versions by id.
    pub(super) versions: BTreeMap<String, Version>,
    /// The version behind each label.
    pub(super) labels: BTreeMap<String, String>,
}

/// A deletion that can still be taken back.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Deletion {
    pub(super) asked_at: Timestamp,
    pub(super) due_at: Timestamp,
}

/// One version of a secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Version {
    pub(super) value: SecretValue,
    pub(super) created_at: Timestamp,
}

/// The value itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum SecretValue {
    Text(String),
    /// Base64, as it came.
    Binary(String),
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretValue(…)")
    }
}

impl Secret {
    /// Whether its recovery window is over.
    pub(super) fn is_gone(&self, now: Timestamp) -> bool {
        self.deletion.is_some_and(|deletion| deletion.due_at <= now)
    }

    /// Refuses itself when it was deleted.
    pub(super) fn check_usable(&self) -> Result<(), AwsError> {
        match self.deletion {
            None => Ok(()),
            Some(_) => Err(AwsError::client(
                "InvalidRequestException",
                "You can't perform this operation on the secret because it was marked for deletion.",
            )),
        }
    }

    /// The labels of a version.
    pub(super) fn labels_of(&self, version: &str) -> Vec<&str> {
        self.labels.iter().filter(|(_, of)| *of == version).map(|(label, _)| label.as_str()).collect()
    }

    /// Puts `label` on a version; the version that was current becomes the previous one.
    pub(super) fn label(&mut self, label: &str, version: &str) {
        let before = self.labels.insert(label.to_owned(), version.to_owned());
        if let Some(before) = before.filter(|before| label == CURRENT && before != version) {
            self.labels.insert(PREVIOUS.to_owned(), before);
        }
        let labels = &self.labels;
        self.versions.retain(|id, _| labels.values().any(|labelled| labelled == id));
    }
}
