//! The version that the tags on a commit name.
//!
//! The Source port knows no tags, so git is asked here, with a command that only reads.

use std::{path::PathBuf, process::Stdio};

use towpath_core::{
    config::Application,
    identifier::{CommitId, Version},
    policy::classify,
};

use crate::error::CliError;

use super::Project;

/// The one version that the commit's tags name by the application's forms; `None` where none does, or there is no git.
async fn version_by_tag(project: &Project, commit: &CommitId) -> Result<Option<Version>, CliError> {
    let (folder, commit) = (project.folder.clone(), commit.clone());
    let tags = tokio::task::spawn_blocking(move || tags_at(folder, &commit)).await.unwrap_or_default();
    one_version(&project.application, &tags)
}

/// The version that the commit's tags name, otherwise one that is made of the commit.
pub(crate) async fn version_or_of_commit(project: &Project, commit: &CommitId) -> Result<Version, CliError> {
    let of_commit =
        format!("0.0.0-g{}", commit.short()).parse().expect("a commit's digits after a letter are a pre-release");
    Ok(version_by_tag(project, commit).await?.unwrap_or(of_commit))
}

fn one_version(application: &Application, tags: &[String]) -> Result<Option<Version>, CliError> {
    let mut versions: Vec<Version> =
        tags.iter().filter_map(|tag| classify(&application.release.tags, tag)).map(|(_, version)| version).collect();
    versions.sort();
    versions.dedup();
    match versions.len() {
        0 | 1 => Ok(versions.pop()),
        _ => Err(CliError::SeveralVersions(versions.iter().map(ToString::to_string).collect())),
    }
}

fn tags_at(folder: PathBuf, commit: &CommitId) -> Vec<String> {
    let mut git = std::process::Command::new("git");
    git.arg("-C").arg(folder).args(["tag", "--points-at", commit.as_str()]).stdin(Stdio::null());
    match git.output() {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
        }
        Ok(_) | Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_one_version_name_it_and_of_several_do_not() {
        let text = towpath_core::config::starter(&"shop".parse().unwrap());
        let application = towpath_core::config::parse(&text, "towpath.toml").unwrap();
        let check = |tags: &[&str]| {
            let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
            one_version(&application, &tags).map(|version| version.map(|version| version.to_string())).ok()
        };
        assert_eq!(check(&["v1.4.0", "v1.4.0-stable", "latest"]), Some(Some("1.4.0".to_owned())));
        assert_eq!(check(&["latest"]), Some(None));
        assert_eq!(check(&["v1.4.0", "v1.5.0"]), None);
    }
}
