//! A directory of this machine as the examples read it.
//!
//! Nobody changes it meanwhile: what is read is not compared with what was surveyed, as `towpath-host` does.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, stream};
use tokio::{fs::File, io::AsyncReadExt as _};
use towpath_core::{
    ports::{FileBytes, FileError, SiteFiles, Upload, UploadSource, WHOLE_LIMIT},
    site::{Content, Gathering, Headers, SiteObject, SitePath, Survey, SurveyError, SurveyRules},
};

use crate::Anything;

/// How much of a file is read at a time.
const PIECE: usize = 128 * 1024;

/// A directory that nobody changes meanwhile.
pub(crate) struct Directory(pub(crate) PathBuf);

impl Directory {
    /// All its files.
    pub(crate) fn wave(&self) -> Anything<Vec<Upload>> {
        let (mut folders, mut wave) = (vec![self.0.clone()], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    folders.push(entry.path());
                } else {
                    wave.push(self.upload(&entry.path())?);
                }
            }
        }
        Ok(wave)
    }

    fn upload(&self, file: &Path) -> Anything<Upload> {
        let path: SitePath = file.strip_prefix(&self.0)?.to_str().ok_or("not UTF-8")?.parse()?;
        let headers = Headers {
            content_type: "application/octet-stream".parse()?,
            cache_control: "no-cache".parse()?,
            content_encoding: None,
            content_disposition: None,
            content_language: None,
        };
        Ok(Upload {
            to: SiteObject::File(path.clone()),
            content: Content::of(&std::fs::read(file)?),
            headers,
            source: UploadSource::File(path),
        })
    }
}

#[async_trait]
impl SiteFiles for Directory {
    async fn survey(&self, rules: &SurveyRules) -> Result<Survey, SurveyError> {
        // Nothing here asks for one.
        Gathering::new().finish(&self.place(), rules)
    }

    async fn read(&self, path: &SitePath, content: &Content) -> Result<FileBytes, FileError> {
        let place = self.0.join(path.as_str());
        let unreadable =
            |error: std::io::Error| FileError::Unreadable { path: path.clone(), reason: error.to_string() };
        if content.size <= WHOLE_LIMIT {
            let read = tokio::task::spawn_blocking(move || std::fs::read(place)).await;
            let bytes = read.map_err(std::io::Error::other).flatten().map_err(unreadable)?;
            return Ok(FileBytes::Whole(bytes.into()));
        }
        let file = File::open(place).await.map_err(unreadable)?;
        let path = path.clone();
        Ok(FileBytes::Pieces(stream::unfold((file, path), next).boxed()))
    }

    fn place(&self) -> String {
        self.0.display().to_string()
    }
}

type Piece = (Result<Bytes, FileError>, (File, SitePath));

async fn next((mut file, path): (File, SitePath)) -> Option<Piece> {
    let mut piece = BytesMut::with_capacity(PIECE);
    match file.read_buf(&mut piece).await {
        Ok(0) => None,
        Ok(_) => Some((Ok(piece.freeze()), (file, path))),
        Err(error) => {
            let reason = error.to_string();
            Some((Err(FileError::Unreadable { path: path.clone(), reason }), (file, path)))
        }
    }
}
