//! Whether a scanner that is here is the one that is pinned: its file by hash where that is said, and its own word on
//! its version.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use serde_json::Value;
use towpath_core::{
    identifier::Sha256,
    scan::{Pin, Scanner},
};

use crate::build::Variables;

/// Why a scanner is not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScannerRefused {
    /// It is not there.
    #[error("{0} is not installed")]
    NotInstalled(Scanner),
    /// It does not say which version it is.
    #[error("{scanner} does not say its version: {why}")]
    NoVersion {
        /// The program.
        scanner: Scanner,
        /// What it said.
        why: String,
    },
    /// It is of another version.
    #[error("{scanner} is of version {found}, and {wanted} is pinned")]
    OtherVersion {
        /// The program.
        scanner: Scanner,
        /// The version that is pinned.
        wanted: String,
        /// The version that it says it is.
        found: String,
    },
    /// Its file is another one.
    #[error("{} has the SHA-256 {found}, and {wanted} is pinned", path.display())]
    OtherFile {
        /// The program's file.
        path: PathBuf,
        /// The hash that is pinned.
        wanted: Box<Sha256>,
        /// The file's own.
        found: Box<Sha256>,
    },
}

/// What a scanner says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct About {
    pub(super) version: String,
    /// When its database was made, where it has one and says so.
    pub(super) database: Option<jiff::Timestamp>,
}

/// What it says of itself, of the lines that it printed. There may be others before: notices of newer versions.
///
/// Trivy writes its members with capitals, Grype without.
pub(super) fn about(lines: &[String]) -> Option<About> {
    let text = lines.join("\n");
    let words: Value = serde_json::from_str(text.get(text.find('{')?..=text.rfind('}')?)?).ok()?;
    let version = ["Version", "version"].iter().find_map(|name| words.get(name)?.as_str())?;
    let version = version.trim().trim_start_matches('v').to_owned();
    let database = words.pointer("/VulnerabilityDB/UpdatedAt").and_then(Value::as_str);
    (!version.is_empty()).then(|| About { version, database: database.and_then(|at| at.parse().ok()) })
}

/// Whether it is of the version that is pinned.
pub(super) fn require_version(scanner: Scanner, pin: &Pin, about: &About) -> Result<(), ScannerRefused> {
    let wanted = pin.version.to_string();
    if about.version == wanted {
        return Ok(());
    }
    Err(ScannerRefused::OtherVersion { scanner, wanted, found: about.version.clone() })
}

/// The program's file: the first of its name in `PATH`. Links are followed, so that what is hashed is what runs.
pub(super) fn file(scanner: Scanner, environment: &Variables) -> Result<PathBuf, ScannerRefused> {
    let name = format!("{scanner}{}", std::env::consts::EXE_SUFFIX);
    let path = environment.get(std::ffi::OsStr::new("PATH")).cloned().unwrap_or_default();
    let there = std::env::split_paths(&path).map(|folder| folder.join(&name)).find(|file| is_program(file));
    there.and_then(|file| std::fs::canonicalize(file).ok()).ok_or(ScannerRefused::NotInstalled(scanner))
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}

/// Whether the file is the one that is pinned.
pub(super) fn require_file(file: &Path, pin: &Pin) -> io::Result<Result<(), ScannerRefused>> {
    let Some(wanted) = &pin.sha256 else {
        return Ok(Ok(()));
    };
    let found = hash(file)?;
    if found == *wanted {
        return Ok(Ok(()));
    }
    Ok(Err(ScannerRefused::OtherFile {
        path: file.to_owned(),
        wanted: Box::new(wanted.clone()),
        found: Box::new(found),
    }))
}

/// The hash of a file.
fn hash(file: &Path) -> io::Result<Sha256> {
    let (_, digest) = crate::build::hash(&mut File::open(file)?)?;
    let hash = digest.as_str().trim_start_matches("sha256:").parse();
    hash.map_err(|invalid| io::Error::other(format!("{invalid}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(printed: &str, expected: Option<(&str, Option<&str>)>) {
        let lines: Vec<String> = printed.lines().map(str::to_owned).collect();
        let found = about(&lines).map(|about| (about.version, about.database.map(|at| at.to_string())));
        assert_eq!(found, expected.map(|(version, at)| (version.to_owned(), at.map(str::to_owned))), "{printed}");
    }

    #[test]
    fn both_say_their_version_in_their_own_way() {
        check(r#"{"Version":"0.68.1"}"#, Some(("0.68.1", None)));
        let with_database =
            r#"{"Version":"0.68.1","VulnerabilityDB":{"Version":2,"UpdatedAt":"2026-03-02T06:11:22.5Z"}}"#;
        check(with_database, Some(("0.68.1", Some("2026-03-02T06:11:22.5Z"))));
        check("{\n  \"application\": \"grype\",\n  \"version\": \"0.104.0\"\n}", Some(("0.104.0", None)));
        check("A newer version is there\n{\"version\": \"v0.104.0\"}", Some(("0.104.0", None)));
        check("Version: 0.68.1", None);
        check("{}", None);
    }

    #[test]
    fn a_file_is_known_by_its_hash() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "scanner").unwrap();
        let pin = |sha256| Pin { version: "1.0.0".parse().unwrap(), sha256 };
        assert_eq!(require_file(file.path(), &pin(Some(Sha256::of(b"scanner")))).unwrap(), Ok(()));
        assert_eq!(require_file(file.path(), &pin(None)).unwrap(), Ok(()));
        let other = require_file(file.path(), &pin(Some(Sha256::of(b"other")))).unwrap();
        assert!(matches!(other, Err(ScannerRefused::OtherFile { .. })), "{other:?}");
    }
}
