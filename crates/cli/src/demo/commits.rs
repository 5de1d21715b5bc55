//! The shop's history, in place of a git repository: one branch, on which its releases' commits are.

use async_trait::async_trait;
use towpath_core::{
    identifier::{BranchName, CommitId},
    ports::{Source, SourceError},
};

/// The commits of `main`, oldest first.
#[derive(Debug, Clone)]
pub(super) struct Commits(pub(super) Vec<CommitId>);

#[async_trait]
impl Source for Commits {
    async fn head(&self) -> Result<CommitId, SourceError> {
        self.0.last().cloned().ok_or_else(|| SourceError::Unknown("HEAD".to_owned()))
    }

    async fn resolve(&self, name: &str) -> Result<CommitId, SourceError> {
        let known = self.0.iter().find(|commit| commit.as_str() == name);
        known.cloned().ok_or_else(|| SourceError::Unknown(name.to_owned()))
    }

    async fn is_on_branch(&self, commit: &CommitId, branch: &BranchName) -> Result<bool, SourceError> {
        match branch.as_str() {
            "main" => Ok(self.0.contains(commit)),
            _ => Err(SourceError::Unknown(branch.to_string())),
        }
    }

    async fn changed_paths(&self, _: &CommitId) -> Result<Vec<String>, SourceError> {
        Ok(vec!["backend/app.py".to_owned()])
    }
}
