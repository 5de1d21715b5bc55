//! Real repositories, made in temporary folders, asked through the Source port.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it was made")]

use std::{path::Path, process::Command};

use tempfile::TempDir;
use towpath_core::{
    identifier::{BranchName, CommitId},
    ports::{Source as _, SourceError},
};
use towpath_host::GitSource;

/// A repository in a temporary folder.
struct Repository {
    folder: TempDir,
}

impl Repository {
    fn new() -> Self {
        let repository = Self { folder: tempfile::tempdir().unwrap() };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository
    }

    /// A clone of `of` with that much history.
    fn shallow(of: &Self, depth: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("file://{}", of.folder.path().display());
        run(folder.path(), &["clone", "--quiet", "--depth", depth, &url, "."]);
        Self { folder }
    }

    fn git(&self, arguments: &[&str]) -> String {
        run(self.folder.path(), arguments)
    }

    /// Writes these files and commits them.
    fn commit(&self, paths: &[&str]) -> CommitId {
        for path in paths {
            let file = self.folder.path().join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            let before = std::fs::read_to_string(&file).unwrap_or_default();
            std::fs::write(&file, before + "x").unwrap();
        }
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "x"]);
        self.head()
    }

    fn head(&self) -> CommitId {
        self.git(&["rev-parse", "HEAD"]).parse().unwrap()
    }

    fn source(&self) -> GitSource {
        GitSource::new(self.folder.path())
    }
}

fn run(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
    let configured = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgSign=false"];
    let output = command.current_dir(folder).args(configured).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn main_branch() -> BranchName {
    "main".parse().unwrap()
}

fn unknown_commit() -> CommitId {
    "0123456789012345678901234567890123456789".parse().unwrap()
}

#[tokio::test]
async fn names_stand_for_commits() {
    let repository = Repository::new();
    let first = repository.commit(&["a"]);
    repository.git(&["tag", "--annotate", "--message", "x", "v1.0.0"]);
    let second = repository.commit(&["b"]);
    let source = repository.source();
    assert_eq!(source.head().await.unwrap(), second);
    assert_eq!(source.resolve("main").await.unwrap(), second);
    assert_eq!(source.resolve("v1.0.0").await.unwrap(), first);
    assert_eq!(source.resolve(first.short()).await.unwrap(), first);
}

#[tokio::test]
async fn what_is_not_known_is_said_and_never_taken_for_an_option() {
    let repository = Repository::new();
    repository.commit(&["a"]);
    for name in ["absent", "", "-x", "--all", "--git-dir", "--output=x", "a\0b", unknown_commit().as_str()] {
        let found = repository.source().resolve(name).await;
        assert_eq!(found, Err(SourceError::Unknown(name.to_owned())));
    }
    assert!(!repository.folder.path().join("x").exists());
}

#[tokio::test]
async fn a_branch_without_commits_has_no_head() {
    let head = Repository::new().source().head().await;
    assert_eq!(head, Err(SourceError::Unknown("HEAD".to_owned())));
}

#[tokio::test]
async fn a_folder_without_repository_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for place in [folder.path().to_owned(), folder.path().join("absent")] {
        let head = GitSource::new(&place).head().await;
        assert_eq!(head, Err(SourceError::NoRepository(place.display().to_string())));
    }
}

#[tokio::test]
async fn commits_are_on_the_branch_that_leads_to_them() {
    let repository = Repository::new();
    let base = repository.commit(&["a"]);
    repository.git(&["checkout", "--quiet", "-b", "feature"]);
    let feature = repository.commit(&["b"]);
    repository.git(&["checkout", "--quiet", "main"]);
    let tip = repository.commit(&["c"]);
    let source = repository.source();
    for (commit, expected) in [(&base, true), (&tip, true), (&feature, false)] {
        assert_eq!(source.is_on_branch(commit, &main_branch()).await, Ok(expected), "{commit}");
    }
}

#[tokio::test]
async fn the_remote_branch_counts_before_the_local_one() {
    let repository = Repository::new();
    let pushed = repository.commit(&["a"]);
    repository.git(&["update-ref", "refs/remotes/origin/main", pushed.as_str()]);
    let local = repository.commit(&["b"]);
    assert_eq!(repository.source().is_on_branch(&pushed, &main_branch()).await, Ok(true));
    assert_eq!(repository.source().is_on_branch(&local, &main_branch()).await, Ok(false));
}

#[tokio::test]
async fn references_of_a_similar_name_do_not_count() {
    let repository = Repository::new();
    repository.commit(&["a"]);
    let foreign = repository.commit(&["b"]);
    repository.git(&["checkout", "--quiet", "--detach"]);
    for reference in [
        "refs/remotes/origin/main-old",
        "refs/heads/origin/main",
        "refs/tags/main",
        "refs/tags/refs/remotes/origin/main",
        "refs/tags/refs/heads/main",
    ] {
        repository.git(&["update-ref", reference, foreign.as_str()]);
    }
    repository.git(&["update-ref", "refs/heads/main", "HEAD~1"]);
    assert_eq!(repository.source().is_on_branch(&foreign, &main_branch()).await, Ok(false));
    repository.git(&["update-ref", "-d", "refs/heads/main"]);
    let without = repository.source().is_on_branch(&foreign, &main_branch()).await;
    assert_eq!(without, Err(SourceError::Unknown("the branch main".to_owned())));
}

#[tokio::test]
async fn a_commit_that_is_not_here_is_unknown() {
    let repository = Repository::new();
    repository.commit(&["a"]);
    let found = repository.source().is_on_branch(&unknown_commit(), &main_branch()).await;
    assert_eq!(found, Err(SourceError::Unknown(unknown_commit().to_string())));
}

#[tokio::test]
async fn a_cut_off_history_is_never_a_no() {
    let origin = Repository::new();
    let old = origin.commit(&["a"]);
    let middle = origin.commit(&["b"]);
    let tip = origin.commit(&["c"]);
    let clone = Repository::shallow(&origin, "2");
    let cut_off = |commit: &CommitId| SourceError::Shallow { commit: commit.clone(), branch: main_branch() };
    assert_eq!(clone.source().is_on_branch(&tip, &main_branch()).await, Ok(true));
    assert_eq!(clone.source().is_on_branch(&middle, &main_branch()).await, Ok(true));
    assert_eq!(clone.source().is_on_branch(&old, &main_branch()).await, Err(cut_off(&old)));
    let aside = clone.git(&["commit-tree", "-m", "x", "HEAD^{tree}"]).parse().unwrap();
    assert_eq!(clone.source().is_on_branch(&aside, &main_branch()).await, Err(cut_off(&aside)));
}

#[tokio::test]
async fn a_tag_is_its_commit_whatever_branch_has_its_name_and_a_clone_without_it_says_so() {
    let origin = Repository::new();
    let tagged = origin.commit(&["a"]);
    origin.git(&["tag", "--annotate", "--message=x", "v1.4.0"]);
    origin.git(&["tag", "light"]);
    origin.commit(&["b"]);
    origin.git(&["branch", "v1.4.0"]);
    for tag in ["refs/tags/v1.4.0", "refs/tags/light"] {
        assert_eq!(origin.source().resolve(tag).await, Ok(tagged.clone()), "{tag}");
    }
    let missing = "refs/tags/main".to_owned();
    assert_eq!(origin.source().resolve(&missing).await, Err(SourceError::Unknown(missing)), "a branch is no tag");
    let clone = Repository::shallow(&origin, "1");
    let unfetched = "refs/tags/v1.4.0".to_owned();
    assert_eq!(clone.source().resolve(&unfetched).await, Err(SourceError::Unknown(unfetched.clone())));
    clone.git(&["fetch", "--quiet", "--depth=1", "origin", "tag", "v1.4.0"]);
    assert_eq!(clone.source().resolve(&unfetched).await, Ok(tagged));
}

#[tokio::test]
async fn changed_paths_are_those_since_the_first_parent() {
    let repository = Repository::new();
    let root = repository.commit(&["a", "dir/ä b.txt"]);
    repository.git(&["checkout", "--quiet", "-b", "feature"]);
    repository.commit(&["feature"]);
    repository.git(&["checkout", "--quiet", "main"]);
    let on_main = repository.commit(&["a", "main"]);
    repository.git(&["merge", "--quiet", "--no-ff", "-m", "x", "feature"]);
    let merge = repository.head();
    let source = repository.source();
    assert_eq!(source.changed_paths(&root).await.unwrap(), ["a", "dir/ä b.txt"]);
    assert_eq!(source.changed_paths(&on_main).await.unwrap(), ["a", "main"]);
    assert_eq!(source.changed_paths(&merge).await.unwrap(), ["feature"]);
}

#[tokio::test]
async fn a_renamed_file_changes_both_its_paths() {
    let repository = Repository::new();
    repository.commit(&["old"]);
    repository.git(&["mv", "old", "new"]);
    let renamed = repository.commit(&[]);
    assert_eq!(repository.source().changed_paths(&renamed).await.unwrap(), ["new", "old"]);
}

#[tokio::test]
async fn changed_paths_at_the_edge_of_a_cut_off_history_are_not_guessed() {
    let origin = Repository::new();
    origin.commit(&["a"]);
    let tip = origin.commit(&["b"]);
    let clone = Repository::shallow(&origin, "1");
    let error = clone.source().changed_paths(&tip).await.unwrap_err();
    assert!(error.to_string().contains("fetch one more level of history"), "{error}");
    let unknown = clone.source().changed_paths(&unknown_commit()).await;
    assert_eq!(unknown, Err(SourceError::Unknown(unknown_commit().to_string())));
}

#[tokio::test]
async fn replaced_commits_do_not_count() {
    let repository = Repository::new();
    repository.commit(&["a"]);
    let tip = repository.commit(&["b"]);
    repository.git(&["checkout", "--quiet", "--orphan", "aside"]);
    let aside = repository.commit(&["c"]);
    repository.git(&["replace", "--graft", tip.as_str(), aside.as_str()]);
    assert_eq!(repository.source().is_on_branch(&aside, &main_branch()).await, Ok(false));
}
