//! Every version of every key, newest last, and the changes that can be made to them.
//!
//! The one place where conditional writes are decided.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{conditions::WriteConditions, race::Racing, settings::Versioning};
use crate::{
    rest::RestError,
    s3::{
        errors::conflict,
        multipart::Upload,
        names::Key,
        object::{Object, Version},
    },
};

/// What is in a bucket.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Contents {
    pub(in crate::s3) keys: BTreeMap<Key, Vec<Arc<Version>>>,
    pub(in crate::s3) uploads: BTreeMap<String, Upload>,
    /// How many versions and uploads were made: their ids are never used again.
    made: u64,
    #[serde(skip)]
    pub(in crate::s3) racing: Racing,
}

/// What a deletion did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::s3) struct Deleted {
    /// The version that was made or removed, where versions are kept.
    pub(in crate::s3) version: Option<String>,
    /// Whether that version is, or was, a delete marker.
    pub(in crate::s3) marker: bool,
}

const NULL: &str = "null";

impl Contents {
    /// What `key` names now; a delete marker is nothing.
    pub(crate) fn current(&self, key: &str) -> Option<&Arc<Version>> {
        self.newest(key).filter(|version| version.object.is_some())
    }

    /// The newest version, also if it is a delete marker.
    pub(in crate::s3) fn newest(&self, key: &str) -> Option<&Arc<Version>> {
        self.keys.get(key).and_then(|versions| versions.last())
    }

    pub(in crate::s3) fn version(&self, key: &str, id: &str) -> Option<&Arc<Version>> {
        self.keys.get(key)?.iter().find(|version| version.id == id)
    }

    /// An id that nothing had before.
    pub(in crate::s3) fn fresh_id(&mut self) -> String {
        self.made += 1;
        // Scattered like AWS's, so that nobody takes their order for that of time.
        let scattered = self.made.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        format!("{scattered:016x}{:016x}", self.made)
    }

    /// Puts an object in place, if the conditions hold; `race` is the number of a conditional write.
    pub(in crate::s3) fn put(
        &mut self,
        versioning: Versioning,
        key: &Key,
        object: Object,
        conditions: &WriteConditions,
        now: Timestamp,
    ) -> Result<Arc<Version>, RestError> {
        conditions.judge(key, self.current(key.as_str()).and_then(|version| version.object()))?;
        let id = if versioning == Versioning::Enabled { self.fresh_id() } else { NULL.to_owned() };
        let version = Arc::new(Version { id, modified: now, object: Some(object) });
        self.add(key, Arc::clone(&version));
        Ok(version)
    }

    /// Whether a conditional write lost its race against a deletion.
    pub(in crate::s3) fn end_race(
        &mut self,
        race: Option<u64>,
        key: &Key,
        conditions: &WriteConditions,
    ) -> Result<(), RestError> {
        match race {
            Some(number) if self.racing.end(number) => Err(conflict(conditions.name(), key.as_str())),
            Some(_) | None => Ok(()),
        }
    }

    /// Adds a version; one with the id `null` takes the place of the one before.
    fn add(&mut self, key: &Key, version: Arc<Version>) {
        let versions = self.keys.entry(key.clone()).or_default();
        if version.id == NULL {
            versions.retain(|version| version.id != NULL);
        }
        versions.push(version);
    }

    /// Deletes what `key` names, or puts a delete marker before it.
    pub(in crate::s3) fn delete(&mut self, versioning: Versioning, key: &Key, now: Timestamp) -> Deleted {
        self.racing.deleted(key);
        let id = match versioning {
            Versioning::Off => {
                self.keys.remove(key);
                return Deleted::default();
            }
            Versioning::Enabled => self.fresh_id(),
            Versioning::Suspended => NULL.to_owned(),
        };
        self.add(key, Arc::new(Version { id: id.clone(), modified: now, object: None }));
        Deleted { version: Some(id), marker: true }
    }

    /// Removes one version for ever; one that is not there is no error.
    pub(in crate::s3) fn remove(&mut self, key: &Key, id: &str) -> Deleted {
        let mut deleted = Deleted { version: Some(id.to_owned()), marker: false };
        let Some(versions) = self.keys.get_mut(key) else { return deleted };
        if let Some(index) = versions.iter().position(|version| version.id == id) {
            deleted.marker = versions.remove(index).object.is_none();
        }
        if versions.is_empty() {
            self.keys.remove(key);
        }
        self.racing.deleted(key);
        deleted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::{blobs::Data, names::ETag, object::Metadata};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn object(tag: u8) -> Object {
        let (data, metadata) = (Data::default(), Metadata::default());
        Object { data, length: 0, etag: ETag::of_whole([tag; 16]), checksum: None, metadata, parts: Vec::new() }
    }

    fn key() -> Key {
        Key::read("a").unwrap()
    }

    fn put(contents: &mut Contents, versioning: Versioning, tag: u8) -> String {
        let version = contents.put(versioning, &key(), object(tag), &WriteConditions::default(), NOW);
        version.unwrap().id.clone()
    }

    #[test]
    fn without_versioning_a_key_has_one_version() {
        let mut contents = Contents::default();
        assert_eq!(put(&mut contents, Versioning::Off, 1), "null");
        put(&mut contents, Versioning::Off, 2);
        assert_eq!(contents.keys[&key()].len(), 1);
        assert_eq!(contents.delete(Versioning::Off, &key(), NOW), Deleted::default());
        assert!(contents.keys.is_empty());
    }

    #[test]
    fn a_delete_marker_hides_versions_and_can_be_removed() {
        let mut contents = Contents::default();
        let first = put(&mut contents, Versioning::Enabled, 1);
        let marker = contents.delete(Versioning::Enabled, &key(), NOW);
        assert!(marker.marker && contents.current("a").is_none());
        assert!(contents.remove(&key(), marker.version.as_deref().unwrap()).marker);
        assert_eq!(contents.current("a").unwrap().id, first);
    }

    #[test]
    fn suspended_versioning_replaces_only_the_null_version() {
        let mut contents = Contents::default();
        put(&mut contents, Versioning::Enabled, 1);
        put(&mut contents, Versioning::Suspended, 2);
        assert_eq!(put(&mut contents, Versioning::Suspended, 3), "null");
        assert_eq!(contents.keys[&key()].len(), 2);
        assert_eq!(contents.delete(Versioning::Suspended, &key(), NOW).version.as_deref(), Some("null"));
        assert_eq!((contents.keys[&key()].len(), contents.current("a").is_some()), (2, false));
    }

    fn check(existing: Option<u8>, conditions: &WriteConditions, expected: Option<(u16, &str)>) {
        let mut contents = Contents::default();
        if let Some(tag) = existing {
            put(&mut contents, Versioning::Off, tag);
        }
        let result = contents.put(Versioning::Off, &key(), object(9), conditions, NOW);
        let error = result.err().map(|error| (error.error.status, error.error.code));
        assert_eq!(
            error.as_ref().map(|(status, code)| (*status, code.as_str())),
            expected,
            "{existing:?} {conditions:?}"
        );
    }

    #[test]
    fn a_write_happens_only_where_its_condition_holds() {
        let none = WriteConditions { if_none_match: true, if_match: None };
        let tagged = |tag| WriteConditions { if_none_match: false, if_match: Some(ETag::of_whole([tag; 16]).quoted()) };
        check(None, &none, None);
        check(Some(1), &none, Some((412, "PreconditionFailed")));
        check(Some(1), &tagged(1), None);
        check(Some(1), &tagged(2), Some((412, "PreconditionFailed")));
        check(None, &tagged(1), Some((404, "NoSuchKey")));
    }

    #[test]
    fn a_delete_marker_counts_as_absent() {
        let mut contents = Contents::default();
        put(&mut contents, Versioning::Enabled, 1);
        contents.delete(Versioning::Enabled, &key(), NOW);
        let none = WriteConditions { if_none_match: true, if_match: None };
        assert!(contents.put(Versioning::Enabled, &key(), object(2), &none, NOW).is_ok());
    }

    #[test]
    fn a_deletion_under_a_conditional_write_is_a_conflict() {
        let mut contents = Contents::default();
        let none = WriteConditions { if_none_match: true, if_match: None };
        let race = contents.racing.begin(&key());
        put(&mut contents, Versioning::Off, 1);
        contents.delete(Versioning::Off, &key(), NOW);
        let error = contents.end_race(Some(race), &key(), &none).unwrap_err();
        assert_eq!((error.error.status, error.error.code.as_str()), (409, "ConditionalRequestConflict"));
        assert!(contents.end_race(Some(race), &key(), &none).is_ok());
    }
}
