//! An image in a repository, and the two ways to name it.
//!
//! What is inside an image is the manifest's subject; what it does when it runs is the catalog's.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{api::Members, fault::AwsError};

/// One image.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Image {
    /// The manifest, byte for byte as it was pushed.
    pub(crate) manifest: String,
    pub(crate) media_type: String,
    pub(super) pushed_at: Timestamp,
    /// When it was pulled last.
    #[serde(default)]
    pub(super) pulled_at: Option<Timestamp>,
}

impl Image {
    pub(super) fn new(manifest: &str, media_type: String, pushed_at: Timestamp) -> Self {
        Self { manifest: manifest.to_owned(), media_type, pushed_at, pulled_at: None }
    }
}

/// A digest, a tag or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImageId {
    pub(crate) digest: Option<String>,
    pub(crate) tag: Option<String>,
}

impl ImageId {
    pub(super) fn read(value: &Value) -> Result<Self, AwsError> {
        let members = Members::of(value, &["imageDigest", "imageTag"])?;
        let text = |name| members.text(name).map(|text| text.map(str::to_owned));
        Ok(Self { digest: text("imageDigest")?, tag: text("imageTag")? })
    }

    /// The same name as JSON, without what was not given.
    pub(super) fn shown(&self) -> Value {
        let mut shown = json!({});
        if let Some(digest) = &self.digest {
            shown["imageDigest"] = digest.as_str().into();
        }
        if let Some(tag) = &self.tag {
            shown["imageTag"] = tag.as_str().into();
        }
        shown
    }

    /// Why no image can be found by this name whatever is in the repository, as a failure code and its reason.
    pub(super) fn defect(&self) -> Option<(&'static str, &'static str)> {
        match self {
            Self { digest: None, tag: None } => {
                Some(("MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null"))
            }
            Self { digest: Some(digest), .. } if !is_digest(digest) => Some((
                "InvalidImageDigest",
                "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
            )),
            Self { tag: Some(tag), .. } if !is_tag(tag) => Some((
                "InvalidImageTag",
                "Invalid request parameters: image tag should satisfy the regex '[a-zA-Z0-9_][a-zA-Z0-9._-]{0,299}'",
            )),
            Self { .. } => None,
        }
    }
}

/// Whether `text` is written like `sha256:…`.
pub(crate) fn is_digest(text: &str) -> bool {
    let hexadecimal = text.strip_prefix("sha256:").unwrap_or_default();
    hexadecimal.len() == 64 && hexadecimal.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether `text` may be a tag.
pub(super) fn is_tag(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= 300
        && text.bytes().next().is_some_and(is_word)
        && text.bytes().all(|byte| is_word(byte) || byte == b'.' || byte == b'-')
}
