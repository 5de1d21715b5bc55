//! The source of a copy: which version of which key, whether the caller may read it, and whether its conditions hold.
//!
//! A source in another region is copied too, as AWS does.

use std::sync::Arc;

use crate::{
    rest::{RestError, decoded},
    s3::{
        bucket::{Bucket, ReadConditions},
        errors,
        names::Key,
        object::{Object, Version},
        work::Work,
    },
};

/// What is copied.
pub(in crate::s3) struct Source {
    pub(in crate::s3) bucket: Arc<Bucket>,
    pub(in crate::s3) key: Key,
    pub(in crate::s3) version: Arc<Version>,
    /// Whether versions are kept there.
    pub(in crate::s3) is_versioned: bool,
}

impl Source {
    /// The object, which was seen to be there.
    pub(in crate::s3) fn object(&self) -> Result<&Object, RestError> {
        self.version.object().ok_or_else(|| errors::no_such_key(self.key.as_str()))
    }
}

impl Work<'_> {
    pub(in crate::s3) fn source(&self) -> Result<Source, RestError> {
        let header = self.header("x-amz-copy-source").unwrap_or_default();
        let (bucket, key, id) = read(header).ok_or_else(|| {
            let message = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey";
            errors::invalid_argument("x-amz-copy-source", header, message)
        })?;
        let (bucket, key) = (self.storage.bucket(&bucket)?, Key::read(&key)?);
        self.belongs_as_expected(&bucket, "x-amz-source-expected-bucket-owner")?;
        let action = if id.is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
        self.allowed(&bucket, action, Some(&key))?;
        let (version, versioning) = self.find(&bucket, &key, id.as_deref())?;
        let source = Source { bucket, key, version, is_versioned: versioning != crate::s3::bucket::Versioning::Off };
        let Some(object) = source.version.object() else {
            return Err(errors::invalid_request(
                "The source of a copy request may not specifically refer to a delete marker by version id.",
            ));
        };
        let conditions = ReadConditions::read(&self.request.headers, "x-amz-copy-source-");
        match conditions.failed(&source.version, &object.etag) {
            Some(condition) => Err(errors::precondition_failed(&format!("x-amz-copy-source-{condition}"))),
            None => Ok(source),
        }
    }
}

/// Bucket, key and version of `/bucket/key?versionId=id`, in which the key is encoded.
fn read(header: &str) -> Option<(String, String, Option<String>)> {
    let (path, id) = match header.split_once("?versionId=") {
        Some((path, id)) => (path, Some(id.to_owned())),
        None => (header, None),
    };
    let path = decoded(path);
    let (bucket, key) = path.strip_prefix('/').unwrap_or(&path).split_once('/')?;
    (!bucket.is_empty() && !key.is_empty()).then(|| (bucket.to_owned(), key.to_owned(), id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_bucket_and_a_key() {
        let of = |bucket: &str, key: &str, id: Option<&str>| {
            Some((bucket.to_owned(), key.to_owned(), id.map(str::to_owned)))
        };
        assert_eq!(read("/b/a%20b/c"), of("b", "a b/c", None));
        assert_eq!(read("b/c?versionId=7"), of("b", "c", Some("7")));
        assert_eq!(read("b%2Fc"), of("b", "c", None));
        assert_eq!(read("b"), None);
        assert_eq!(read("b/"), None);
    }
}
