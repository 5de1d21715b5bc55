//! [`SiteDirectory`]: the port itself, which hands the work to threads that may block.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use bytes::Bytes;
use towpath_core::{
    ports::{FileBytes, FileError, SiteFiles, WHOLE_LIMIT},
    site::{Content, Gathering, SitePath, Survey, SurveyError, SurveyProblem, SurveyRules},
};

use super::{
    hash::hash_all,
    read::{Reading, whole},
    seen::Seen,
    walk::{Walked, walk},
};

/// A directory with the files of a site. Its clones share what they know of it.
#[derive(Debug, Clone)]
pub struct SiteDirectory {
    folder: PathBuf,
    place: String,
    seen: Arc<Seen>,
}

impl SiteDirectory {
    /// The directory at `folder`, called `place` towards people. It need not be there yet.
    pub fn new(folder: PathBuf, place: String) -> Self {
        Self { folder, place, seen: Arc::default() }
    }
}

#[async_trait]
impl SiteFiles for SiteDirectory {
    async fn survey(&self, rules: &SurveyRules) -> Result<Survey, SurveyError> {
        let (folder, place, rules) = (self.folder.clone(), self.place.clone(), rules.clone());
        let seen = Arc::clone(&self.seen);
        let work = tokio::task::spawn_blocking(move || survey(&folder, &place, &rules, &seen));
        work.await.unwrap_or_else(|error| Err(closed(&self.place, &io::Error::other(error))))
    }

    async fn read(&self, path: &SitePath, content: &Content) -> Result<FileBytes, FileError> {
        let place = self.folder.join(path.as_str());
        let (name, content) = (path.clone(), content.clone());
        let work = tokio::task::spawn_blocking(move || {
            if content.size <= WHOLE_LIMIT {
                return whole(&place, &name, &content).map(FileBytes::Whole);
            }
            Reading::begin(&place, &name, &content).map(|reading| FileBytes::Pieces(reading.pieces()))
        });
        let unreadable = |error: tokio::task::JoinError| {
            Err(FileError::Unreadable { path: path.clone(), reason: error.to_string() })
        };
        work.await.unwrap_or_else(unreadable)
    }

    async fn read_all(&self, wanted: &[(SitePath, Content)]) -> Result<Vec<Bytes>, FileError> {
        let (folder, files) = (self.folder.clone(), wanted.to_vec());
        let read =
            move || files.iter().map(|(path, content)| whole(&folder.join(path.as_str()), path, content)).collect();
        let closed = |error: tokio::task::JoinError| match wanted.first() {
            Some((path, _)) => Err(FileError::Unreadable { path: path.clone(), reason: error.to_string() }),
            None => Ok(Vec::new()),
        };
        tokio::task::spawn_blocking(read).await.unwrap_or_else(closed)
    }

    fn place(&self) -> String {
        self.place.clone()
    }
}

fn survey(folder: &Path, place: &str, rules: &SurveyRules, seen: &Seen) -> Result<Survey, SurveyError> {
    let alone = |problem| SurveyError { place: place.to_owned(), problems: vec![problem] };
    let root = match fs::canonicalize(folder) {
        Ok(root) if root.is_dir() => root,
        Ok(_) => return Err(alone(SurveyProblem::NotADirectory)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(alone(SurveyProblem::Missing)),
        Err(error) => return Err(closed(place, &error)),
    };
    let Walked { files, problems } = walk(&root, rules);
    let mut gathering = Gathering::new();
    for problem in problems {
        gathering.problem(problem);
    }
    for (path, hashed) in hash_all(&root, files, seen) {
        match hashed {
            Ok(content) => gathering.file(path, content),
            Err(problem) => gathering.problem(problem),
        }
    }
    gathering.finish(place, rules)
}

fn closed(place: &str, error: &io::Error) -> SurveyError {
    let problem = SurveyProblem::Closed { path: ".".to_owned(), reason: error.to_string() };
    SurveyError { place: place.to_owned(), problems: vec![problem] }
}
