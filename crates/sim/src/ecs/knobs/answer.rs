//! Answers that differ from what they should be.
//!
//! They change what is shown and nothing of what is.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A member of an answer that is absent, or has another value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AnswerEdit {
    /// The operation; `*` is any.
    pub operation: String,
    /// The member, wherever in the answer it is.
    pub member: String,
    /// Only where it has this value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Value>,
    /// What it has instead; without it the member is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Which calls of the operation, from 1; empty means every one.
    #[serde(default)]
    pub on: Vec<u64>,
}
