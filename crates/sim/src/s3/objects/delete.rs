//! `DeleteObject`, and deleting one key among many.
//!
//! What is not there is deleted without a word, unless a condition asks for it.

use crate::{
    rest::{RestError, RestReply},
    s3::{
        bucket::{Bucket, Deleted},
        errors::{no_such_key, precondition_failed},
        knobs::AbsentDelete,
        names::Key,
        work::Work,
    },
};

impl Work<'_> {
    pub(in crate::s3) fn delete_object(&self, bucket: &Bucket, key: &Key) -> Result<RestReply, RestError> {
        let deleted = self.delete(bucket, key, self.request.target.filled("versionId"), self.header("if-match"))?;
        let marker = deleted.marker.then_some("true");
        let reply = RestReply::empty(204).maybe("x-amz-delete-marker", marker);
        Ok(reply.maybe("x-amz-version-id", deleted.version))
    }

    /// Deletes a key or one version of it, if `if_match` holds of what is there.
    pub(super) fn delete(
        &self,
        bucket: &Bucket,
        key: &Key,
        version: Option<&str>,
        if_match: Option<&str>,
    ) -> Result<Deleted, RestError> {
        let now = self.now();
        let mut state = bucket.state();
        let versioning = state.versioning;
        let there = match version {
            Some(id) => state.contents.version(key.as_str(), id),
            None => state.contents.current(key.as_str()),
        };
        match (if_match, there.and_then(|version| version.object())) {
            (Some(_), None) => return Err(self.absent_conditional(key)),
            (Some(tags), Some(object)) if !object.etag.is_in(tags) => return Err(precondition_failed("If-Match")),
            (Some(_), Some(_)) | (None, _) => {}
        }
        Ok(match version {
            Some(id) => state.contents.remove(key, id),
            None => state.contents.delete(versioning, key, now),
        })
    }

    fn absent_conditional(&self, key: &Key) -> RestError {
        match self.storage.knobs.absent_conditional_delete {
            AbsentDelete::NotFound => no_such_key(key.as_str()),
            AbsentDelete::PreconditionFailed => precondition_failed("If-Match"),
        }
    }
}
