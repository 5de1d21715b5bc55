//! Performing a request: what is the same for all of them, and which operation does what.
//!
//! The operations themselves are beside this.

use std::sync::{Arc, atomic::Ordering};

use hyper::body::Incoming;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    body::{Claims, collect},
    bucket::Bucket,
    errors,
    knobs::WrongRegion,
    names::Key,
    object::Metadata,
    operation::Operation,
    policy::{Wish, judge},
    request::Request,
    storage::S3,
};
use crate::{
    rest::{RestError, RestReply},
    simulator::Shared,
    sts::is_account,
};

/// A request that is being performed.
#[derive(Clone, Copy)]
pub(super) struct Work<'a> {
    pub(super) request: &'a Request,
    pub(super) storage: &'a S3,
    shared: &'a Shared,
}

impl Request {
    /// Performs the request.
    pub(crate) async fn perform(&self, shared: &Shared, body: &mut Incoming) -> Result<RestReply, RestError> {
        let work = Work { request: self, storage: shared.storage(), shared };
        let done = work.perform(body).await;
        if done.is_ok() && self.operation.writes() {
            work.storage.is_dirty.store(true, Ordering::Relaxed);
        }
        done
    }
}

impl Work<'_> {
    async fn perform(&self, body: &mut Incoming) -> Result<RestReply, RestError> {
        let claims = Claims::read(&self.request.headers)?;
        match self.request.operation {
            Operation::ListBuckets => return self.list_buckets(),
            Operation::CreateBucket => return self.create_bucket(&collect(body, &claims).await?),
            _ => {}
        }
        let bucket = self.bucket()?;
        self.belongs_as_expected(&bucket, "x-amz-expected-bucket-owner")?;
        let key = self.request.key.as_ref();
        let place = (bucket.name.as_str(), key.map_or("", Key::as_str));
        self.storage.rates.admit(&self.storage.knobs, place, self.request.operation.writes(), self.now())?;
        if let Some(action) = self.request.operation.action(self.request.target.has("versionId")) {
            self.allowed(&bucket, action, key)?;
        }
        match key {
            None => self.perform_on_bucket(&bucket, body, &claims).await,
            Some(key) => self.perform_on_object(&bucket, key, body, &claims).await,
        }
    }

    async fn perform_on_bucket(
        &self,
        bucket: &Bucket,
        body: &mut Incoming,
        claims: &Claims,
    ) -> Result<RestReply, RestError> {
        match self.request.operation {
            Operation::DeleteBucket => self.delete_bucket(bucket),
            Operation::HeadBucket => Ok(RestReply::empty(200).header("x-amz-bucket-region", &bucket.region)),
            Operation::GetBucketLocation => Ok(Self::bucket_location(bucket)),
            Operation::GetBucketVersioning => Ok(Self::bucket_versioning(bucket)),
            Operation::PutBucketVersioning => Self::put_bucket_versioning(bucket, &collect(body, claims).await?),
            Operation::GetDocument(document) => Self::get_document(bucket, document),
            Operation::PutDocument(document) => Self::put_document(bucket, document, &collect(body, claims).await?),
            Operation::DeleteDocument(document) => Ok(Self::delete_document(bucket, document)),
            Operation::ListObjects => self.list_objects(bucket),
            Operation::ListObjectsV2 => self.list_objects_v2(bucket),
            Operation::ListObjectVersions => self.list_versions(bucket),
            Operation::ListMultipartUploads => self.list_uploads(bucket),
            Operation::DeleteObjects => self.delete_objects(bucket, claims, &collect(body, claims).await?),
            other => Err(errors::not_allowed(other.name())),
        }
    }

    async fn perform_on_object(
        &self,
        bucket: &Arc<Bucket>,
        key: &Key,
        body: &mut Incoming,
        claims: &Claims,
    ) -> Result<RestReply, RestError> {
        match self.request.operation {
            Operation::GetObject | Operation::HeadObject => self.get_object(bucket, key),
            Operation::PutObject => self.put_object(bucket, key, body, claims).await,
            Operation::CopyObject => self.copy_object(bucket, key).await,
            Operation::DeleteObject => self.delete_object(bucket, key),
            Operation::CreateMultipartUpload => self.create_upload(bucket, key),
            Operation::UploadPart => self.upload_part(bucket, key, body, claims).await,
            Operation::UploadPartCopy => self.copy_part(bucket, key).await,
            Operation::CompleteMultipartUpload => {
                let race = self.race(bucket, key)?;
                self.complete_upload(bucket, key, &collect(body, claims).await?, race)
            }
            Operation::AbortMultipartUpload => self.abort_upload(bucket, key),
            Operation::ListParts => self.list_parts(bucket, key),
            other => Err(errors::not_allowed(other.name())),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.shared.now()
    }

    /// The bucket, if it is in the region that was asked.
    fn bucket(&self) -> Result<Arc<Bucket>, RestError> {
        let bucket = self.storage.bucket(&self.request.bucket)?;
        let asked = self.request.caller.region.as_str();
        let is_here = self.request.is_anonymous
            || asked == bucket.region
            // An address that was signed in the older way names no region.
            || asked.is_empty()
            || self.request.operation == Operation::GetBucketLocation;
        match self.storage.knobs.wrong_region {
            _ if is_here => Ok(bucket),
            WrongRegion::Serve => Ok(bucket),
            WrongRegion::Malformed => Err(malformed(asked, &bucket)),
            // A client cannot read the body of an answer to HEAD: there it is sent elsewhere by a header.
            WrongRegion::AsAws if asked == "us-east-1" && self.request.method != hyper::Method::HEAD => {
                Err(malformed(asked, &bucket))
            }
            WrongRegion::AsAws | WrongRegion::Redirect => Err(redirect(&bucket)),
        }
    }

    /// Refuses what names another account as the bucket's owner than its own, as whatever is not allowed.
    pub(super) fn belongs_as_expected(&self, bucket: &Bucket, header: &str) -> Result<(), RestError> {
        match self.header(header) {
            Some(owner) if !is_account(owner) => Err(errors::invalid_owner(owner)),
            Some(owner) if owner != bucket.account => Err(errors::access_denied("Access Denied")),
            Some(_) | None => Ok(()),
        }
    }

    /// Refuses what the caller may not do.
    pub(super) fn allowed(&self, bucket: &Bucket, action: &str, key: Option<&Key>) -> Result<(), RestError> {
        let caller = (!self.request.is_anonymous).then_some(&self.request.caller);
        judge(&Wish { caller, action, key: key.map(Key::as_str) }, bucket, &self.storage.knobs.denials)
    }

    /// Who may not list a bucket is not told that a key is absent.
    pub(super) fn absent(&self, bucket: &Bucket, error: RestError) -> RestError {
        self.allowed(bucket, "s3:ListBucket", None).err().unwrap_or(error)
    }

    /// The value of a header, if it is there and legible.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.request.header(name)
    }
}

fn malformed(asked: &str, bucket: &Bucket) -> RestError {
    let region = bucket.region.as_str();
    let message = format!("The authorization header is malformed; the region '{asked}' is wrong; expecting '{region}'");
    RestError::client("AuthorizationHeaderMalformed", message)
        .with("Region", region)
        .with_header("x-amz-bucket-region", region)
}

fn redirect(bucket: &Bucket) -> RestError {
    let message = "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.";
    let (name, region) = (bucket.name.as_str(), bucket.region.as_str());
    RestError::new(301, "PermanentRedirect", message)
        .with("Endpoint", format!("{name}.s3.{region}.amazonaws.com"))
        .with("Bucket", name)
        .with_header("x-amz-bucket-region", region)
}

/// Lets somebody else write to the bucket of a request, or delete from it.
pub(crate) fn interfere(shared: &Shared, request: &Request, operation: &str, input: &Map<String, Value>) {
    let text = |name: &str| input.get(name).and_then(Value::as_str);
    let bucket = text("Bucket").unwrap_or(&request.bucket);
    let own = request.key.as_ref().map_or("", Key::as_str);
    let (Ok(bucket), Ok(key)) = (shared.storage().bucket(bucket), Key::read(text("Key").unwrap_or(own))) else {
        return;
    };
    let now = shared.now();
    match operation {
        "PutObject" => {
            let body = (text("Body").unwrap_or_default().as_bytes(), Metadata::default());
            // What the disk does not take is not there: the call that is struck is none the worse for it.
            let _put = shared.storage().put_bytes(&bucket, &key, body, now);
        }
        "DeleteObject" => {
            let mut state = bucket.state();
            let versioning = state.versioning;
            state.contents.delete(versioning, &key, now);
        }
        _ => {}
    }
    shared.storage().is_dirty.store(true, Ordering::Relaxed);
}
