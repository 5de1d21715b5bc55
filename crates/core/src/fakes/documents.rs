//! [`FakeDocuments`]: files that are only texts.

use std::{collections::BTreeMap, sync::Mutex};

use async_trait::async_trait;

use crate::ports::{Documents, ReadError};

use super::mishap::locked;

/// Files by path. What was not put there is not there.
#[derive(Debug, Default)]
pub struct FakeDocuments {
    files: Mutex<BTreeMap<String, String>>,
}

impl FakeDocuments {
    /// No files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a file there, or another text into it.
    pub fn put(&self, path: &str, text: &str) {
        locked(&self.files).insert(path.to_owned(), text.to_owned());
    }
}

#[async_trait]
impl Documents for FakeDocuments {
    async fn read(&self, path: &str) -> Result<String, ReadError> {
        let found = locked(&self.files).get(path).cloned();
        found.ok_or_else(|| ReadError { path: path.to_owned(), reason: "there is no such file".to_owned() })
    }
}
