//! The task definition as a raw JSON document.

/// A task definition's document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document(serde_json::Map<String, serde_json::Value>);
