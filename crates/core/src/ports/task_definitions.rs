//! The Task definitions port: raw documents, registered and read back.

use async_trait::async_trait;

use crate::{
    identifier::{FamilyName, TaskDefinitionArn},
    task_definition::Document,
};

use super::CallError;

/// A registered revision with its document.
#[derive(Debug, Clone, PartialEq)]
pub struct RegisteredRevision {
    /// Its name.
    pub arn: TaskDefinitionArn,
    /// Whether services may be updated to it (`ACTIVE`).
    pub is_active: bool,
    /// The document with its tags, every member as ECS gave it, output-only ones stripped.
    pub document: Document,
}

/// ECS task definitions of one account and region.
#[async_trait]
pub trait TaskDefinitions: Send + Sync {
    /// This revision; `None` where ECS does not know it.
    ///
    /// Guarantees: reads only; members newer than this program survive.
    async fn describe(&self, arn: &TaskDefinitionArn) -> Result<Option<RegisteredRevision>, CallError>;

    /// The newest active revision of a family; `None` where it has none.
    async fn latest(&self, family: &FamilyName) -> Result<Option<RegisteredRevision>, CallError>;

    /// Registers the document as a new revision.
    ///
    /// Guarantees: after `Ok` the revision exists and is active.
    /// Idempotence: none; a second call makes a second revision, which harms nothing.
    /// Errors: `Ambiguous` when a revision may have been made: look at [`TaskDefinitions::latest`].
    async fn register(&self, document: &Document) -> Result<TaskDefinitionArn, CallError>;
}
