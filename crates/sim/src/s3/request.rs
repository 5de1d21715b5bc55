//! A request to S3: what it wants of which bucket and key, and who asks.
//!
//! Whether it may is judged when it is performed.

use hyper::{HeaderMap, Method, http::request::Parts};
use serde_json::{Map, Value};

use super::{address::Address, names::Key, operation::Operation};
use crate::{
    rest::{Call, RestError, Signed, Target},
    sts::Caller,
};

/// A request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(super) operation: Operation,
    pub(super) method: Method,
    pub(super) bucket: String,
    pub(super) key: Option<Key>,
    pub(super) target: Target,
    pub(super) headers: HeaderMap,
    pub(super) caller: Caller,
    /// Whether nobody signed it.
    pub(super) is_anonymous: bool,
    access_key: String,
}

impl Request {
    /// Reads a request by `caller`, or says why it is none.
    pub(crate) fn read(
        parts: &Parts,
        target: Target,
        signed: Option<&Signed>,
        caller: Caller,
    ) -> Result<Self, RestError> {
        let Address { bucket, key } = Address::read(&parts.uri, &parts.headers, &target);
        let (has_bucket, has_key) = (!bucket.is_empty(), !key.is_empty());
        let operation = Operation::of(&parts.method, has_bucket, has_key, &target, &parts.headers);
        let operation = operation.map_err(|part| unknown(&part))?;
        Ok(Self {
            operation,
            method: parts.method.clone(),
            key: has_key.then(|| Key::read(&key)).transpose()?,
            bucket,
            headers: parts.headers.clone(),
            target,
            caller,
            is_anonymous: signed.is_none(),
            access_key: signed.map(|signed| signed.access_key.clone()).unwrap_or_default(),
        })
    }

    /// What the log says of it.
    pub(crate) fn call(&self) -> Call<'_> {
        Call {
            service: "s3",
            operation: self.operation.name(),
            caller: &self.caller,
            access_key: &self.access_key,
            input: self.input(),
            invocation_id: self.header("amz-sdk-invocation-id").map(str::to_owned),
        }
    }

    fn input(&self) -> Value {
        let mut input = Map::new();
        let mut note = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                input.insert(name.to_owned(), Value::from(value));
            }
        };
        note("Bucket", Some(self.bucket.as_str()).filter(|bucket| !bucket.is_empty()));
        note("Key", self.key.as_ref().map(Key::as_str));
        note("Prefix", self.target.filled("prefix"));
        note("VersionId", self.target.filled("versionId"));
        note("UploadId", self.target.filled("uploadId"));
        note("PartNumber", self.target.filled("partNumber"));
        note("ContentType", self.header("content-type"));
        note("CacheControl", self.header("cache-control"));
        note("CopySource", self.header("x-amz-copy-source"));
        note("ExpectedBucketOwner", self.header("x-amz-expected-bucket-owner"));
        note("ExpectedSourceBucketOwner", self.header("x-amz-source-expected-bucket-owner"));
        note("IfMatch", self.header("if-match"));
        note("IfNoneMatch", self.header("if-none-match"));
        input.into()
    }

    /// The value of a header, if it is there and legible.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

fn unknown(part: &str) -> RestError {
    let message = format!("The simulator does not know this operation of S3: {part}");
    RestError::new(501, "NotImplemented", message)
}
