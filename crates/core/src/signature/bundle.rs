//! Bundles as they are handed in: one in a file, or one a line, as `gh attestation download` writes them.
//!
//! Only what they are about is read here, to put them where they belong. It is verified whenever they are used.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::identifier::{Digest, Sha256};

/// The largest file that is read.
pub const LARGEST: usize = 16 * 1024 * 1024;

/// Why a file has no bundles.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// It is too large.
    #[error("it is larger than {} MiB", LARGEST / 1024 / 1024)]
    TooLarge,
    /// There is nothing in it.
    #[error("there is no bundle in it")]
    Empty,
    /// A line is no JSON.
    #[error("line {line} is not JSON; expected is a bundle, or one bundle a line")]
    NotJson {
        /// Which, from one.
        line: usize,
    },
    /// A line is no bundle.
    #[error("line {line} is no bundle of Sigstore's: {why}")]
    NoBundle {
        /// Which, from one.
        line: usize,
        /// Why.
        why: String,
    },
}

/// A bundle, unverified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    value: Value,
    about: Vec<Digest>,
}

impl Bundle {
    /// Takes a value for a bundle.
    ///
    /// # Errors
    /// Why it is none.
    pub fn read(value: Value) -> Result<Self, String> {
        let kind = value.get("mediaType").and_then(Value::as_str).unwrap_or_default();
        if !kind.starts_with("application/vnd.dev.sigstore.bundle") {
            return Err("its `mediaType` is not that of one".to_owned());
        }
        let about = about(&value).ok_or("what it is about cannot be read")?;
        Ok(Self { value, about })
    }

    /// The digests that it says it is about.
    pub fn about(&self) -> &[Digest] {
        &self.about
    }

    /// As it was handed in.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// As bytes.
    pub fn to_json(&self) -> Vec<u8> {
        self.value.to_string().into_bytes()
    }

    /// What it is kept by.
    pub fn hash(&self) -> Sha256 {
        Sha256::of(&self.to_json())
    }
}

/// The bundles of a file.
///
/// # Errors
/// When there is none in it, or something else.
pub fn split(bytes: &[u8]) -> Result<Vec<Bundle>, BundleError> {
    if bytes.len() > LARGEST {
        return Err(BundleError::TooLarge);
    }
    let read = |line, value| Bundle::read(value).map_err(|why| BundleError::NoBundle { line, why });
    if let Ok(whole) = serde_json::from_slice::<Value>(bytes) {
        return Ok(vec![read(1, whole)?]);
    }
    let lines = bytes.split(|byte| *byte == b'\n').enumerate().map(|(index, line)| (index + 1, line.trim_ascii()));
    let bundles = lines.filter(|(_, line)| !line.is_empty()).map(|(number, line)| {
        let value = serde_json::from_slice(line).map_err(|_| BundleError::NotJson { line: number })?;
        read(number, value)
    });
    let bundles = bundles.collect::<Result<Vec<_>, _>>()?;
    if bundles.is_empty() { Err(BundleError::Empty) } else { Ok(bundles) }
}

/// The subjects of its statement, or the digest of what was signed.
fn about(bundle: &Value) -> Option<Vec<Digest>> {
    if let Some(payload) = bundle.pointer("/dsseEnvelope/payload") {
        let payload = STANDARD.decode(payload.as_str()?).ok()?;
        let statement: Value = serde_json::from_slice(&payload).ok()?;
        let subjects = statement.get("subject")?.as_array()?;
        let digest = |subject: &Value| format!("sha256:{}", subject.pointer("/digest/sha256")?.as_str()?).parse().ok();
        return Some(subjects.iter().filter_map(digest).collect());
    }
    let digest = STANDARD.decode(bundle.pointer("/messageSignature/messageDigest/digest")?.as_str()?).ok()?;
    let halves = digest.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    let digits: String = halves.filter_map(|half| char::from_digit(u32::from(half), 16)).collect();
    Some(format!("sha256:{digits}").parse().into_iter().collect())
}
