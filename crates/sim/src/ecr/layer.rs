//! A layer in a repository: how large it is, where its bytes are, and what it says if it is an image's configuration.
//!
//! The bytes of what was uploaded are elsewhere ([`crate::content`]).

use serde::{Deserialize, Serialize};

use super::{configuration::Configuration, made_up};

/// A layer, or the configuration of an image: registries keep both alike.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Layer {
    pub(crate) size: u64,
    pub(crate) content: Content,
    /// What it says, if it is the configuration of an image.
    pub(super) configuration: Option<Configuration>,
}

/// Where the bytes of a layer are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Content {
    /// In the store.
    Stored,
    /// Here.
    Text(String),
    /// An archive with one file, made up from the file's text.
    Archive(String),
}

impl Layer {
    /// A layer that was uploaded; `document` is its content where it may be a configuration.
    pub(crate) fn stored(size: u64, document: Option<&[u8]>) -> Self {
        Self { size, content: Content::Stored, configuration: document.and_then(Configuration::read) }
    }

    /// A configuration that is kept here.
    pub(super) fn text(text: String) -> Self {
        let configuration = Configuration::read(text.as_bytes());
        Self { size: text.len() as u64, content: Content::Text(text), configuration }
    }

    /// The made-up layer with one file.
    pub(super) fn archive(text: String) -> Self {
        Self { size: made_up::archive(&text).len() as u64, content: Content::Archive(text), configuration: None }
    }

    /// The bytes, unless they are in the store.
    pub(crate) fn bytes(&self) -> Option<Vec<u8>> {
        match &self.content {
            Content::Stored => None,
            Content::Text(text) => Some(text.clone().into_bytes()),
            Content::Archive(text) => Some(made_up::archive(text)),
        }
    }
}
