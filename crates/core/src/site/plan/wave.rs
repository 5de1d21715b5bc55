//! A wave: files that may be written in any order among each other, once all waves before are there.

use serde::Serialize;

use crate::{
    ports::{Upload, UploadSource},
    site::{FileClass, Manifest, ManifestFile, SiteObject, SitePath},
};

/// Which files a wave has. In the order in which waves are written.
///
/// What is new can be seen by nobody until a document refers to it. Everything that visitors see is changed after that,
/// and what refers to other files after these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WaveKind {
    /// Hashed assets that are not there.
    Hashed,
    /// Other assets whose path is new.
    NewAssets,
    /// Documents whose path is new, but for the entry.
    NewDocuments,
    /// Assets that are there with other bytes or headers.
    ChangedAssets,
    /// Documents that are there with other bytes or headers, but for the entry.
    Documents,
    /// The entry.
    Entry,
    /// Service workers that are there with other bytes: they copy documents into browsers, so these come first.
    Workers,
}

impl WaveKind {
    /// Every wave, in order.
    pub const ALL: [Self; 7] = [
        Self::Hashed,
        Self::NewAssets,
        Self::NewDocuments,
        Self::ChangedAssets,
        Self::Documents,
        Self::Entry,
        Self::Workers,
    ];

    /// Whether visitors can see what it writes. Waves that they cannot see may be written at any time before the others.
    pub fn is_visible(self) -> bool {
        match self {
            Self::Hashed | Self::NewAssets | Self::NewDocuments => false,
            Self::ChangedAssets | Self::Documents | Self::Entry | Self::Workers => true,
        }
    }

    /// The wave of a file, by its class and whether its path was published before.
    pub(super) fn of(class: FileClass, is_known: bool) -> Self {
        match (class, is_known) {
            (FileClass::Hashed, false) => Self::Hashed,
            (FileClass::Asset | FileClass::Worker, false) => Self::NewAssets,
            (FileClass::Hashed | FileClass::Asset, true) => Self::ChangedAssets,
            (FileClass::Document, false) => Self::NewDocuments,
            (FileClass::Document, true) => Self::Documents,
            (FileClass::Entry, _) => Self::Entry,
            (FileClass::Worker, true) => Self::Workers,
        }
    }

    /// The wave for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hashed => "hashed assets",
            Self::NewAssets => "new assets",
            Self::NewDocuments => "new documents",
            Self::ChangedAssets => "changed assets",
            Self::Documents => "documents",
            Self::Entry => "entry",
            Self::Workers => "service workers",
        }
    }
}

/// Why a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It is not there.
    New,
    /// It is there with other bytes.
    Bytes,
    /// It is there with these bytes and other headers.
    Headers,
    /// Nobody knows what is there.
    Unsure,
}

impl Change {
    /// The change for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Bytes => "changed",
            Self::Headers => "other headers",
            Self::Unsure => "may be other",
        }
    }
}

/// One file to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Write {
    /// Which.
    pub path: SitePath,
    /// Why.
    pub change: Change,
}

/// Files that are written in any order among each other. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wave {
    /// Which files.
    pub kind: WaveKind,
    /// Each of them, in the order of their paths.
    pub writes: Vec<Write>,
}

impl Wave {
    /// The wave as the Bucket port takes it, of the manifest that was planned for.
    pub fn uploads(&self, next: &Manifest, source: impl Fn(&SitePath, &ManifestFile) -> UploadSource) -> Vec<Upload> {
        let upload = |write: &Write| {
            let file = next.file(&write.path)?;
            let to = SiteObject::File(write.path.clone());
            let source = source(&write.path, file);
            Some(Upload { to, content: file.content(), headers: file.headers.clone(), source })
        };
        self.writes.iter().filter_map(upload).collect()
    }
}
