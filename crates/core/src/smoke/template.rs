//! A smoke check before the release is known: `{version}` and `{commit}` are still open.

use crate::identifier::{CommitId, Version};

use super::Check;

/// A check whose texts may hold `{version}` and `{commit}`.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckTemplate(
    /// The check with its placeholders.
    pub Check,
);

/// What the placeholders of a check stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected<'a> {
    /// The version that must serve.
    pub version: &'a Version,
    /// The commit that must serve.
    pub commit: &'a CommitId,
}
