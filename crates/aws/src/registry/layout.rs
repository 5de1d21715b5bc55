//! An OCI image layout on this machine.
//!
//! Its builder has made it; it is read as if anybody had: each part is held against its digest.

use std::{io::ErrorKind, path::PathBuf};

use bytes::Bytes;
use serde_json::Value;
use tokio::{
    fs::{self, File},
    io::{AsyncReadExt as _, AsyncSeekExt as _},
};
use towpath_core::{identifier::Digest, ports::PublishError};

use super::manifest::{self, Entry};

/// A layout's folder.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    folder: PathBuf,
}

impl Layout {
    /// The layout in that folder, where it is one of a version that is known.
    pub(crate) async fn open(folder: PathBuf) -> Result<Self, PublishError> {
        let layout = Self { folder };
        let marker = layout.file("oci-layout", 4096).await?;
        let marker: Value = serde_json::from_slice(&marker).unwrap_or_default();
        let version = marker["imageLayoutVersion"].as_str().unwrap_or_default();
        if version.starts_with("1.") {
            return Ok(layout);
        }
        Err(layout.unreadable("its file `oci-layout` names no version that is known"))
    }

    /// What the layout itself lists.
    pub(super) async fn index(&self) -> Result<Vec<Entry>, PublishError> {
        let index = self.file("index.json", manifest::LONGEST).await?;
        manifest::list(&index).map_err(|problem| self.unreadable(&format!("its `index.json`: {problem}")))
    }

    /// The bytes of a manifest; `None` where they are not there.
    pub(super) async fn manifest(&self, digest: &Digest) -> Result<Option<Bytes>, PublishError> {
        match self.read(&place(digest), manifest::LONGEST).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.unreadable(&format!("{}: {error}", place(digest)))),
        }
    }

    /// A layer or configuration from that byte on; `None` where it is not there.
    pub(super) async fn blob(&self, digest: &Digest, from: u64) -> Result<Option<File>, PublishError> {
        let unreadable = |error: std::io::Error| self.unreadable(&format!("{}: {error}", place(digest)));
        let mut file = match File::open(self.folder.join(place(digest))).await {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(error)),
        };
        file.seek(std::io::SeekFrom::Start(from)).await.map_err(unreadable)?;
        Ok(Some(file))
    }

    pub(super) fn unreadable(&self, why: &str) -> PublishError {
        PublishError::Layout { folder: self.folder.clone(), why: crate::call::clean(why) }
    }

    async fn file(&self, name: &str, longest: usize) -> Result<Bytes, PublishError> {
        let read = self.read(name, longest).await;
        read.map_err(|error| self.unreadable(&format!("{name}: {error}")))
    }

    async fn read(&self, name: &str, longest: usize) -> std::io::Result<Bytes> {
        let path = self.folder.join(name);
        let length = fs::metadata(&path).await?.len();
        if length > longest as u64 {
            return Err(std::io::Error::other(format!("it is longer than {longest} bytes")));
        }
        let mut bytes = Vec::new();
        File::open(&path).await?.take(longest as u64).read_to_end(&mut bytes).await?;
        Ok(bytes.into())
    }
}

/// Where a layout keeps what has this digest.
fn place(digest: &Digest) -> String {
    format!("blobs/{}", digest.as_str().replacen(':', "/", 1))
}
