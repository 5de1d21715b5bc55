//! Globs over changed paths: `*` stays inside one folder, `**` does not.
//!
//! A glob is checked when it is read, so that a slip of the pen never means "nothing ever matches".

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::identifier::InvalidIdentifier;

/// A glob over paths from the repository's root, for example `backend/**`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PathGlob(String);

impl PathGlob {
    /// The first of these paths that the glob matches.
    pub fn first_match<'a>(&self, paths: &'a [String]) -> Option<&'a str> {
        paths.iter().map(String::as_str).find(|path| self.matches(path))
    }

    /// Whether the glob matches this path.
    pub fn matches(&self, path: &str) -> bool {
        fast_glob::glob_match(&self.0, path)
    }
}

impl FromStr for PathGlob {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let from_root = !text.is_empty() && !text.starts_with(['/', '!']);
        let no_dots = !text.split('/').any(|part| matches!(part, "." | ".."));
        if from_root && no_dots && fast_glob::validate(text).is_ok() {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidIdentifier {
            what: "a glob over paths",
            value: text.to_owned(),
            rule: "write it from the repository's root, without a leading `/`, `./` or `!`, brackets closed, for example `backend/**`",
        })
    }
}

impl std::fmt::Display for PathGlob {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(&self.0)
    }
}

impl TryFrom<String> for PathGlob {
    type Error = InvalidIdentifier;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<PathGlob> for String {
    fn from(glob: PathGlob) -> Self {
        glob.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(glob: &str, path: &str, expected: Option<&str>) {
        let glob: PathGlob = glob.parse().unwrap();
        assert_eq!(glob.first_match(&[path.to_owned()]), expected, "{glob} on {path}");
    }

    #[test]
    fn two_stars_cross_folders_and_one_does_not() {
        check("backend/**", "backend/src/main.rs", Some("backend/src/main.rs"));
        check("backend/*", "backend/src/main.rs", None);
        check("**/Dockerfile", "backend/Dockerfile", Some("backend/Dockerfile"));
        check("*.md", "docs/a.md", None);
        check("{api,worker}/**", "worker/x", Some("worker/x"));
    }

    #[test]
    fn a_folder_with_a_longer_name_is_another_folder() {
        check("backend/**", "backend-old/x", None);
    }

    #[test]
    fn globs_that_could_never_match_are_refused() {
        for bad in ["", "/backend/**", "./backend", "a/../b", "!docs/**", "a[b", "{a,b"] {
            assert!(bad.parse::<PathGlob>().is_err(), "{bad}");
        }
    }
}
