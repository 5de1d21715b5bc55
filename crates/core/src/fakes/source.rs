//! [`FakeSource`]: a history that a test tells.

use std::{collections::BTreeMap, sync::Mutex};

use async_trait::async_trait;

use crate::{
    identifier::{BranchName, CommitId},
    ports::{Source, SourceError},
};

use super::mishap::locked;

/// Commits, names and branches. What was not told is not known.
#[derive(Debug)]
pub struct FakeSource {
    history: Mutex<History>,
}

#[derive(Debug)]
struct History {
    head: CommitId,
    is_shallow: bool,
    names: BTreeMap<String, CommitId>,
    branches: BTreeMap<BranchName, Vec<CommitId>>,
    changes: BTreeMap<CommitId, Vec<String>>,
}

impl FakeSource {
    /// A history of one commit that is checked out and on no branch.
    pub fn new(head: &CommitId) -> Self {
        let history = History {
            head: head.clone(),
            is_shallow: false,
            names: BTreeMap::new(),
            branches: BTreeMap::new(),
            changes: BTreeMap::from([(head.clone(), Vec::new())]),
        };
        Self { history: Mutex::new(history) }
    }

    /// Puts commits on a branch, the newest last; its name stands for that one.
    pub fn branch(&self, branch: &BranchName, commits: &[CommitId]) {
        let mut history = locked(&self.history);
        for commit in commits {
            history.changes.entry(commit.clone()).or_default();
            history.names.insert(branch.to_string(), commit.clone());
        }
        history.branches.entry(branch.clone()).or_default().extend_from_slice(commits);
    }

    /// Lets a name stand for a commit, which is known from then on.
    pub fn name(&self, name: &str, commit: &CommitId) {
        let mut history = locked(&self.history);
        history.names.insert(name.to_owned(), commit.clone());
        history.changes.entry(commit.clone()).or_default();
    }

    /// Says what a commit changed. It is known from then on.
    pub fn change(&self, commit: &CommitId, paths: &[&str]) {
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        locked(&self.history).changes.insert(commit.clone(), paths);
    }

    /// Checks out another commit.
    pub fn check_out(&self, commit: &CommitId) {
        locked(&self.history).head = commit.clone();
    }

    /// Cuts the history off: a no is then an error.
    pub fn cut_off(&self) {
        locked(&self.history).is_shallow = true;
    }
}

#[async_trait]
impl Source for FakeSource {
    async fn head(&self) -> Result<CommitId, SourceError> {
        Ok(locked(&self.history).head.clone())
    }

    async fn resolve(&self, name: &str) -> Result<CommitId, SourceError> {
        let history = locked(&self.history);
        let named = history.names.get(name).cloned();
        let abbreviated = || {
            let mut known =
                history.changes.keys().filter(|commit| name.len() >= 4 && commit.as_str().starts_with(name));
            known.next().filter(|_| known.next().is_none()).cloned()
        };
        named.or_else(abbreviated).ok_or_else(|| SourceError::Unknown(name.to_owned()))
    }

    async fn is_on_branch(&self, commit: &CommitId, branch: &BranchName) -> Result<bool, SourceError> {
        let history = locked(&self.history);
        let Some(commits) = history.branches.get(branch) else {
            return Err(SourceError::Unknown(format!("the branch {branch}")));
        };
        if commits.contains(commit) {
            return Ok(true);
        }
        if history.is_shallow {
            return Err(SourceError::Shallow { commit: commit.clone(), branch: branch.clone() });
        }
        let is_known = history.changes.contains_key(commit);
        if is_known { Ok(false) } else { Err(SourceError::Unknown(commit.to_string())) }
    }

    async fn changed_paths(&self, commit: &CommitId) -> Result<Vec<String>, SourceError> {
        let found = locked(&self.history).changes.get(commit).cloned();
        found.ok_or_else(|| SourceError::Unknown(commit.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(digit: char) -> CommitId {
        digit.to_string().repeat(40).parse().unwrap()
    }

    #[tokio::test]
    async fn what_was_told_is_known_and_nothing_else() {
        let source = FakeSource::new(&commit('a'));
        let main: BranchName = "main".parse().unwrap();
        source.branch(&main, &[commit('b'), commit('a')]);
        source.name("v1", &commit('b'));
        source.change(&commit('c'), &["x"]);
        assert_eq!(source.resolve("main").await, Ok(commit('a')));
        assert_eq!(source.resolve("bbbbbbb").await, Ok(commit('b')));
        assert_eq!(source.resolve("v2").await, Err(SourceError::Unknown("v2".to_owned())));
        assert_eq!(source.is_on_branch(&commit('b'), &main).await, Ok(true));
        assert_eq!(source.is_on_branch(&commit('c'), &main).await, Ok(false));
        assert_eq!(source.changed_paths(&commit('c')).await, Ok(vec!["x".to_owned()]));
        assert!(source.is_on_branch(&commit('d'), &main).await.is_err());
        source.cut_off();
        assert!(matches!(source.is_on_branch(&commit('c'), &main).await, Err(SourceError::Shallow { .. })));
    }
}
