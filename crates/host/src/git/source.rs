//! [`GitSource`]: what the repository knows of commits, asked with git's plumbing commands.
//!
//! It fetches nothing and changes nothing. Where the history here is cut off it says so instead of guessing.

use std::path::PathBuf;

use async_trait::async_trait;
use towpath_core::{
    identifier::{BranchName, CommitId},
    ports::{Source, SourceError},
};

use super::command::{git, unexpected};

/// The git repository that a folder is in.
#[derive(Debug, Clone)]
pub struct GitSource {
    folder: PathBuf,
}

impl GitSource {
    /// The repository that `folder` is in.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The tip of the branch: of the remote-tracking one where there is one, of the local one otherwise.
    ///
    /// The references are named in full and compared exactly, so that no tag or branch of a similar name is taken.
    async fn tip(&self, branch: &BranchName) -> Result<CommitId, SourceError> {
        for reference in [format!("refs/remotes/origin/{branch}"), format!("refs/heads/{branch}")] {
            let arguments = ["show-ref", "--verify", "--hash", "--", &reference];
            let output = git(&self.folder, &arguments).await?;
            match output.status {
                0 => {
                    return output.line().parse().map_err(|_| unexpected(&arguments, &output));
                }
                _ if output.complaint.contains("not a valid ref") => {}
                _ => return Err(unexpected(&arguments, &output)),
            }
        }
        Err(SourceError::Unknown(format!("the branch {branch}")))
    }

    async fn is_shallow(&self) -> Result<bool, SourceError> {
        let arguments = ["rev-parse", "--is-shallow-repository"];
        let output = git(&self.folder, &arguments).await?;
        match output.line().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(unexpected(&arguments, &output)),
        }
    }

    async fn has(&self, commit: &CommitId) -> Result<bool, SourceError> {
        let output = git(&self.folder, &["cat-file", "-e", &format!("{commit}^{{commit}}")]).await?;
        Ok(output.status == 0)
    }

    /// The first parent by the commit's own words, which a shallow clone does not change.
    async fn first_parent(&self, commit: &CommitId) -> Result<Option<CommitId>, SourceError> {
        let arguments = ["cat-file", "commit", commit.as_str()];
        let output = git(&self.folder, &arguments).await?;
        if output.status != 0 {
            return Err(SourceError::Unknown(commit.to_string()));
        }
        let text = String::from_utf8_lossy(&output.bytes);
        let mut head = text.lines().take_while(|line| !line.is_empty());
        let parent = head.find_map(|line| line.strip_prefix("parent "));
        parent.map(|parent| parent.parse().map_err(|_| unexpected(&arguments, &output))).transpose()
    }
}

#[async_trait]
impl Source for GitSource {
    async fn head(&self) -> Result<CommitId, SourceError> {
        self.resolve("HEAD").await
    }

    async fn resolve(&self, name: &str) -> Result<CommitId, SourceError> {
        let unknown = || SourceError::Unknown(name.to_owned());
        if name.is_empty() || name.contains('\0') {
            return Err(unknown());
        }
        let peeled = format!("{name}^{{commit}}");
        let output = git(&self.folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &peeled]).await?;
        output.line().parse().map_err(|_| unknown())
    }

    async fn is_on_branch(&self, commit: &CommitId, branch: &BranchName) -> Result<bool, SourceError> {
        let cut_off = || SourceError::Shallow { commit: commit.clone(), branch: branch.clone() };
        let tip = self.tip(branch).await?;
        if !self.has(commit).await? {
            let unknown = SourceError::Unknown(commit.to_string());
            return Err(if self.is_shallow().await? { cut_off() } else { unknown });
        }
        let arguments = ["merge-base", "--is-ancestor", commit.as_str(), tip.as_str()];
        let output = git(&self.folder, &arguments).await?;
        match output.status {
            0 => Ok(true),
            1 if self.is_shallow().await? => Err(cut_off()),
            1 => Ok(false),
            _ => Err(unexpected(&arguments, &output)),
        }
    }

    async fn changed_paths(&self, commit: &CommitId) -> Result<Vec<String>, SourceError> {
        let parent = self.first_parent(commit).await?;
        let mut arguments =
            vec!["diff-tree", "--root", "--no-commit-id", "--name-only", "--no-renames", "--no-ext-diff", "-r", "-z"];
        if let Some(parent) = &parent {
            if !self.has(parent).await? {
                let reason = format!("{parent}, which {commit} follows, is not here: fetch one more level of history");
                return Err(SourceError::Git { action: "diff-tree".to_owned(), reason });
            }
            arguments.push(parent.as_str());
        }
        arguments.push(commit.as_str());
        let output = git(&self.folder, &arguments).await?;
        if output.status != 0 {
            return Err(unexpected(&arguments, &output));
        }
        let paths = output.bytes.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        Ok(paths.map(|path| String::from_utf8_lossy(path).into_owned()).collect())
    }
}
