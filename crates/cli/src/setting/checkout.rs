//! The commit that is checked out, as a build needs to know it: asked of git, with commands that only read.

use std::{path::Path, process::Stdio};

use jiff::Timestamp;
use towpath_core::{
    build::{Checkout, SourceAddress},
    identifier::{BranchName, Version},
};

use crate::{Variables, error::CliError, variables};

use super::{Project, source, version_or_of_commit};

/// The checkout, under this version or the one that its tags name.
pub(crate) async fn checkout(
    project: &Project,
    variables: &Variables,
    version: Option<&Version>,
) -> Result<Checkout, CliError> {
    let commit = source(project).head().await?;
    let version = match version {
        Some(version) => version.clone(),
        None => version_or_of_commit(project, &commit).await?,
    };
    let (folder, asked) = (project.folder.clone(), commit.clone());
    let asking = tokio::task::spawn_blocking(move || {
        let committed_at = seconds(git(&folder, &["show", "--no-patch", "--format=%ct", asked.as_str()]).as_deref());
        let branch = git(&folder, &["symbolic-ref", "--quiet", "--short", "HEAD"]);
        (committed_at, branch, git(&folder, &["remote", "get-url", "origin"]))
    });
    let (committed_at, branch, remote) = asking.await.unwrap_or_default();
    Ok(Checkout {
        committed_at: committed_at.ok_or_else(|| CliError::NoCommitTime(commit.clone()))?,
        branch: branch_of(variables, branch.as_deref()),
        source: source_of(variables, remote.as_deref()),
        version,
        commit,
    })
}

/// What differs from the commit in files that git knows, by path.
pub(crate) async fn changed(project: &Project) -> Vec<String> {
    let folder = project.folder.clone();
    let status = tokio::task::spawn_blocking(move || {
        git(&folder, &["-c", "core.quotePath=true", "status", "--porcelain", "--untracked-files=no"])
    });
    let status = status.await.ok().flatten().unwrap_or_default();
    status.lines().filter_map(|line| line.trim().split_once(' ')).map(|(_, path)| path.trim().to_owned()).collect()
}

/// The branch that was pushed to; outside a workflow the one that is checked out. A tag and a pull request are on none.
fn branch_of(variables: &Variables, checked_out: Option<&str>) -> Option<BranchName> {
    let name = if variables.in_workflow() {
        variables.get(variables::REF)?.strip_prefix("refs/heads/")?
    } else {
        checked_out?
    };
    name.parse().ok()
}

fn source_of(variables: &Variables, remote: Option<&str>) -> Option<SourceAddress> {
    let workflow = variables.get(variables::SERVER_URL).zip(variables.get(variables::REPOSITORY));
    match workflow.filter(|_| variables.in_workflow()) {
        Some((server, repository)) => format!("{server}/{repository}").parse().ok(),
        None => remote?.parse().ok(),
    }
}

fn seconds(text: Option<&str>) -> Option<Timestamp> {
    Timestamp::from_second(text?.parse().ok()?).ok()
}

/// What git answers; nothing where it has no answer.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let mut git = std::process::Command::new("git");
    git.arg("-C").arg(folder).args(arguments).env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0").stdin(Stdio::null());
    let output = git.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workflow(reference: &str) -> Variables {
        let reference = reference.to_owned();
        Variables::from(move |name| match name {
            "GITHUB_ACTIONS" => Some("true".to_owned()),
            "GITHUB_REF" => Some(reference.clone()),
            "GITHUB_SERVER_URL" => Some("https://github.com".to_owned()),
            "GITHUB_REPOSITORY" => Some("acme/shop".to_owned()),
            _ => None,
        })
    }

    #[test]
    fn only_a_branch_is_a_branch() {
        let check = |variables: &Variables, checked_out: Option<&str>, expected: Option<&str>| {
            assert_eq!(branch_of(variables, checked_out).as_ref().map(BranchName::as_str), expected);
        };
        check(&workflow("refs/heads/feature/x"), Some("main"), Some("feature/x"));
        check(&workflow("refs/tags/v1.4.0"), Some("main"), None);
        check(&workflow("refs/pull/7/merge"), None, None);
        check(&Variables::default(), Some("main"), Some("main"));
        check(&Variables::default(), None, None);
    }

    #[test]
    fn the_source_is_the_workflows_or_the_remotes() {
        let check = |variables: &Variables, remote: Option<&str>, expected: Option<&str>| {
            assert_eq!(source_of(variables, remote).as_ref().map(SourceAddress::as_str), expected);
        };
        check(&workflow("refs/heads/main"), None, Some("https://github.com/acme/shop"));
        check(&Variables::default(), Some("git@github.com:acme/shop.git"), Some("https://github.com/acme/shop"));
        check(&Variables::default(), Some("/srv/shop"), None);
    }
}
