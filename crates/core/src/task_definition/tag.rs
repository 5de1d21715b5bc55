//! A task definition's tags, which travel beside the document and not in it.
//!
//! It does not check AWS's alphabet for keys and values: AWS says so itself.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::DocumentError;

/// A tag of a task definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Its value, which may be empty.
    #[serde(default)]
    pub value: String,
}

impl Tag {
    /// Whether AWS keeps this key to itself (`aws:…`): it is reported, and refused when sent.
    pub fn is_reserved(&self) -> bool {
        self.key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"))
    }
}

/// The tags of a `tags` member; `null` is none.
pub(super) fn read_tags(value: Value, origin: &str) -> Result<Vec<Tag>, DocumentError> {
    let list = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(list) => list,
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            return Err(DocumentError::TagsNotAList { origin: origin.to_owned() });
        }
    };
    list.into_iter().enumerate().map(|(index, tag)| read_tag(tag, index, origin)).collect()
}

fn read_tag(mut tag: Value, index: usize, origin: &str) -> Result<Tag, DocumentError> {
    if let Value::Object(members) = &mut tag {
        members.retain(|_, value| !value.is_null());
    }
    serde_json::from_value(tag).map_err(|_| DocumentError::MalformedTag { origin: origin.to_owned(), index })
}

/// These tags with others added; where both name a key, the added one wins in the first one's place.
pub(super) fn merge(own: &[Tag], added: &[Tag]) -> Vec<Tag> {
    let mut merged: Vec<Tag> = own.to_vec();
    for tag in added.iter().filter(|tag| !tag.is_reserved()) {
        match merged.iter_mut().find(|existing| existing.key == tag.key) {
            Some(existing) => existing.value.clone_from(&tag.value),
            None => merged.push(tag.clone()),
        }
    }
    merged
}
