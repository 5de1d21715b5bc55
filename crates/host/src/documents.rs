//! The Documents port on the file system: text files in or below the configuration file's folder.
//!
//! It never leaves that folder, neither by the path's words nor through a symlink, and it never writes.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Component, Path, PathBuf},
};

use async_trait::async_trait;
use towpath_core::ports::{Documents, ReadError};

/// How long a document may be: a task definition has at most 64 KiB, so this is generous.
const LIMIT: u64 = 1024 * 1024;

/// Files beside `towpath.toml`.
#[derive(Debug, Clone)]
pub struct RepositoryDocuments {
    folder: PathBuf,
}

impl RepositoryDocuments {
    /// The documents in and below `folder`, the configuration file's own.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }
}

#[async_trait]
impl Documents for RepositoryDocuments {
    async fn read(&self, path: &str) -> Result<String, ReadError> {
        let (folder, wanted) = (self.folder.clone(), path.to_owned());
        let reading = tokio::task::spawn_blocking(move || text_of(&folder, &wanted)).await;
        let text = reading.unwrap_or(Err(ReadFailure::Cut));
        text.map_err(|failure| ReadError { path: path.to_owned(), reason: failure.to_string() })
    }
}

/// Why a document was not read.
#[derive(Debug, thiserror::Error)]
enum ReadFailure {
    #[error("the path is empty")]
    Empty,
    #[error("the path is absolute: give it relative to the folder of the configuration file")]
    Absolute,
    #[error("the path has a part `..`: only files in or below the folder of the configuration file are read")]
    Upwards,
    #[error("it leads out of the folder of the configuration file, through a symlink")]
    Outside,
    #[error("there is no such file in {}", folder.display())]
    Absent { folder: PathBuf },
    #[error("it is not a file")]
    NotAFile,
    #[error("it is longer than {LIMIT} bytes")]
    TooLong,
    #[error("it is not UTF-8 text")]
    NotText,
    #[error("the read was cut off because the program is ending")]
    Cut,
    #[error("{0}")]
    System(io::Error),
}

fn text_of(folder: &Path, wanted: &str) -> Result<String, ReadFailure> {
    stays_below(wanted)?;
    let file = resolved(folder, wanted)?;
    // A pipe or a device would block or never end, so what it is comes before opening it.
    if !file.metadata().map_err(ReadFailure::System)?.is_file() {
        return Err(ReadFailure::NotAFile);
    }
    let mut bytes = Vec::new();
    let file = File::open(file).map_err(ReadFailure::System)?;
    file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(ReadFailure::System)?;
    if bytes.len() as u64 > LIMIT {
        return Err(ReadFailure::TooLong);
    }
    String::from_utf8(bytes).map_err(|_| ReadFailure::NotText)
}

/// Whether the words of the path stay below, whatever is on the disk.
fn stays_below(wanted: &str) -> Result<(), ReadFailure> {
    if wanted.is_empty() {
        return Err(ReadFailure::Empty);
    }
    for component in Path::new(wanted).components() {
        match component {
            Component::Normal(_) | Component::CurDir => {}
            Component::ParentDir => return Err(ReadFailure::Upwards),
            Component::RootDir | Component::Prefix(_) => return Err(ReadFailure::Absolute),
        }
    }
    Ok(())
}

/// Where the path really leads, all symlinks followed.
fn resolved(folder: &Path, wanted: &str) -> Result<PathBuf, ReadFailure> {
    let absent = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => ReadFailure::Absent { folder: folder.to_owned() },
        _ => ReadFailure::System(error),
    };
    let root = folder.canonicalize().map_err(absent)?;
    let file = root.join(wanted).canonicalize().map_err(absent)?;
    if file.starts_with(&root) { Ok(file) } else { Err(ReadFailure::Outside) }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(path: &str, expected: Result<&str, &str>) {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("app");
        std::fs::create_dir_all(folder.join("deploy")).unwrap();
        std::fs::write(outer.path().join("secret"), "no").unwrap();
        std::fs::write(folder.join("deploy/task.json"), "{}").unwrap();
        std::fs::write(folder.join("binary"), [0xff, 0xfe]).unwrap();
        std::fs::write(folder.join("limit"), "x".repeat(1024 * 1024)).unwrap();
        std::fs::write(folder.join("long"), "x".repeat(1024 * 1024 + 1)).unwrap();
        links(&folder);
        let read = RepositoryDocuments::new(&folder).read(path).await;
        match (read, expected) {
            (Ok(text), Ok(expected)) => assert_eq!(text, expected),
            (Err(error), Err(expected)) => assert!(error.reason.contains(expected), "{error}"),
            (read, expected) => panic!("{path}: {read:?}, expected {expected:?}"),
        }
    }

    #[cfg(unix)]
    fn links(folder: &Path) {
        std::os::unix::fs::symlink("../secret", folder.join("out")).unwrap();
        std::os::unix::fs::symlink("..", folder.join("up")).unwrap();
        std::os::unix::fs::symlink("deploy/task.json", folder.join("in")).unwrap();
    }

    #[cfg(not(unix))]
    fn links(_: &Path) {}

    #[tokio::test]
    async fn a_file_below_the_folder_is_read() {
        check("deploy/task.json", Ok("{}")).await;
        check("./deploy/./task.json", Ok("{}")).await;
    }

    #[tokio::test]
    async fn what_leads_outside_is_refused() {
        check("../secret", Err("`..`")).await;
        check("deploy/../../secret", Err("`..`")).await;
        check("/etc/passwd", Err("absolute")).await;
        check("", Err("empty")).await;
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn symlinks_are_followed_inside_and_refused_outside() {
        check("in", Ok("{}")).await;
        check("out", Err("symlink")).await;
        check("up/secret", Err("symlink")).await;
    }

    #[tokio::test]
    async fn what_is_no_text_of_sensible_length_is_refused() {
        check("binary", Err("UTF-8")).await;
        check("deploy", Err("not a file")).await;
        check("absent", Err("no such file")).await;
        check("long", Err("longer than 1048576 bytes")).await;
        check("limit", Ok(&"x".repeat(1024 * 1024))).await;
    }
}
