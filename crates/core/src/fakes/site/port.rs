//! The port [`Bucket`] of the buckets in memory. The objects of a wave are written in reverse: any order is allowed.

use std::collections::BTreeSet;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;

use crate::{
    fakes::mishap::locked,
    identifier::Sha256,
    ports::{
        Bucket, BucketError, Carried, Copy, Deleted, ETag, Examined, Failure, FileBytes, FileError, Listed,
        MarkerState, Missed, Progress, PutMarker, SiteFiles, StoredMarker, Upload, UploadSource, Waved,
    },
    site::{Content, Headers, Home, OWN_FOLDER, SiteObject, SitePath},
};

use super::bucket::{FakeBuckets, Stop, denied};

#[async_trait]
impl Bucket for FakeBuckets {
    async fn marker(&self, home: &Home) -> Result<Option<StoredMarker>, BucketError> {
        let key = home.key(&SiteObject::Marker);
        let mut state = locked(&self.0);
        state.require("GET", &home.bucket, &key)?;
        let found = state.objects.get(&(home.bucket.clone(), key));
        Ok(found.map(|object| StoredMarker { bytes: object.bytes.clone(), etag: object.etag.clone() }))
    }

    async fn put_marker(&self, home: &Home, marker: &PutMarker) -> Result<ETag, BucketError> {
        let key = home.key(&SiteObject::Marker);
        self.meet("s3:PutObject").await?;
        let mut state = locked(&self.0);
        state.require("PUT", &home.bucket, &key)?;
        let place = (home.bucket.clone(), key);
        let found = state.objects.get(&place).map(|object| &object.etag);
        let is_expected = match (&marker.expected, found) {
            (MarkerState::Absent, None) => true,
            (MarkerState::Is(expected), Some(found)) => expected == found,
            (MarkerState::Absent, Some(_)) | (MarkerState::Is(_), None) => false,
        };
        if !is_expected {
            return Err(BucketError::MarkerChanged(home.clone()));
        }
        Ok(state.write(place, marker.bytes.clone(), None))
    }

    async fn upload(&self, home: &Home, wave: &[Upload], files: &dyn SiteFiles, progress: &dyn Progress) -> Waved {
        let mut carried = Carried::default();
        for (done, upload) in wave.iter().rev().enumerate() {
            let sent = async {
                let bytes = source(&upload.source, &upload.content, files).await?;
                self.put_object(home, &upload.to, bytes, &upload.content, &upload.headers).await
            };
            missed(sent.await, &upload.to, wave.len() - done - 1, carried)?;
            progress.sent(upload.content.size);
            progress.finished(&upload.to);
            carried = plus(carried, upload.content.size);
        }
        Ok(carried)
    }

    async fn copy(&self, home: &Home, wave: &[Copy], progress: &dyn Progress) -> Waved {
        let mut carried = Carried::default();
        for (done, copy) in wave.iter().rev().enumerate() {
            let copied = async {
                let found = self.bytes(&copy.home, &copy.from);
                let missing = || BucketError::NoObject { home: copy.home.clone(), object: copy.from.clone() };
                self.put_object(home, &copy.to, found.ok_or_else(missing)?, &copy.content, &copy.headers).await
            };
            missed(copied.await, &copy.to, wave.len() - done - 1, carried)?;
            progress.finished(&copy.to);
            carried = plus(carried, copy.content.size);
        }
        Ok(carried)
    }

    async fn delete(&self, home: &Home, objects: &[SiteObject]) -> Result<Deleted, BucketError> {
        self.meet("s3:DeleteObject").await?;
        let mut state = locked(&self.0);
        state.require("DELETE", &home.bucket, &objects.len().to_string())?;
        for object in objects {
            state.objects.remove(&(home.bucket.clone(), home.key(object)));
            state.show();
        }
        Ok(Deleted { gone: objects.to_vec(), failed: Vec::new() })
    }

    async fn list(&self, home: &Home) -> Result<Vec<Listed>, BucketError> {
        let mut state = locked(&self.0);
        state.require("LIST", &home.bucket, home.prefix.as_str())?;
        let listed = state.objects.iter().filter_map(|((bucket, key), object)| {
            let key = key.strip_prefix(home.prefix.as_str()).filter(|_| *bucket == home.bucket)?;
            let is_own = key.strip_prefix(OWN_FOLDER).is_some_and(|rest| rest.starts_with('/'));
            let (size, etag) = (object.bytes.len() as u64, object.etag.clone());
            (!is_own).then(|| Listed { key: key.to_owned(), size, etag })
        });
        Ok(listed.collect())
    }

    async fn kept(&self, home: &Home) -> Result<BTreeSet<Sha256>, BucketError> {
        let folder = home.key_of_kept();
        let mut state = locked(&self.0);
        state.require("LIST", &home.bucket, &folder)?;
        let names = state.objects.keys().filter(|(bucket, _)| *bucket == home.bucket);
        Ok(names.filter_map(|(_, key)| key.strip_prefix(&folder)?.parse().ok()).collect())
    }

    async fn examine(&self, home: &Home, paths: &[SitePath]) -> Result<Vec<Examined>, BucketError> {
        let mut state = locked(&self.0);
        let mut examined = Vec::new();
        for path in paths {
            let key = home.key(&SiteObject::File(path.clone()));
            state.require("HEAD", &home.bucket, &key)?;
            let Some(object) = state.objects.get(&(home.bucket.clone(), key)) else {
                continue;
            };
            let content = Content::of(&object.bytes);
            // Only who writes with headers, as this port does, has S3 compute a checksum.
            let sha256 = object.headers.is_some().then_some(content.sha256);
            examined.push(Examined { path: path.clone(), size: content.size, sha256, headers: object.headers.clone() });
        }
        Ok(examined)
    }
}

impl FakeBuckets {
    /// One write is about to be carried out.
    async fn meet(&self, operation: &str) -> Result<(), BucketError> {
        let stop = locked(&self.0).admit();
        match stop {
            None => Ok(()),
            Some(Stop::Denied) => Err(denied(operation)),
            Some(Stop::Killed) => {
                locked(&self.0).is_killed = true;
                std::future::pending().await
            }
        }
    }

    async fn put_object(
        &self,
        home: &Home,
        object: &SiteObject,
        bytes: Bytes,
        content: &Content,
        headers: &Headers,
    ) -> Result<(), BucketError> {
        if Content::of(&bytes) != *content {
            return Err(BucketError::Corrupted { object: object.clone() });
        }
        self.meet("s3:PutObject").await?;
        let key = home.key(object);
        let mut state = locked(&self.0);
        state.require("PUT", &home.bucket, &key)?;
        state.write((home.bucket.clone(), key), bytes, Some(headers.clone()));
        Ok(())
    }
}

fn plus(carried: Carried, size: u64) -> Carried {
    Carried { objects: carried.objects + 1, bytes: carried.bytes + size, requests: carried.requests + 1 }
}

fn missed(
    result: Result<(), BucketError>,
    object: &SiteObject,
    not_begun: usize,
    carried: Carried,
) -> Result<(), Missed> {
    result.map_err(|error| Missed { failures: vec![Failure { object: object.clone(), error }], not_begun, carried })
}

async fn source(source: &UploadSource, content: &Content, files: &dyn SiteFiles) -> Result<Bytes, FileError> {
    match source {
        UploadSource::Bytes(bytes) => Ok(bytes.clone()),
        UploadSource::File(path) => match files.read(path, content).await? {
            FileBytes::Whole(bytes) => Ok(bytes),
            FileBytes::Pieces(mut pieces) => {
                let mut whole = BytesMut::new();
                while let Some(piece) = pieces.next().await {
                    whole.extend_from_slice(&piece?);
                }
                Ok(whole.freeze())
            }
        },
    }
}
