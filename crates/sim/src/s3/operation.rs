//! Which operation a request is, as its method, its path and its query tell.
//!
//! What S3 has and is not here is refused by name.

use hyper::{HeaderMap, Method};

use super::bucket::Document;
use crate::rest::Target;

/// An operation of S3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    ListBuckets,
    CreateBucket,
    DeleteBucket,
    HeadBucket,
    GetBucketLocation,
    GetBucketVersioning,
    PutBucketVersioning,
    GetDocument(Document),
    PutDocument(Document),
    DeleteDocument(Document),
    ListObjects,
    ListObjectsV2,
    ListObjectVersions,
    ListMultipartUploads,
    DeleteObjects,
    GetObject,
    HeadObject,
    PutObject,
    CopyObject,
    DeleteObject,
    CreateMultipartUpload,
    UploadPart,
    UploadPartCopy,
    CompleteMultipartUpload,
    AbortMultipartUpload,
    ListParts,
}

/// What names something of a bucket or an object that is not simulated.
const UNKNOWN: [&str; 24] = [
    "acl",
    "accelerate",
    "analytics",
    "attributes",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "logging",
    "metrics",
    "metadataConfiguration",
    "metadataTable",
    "notification",
    "object-lock",
    "policyStatus",
    "renameObject",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "session",
    "torrent",
    "abac",
    "annotation",
];

impl Operation {
    /// The operation, or the part of S3 that is not here.
    pub(super) fn of(
        method: &Method,
        bucket: bool,
        key: bool,
        target: &Target,
        headers: &HeaderMap,
    ) -> Result<Self, String> {
        if let Some(unknown) = UNKNOWN.iter().find(|name| target.has(name)) {
            return Err(format!("?{unknown}"));
        }
        let found = match (bucket, key) {
            (false, _) => (method == Method::GET).then_some(Self::ListBuckets),
            (true, false) => Self::of_bucket(method, target),
            (true, true) => Self::of_object(method, target, headers),
        };
        found.ok_or_else(|| method.to_string())
    }

    fn of_bucket(method: &Method, target: &Target) -> Option<Self> {
        if let Some(document) = Document::ALL.into_iter().find(|document| target.has(document.parameter())) {
            return match method.as_str() {
                "GET" => Some(Self::GetDocument(document)),
                "PUT" => Some(Self::PutDocument(document)),
                "DELETE" => Some(Self::DeleteDocument(document)),
                _ => None,
            };
        }
        match method.as_str() {
            "GET" if target.has("location") => Some(Self::GetBucketLocation),
            "GET" if target.has("versioning") => Some(Self::GetBucketVersioning),
            "PUT" if target.has("versioning") => Some(Self::PutBucketVersioning),
            "GET" if target.has("versions") => Some(Self::ListObjectVersions),
            "GET" if target.has("uploads") => Some(Self::ListMultipartUploads),
            "GET" if target.parameter("list-type") == Some("2") => Some(Self::ListObjectsV2),
            "GET" => Some(Self::ListObjects),
            "HEAD" => Some(Self::HeadBucket),
            "PUT" => Some(Self::CreateBucket),
            "DELETE" => Some(Self::DeleteBucket),
            "POST" if target.has("delete") => Some(Self::DeleteObjects),
            _ => None,
        }
    }

    fn of_object(method: &Method, target: &Target, headers: &HeaderMap) -> Option<Self> {
        if target.has("tagging") {
            return None;
        }
        let (is_part, copies) = (target.has("uploadId"), headers.contains_key("x-amz-copy-source"));
        match method.as_str() {
            "GET" if is_part => Some(Self::ListParts),
            "GET" => Some(Self::GetObject),
            "HEAD" => Some(Self::HeadObject),
            "PUT" if is_part && copies => Some(Self::UploadPartCopy),
            "PUT" if is_part => Some(Self::UploadPart),
            "PUT" if copies => Some(Self::CopyObject),
            "PUT" => Some(Self::PutObject),
            "POST" if target.has("uploads") => Some(Self::CreateMultipartUpload),
            "POST" if is_part => Some(Self::CompleteMultipartUpload),
            "DELETE" if is_part => Some(Self::AbortMultipartUpload),
            "DELETE" => Some(Self::DeleteObject),
            _ => None,
        }
    }

    /// Its name in the log of calls, and for faults.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ListBuckets => "ListBuckets",
            Self::CreateBucket => "CreateBucket",
            Self::DeleteBucket => "DeleteBucket",
            Self::HeadBucket => "HeadBucket",
            Self::GetBucketLocation => "GetBucketLocation",
            Self::GetBucketVersioning => "GetBucketVersioning",
            Self::PutBucketVersioning => "PutBucketVersioning",
            Self::GetDocument(document) => document.operations()[0],
            Self::PutDocument(document) => document.operations()[1],
            Self::DeleteDocument(document) => document.operations()[2],
            Self::ListObjects => "ListObjects",
            Self::ListObjectsV2 => "ListObjectsV2",
            Self::ListObjectVersions => "ListObjectVersions",
            Self::ListMultipartUploads => "ListMultipartUploads",
            Self::DeleteObjects => "DeleteObjects",
            Self::GetObject => "GetObject",
            Self::HeadObject => "HeadObject",
            Self::PutObject => "PutObject",
            Self::CopyObject => "CopyObject",
            Self::DeleteObject => "DeleteObject",
            Self::CreateMultipartUpload => "CreateMultipartUpload",
            Self::UploadPart => "UploadPart",
            Self::UploadPartCopy => "UploadPartCopy",
            Self::CompleteMultipartUpload => "CompleteMultipartUpload",
            Self::AbortMultipartUpload => "AbortMultipartUpload",
            Self::ListParts => "ListParts",
        }
    }

    /// What a policy calls being allowed to do it; `None` where each key is asked for by itself, or nobody is asked.
    pub(super) fn action(self, has_version: bool) -> Option<&'static str> {
        match self {
            Self::DeleteObjects => None,
            Self::ListBuckets => Some("s3:ListAllMyBuckets"),
            Self::CreateBucket => Some("s3:CreateBucket"),
            Self::DeleteBucket => Some("s3:DeleteBucket"),
            Self::HeadBucket | Self::ListObjects | Self::ListObjectsV2 => Some("s3:ListBucket"),
            Self::GetBucketLocation => Some("s3:GetBucketLocation"),
            Self::GetBucketVersioning => Some("s3:GetBucketVersioning"),
            Self::PutBucketVersioning => Some("s3:PutBucketVersioning"),
            Self::GetDocument(document) => Some(document.actions()[0]),
            Self::PutDocument(document) => Some(document.actions()[1]),
            Self::DeleteDocument(document) => Some(document.actions()[2]),
            Self::ListObjectVersions => Some("s3:ListBucketVersions"),
            Self::ListMultipartUploads => Some("s3:ListBucketMultipartUploads"),
            Self::GetObject | Self::HeadObject if has_version => Some("s3:GetObjectVersion"),
            Self::GetObject | Self::HeadObject => Some("s3:GetObject"),
            Self::PutObject
            | Self::CopyObject
            | Self::CreateMultipartUpload
            | Self::UploadPart
            | Self::UploadPartCopy
            | Self::CompleteMultipartUpload => Some("s3:PutObject"),
            Self::DeleteObject if has_version => Some("s3:DeleteObjectVersion"),
            Self::DeleteObject => Some("s3:DeleteObject"),
            Self::AbortMultipartUpload => Some("s3:AbortMultipartUpload"),
            Self::ListParts => Some("s3:ListMultipartUploadParts"),
        }
    }

    /// Whether it changes something.
    pub(super) fn writes(self) -> bool {
        match self {
            Self::CreateBucket
            | Self::DeleteBucket
            | Self::PutBucketVersioning
            | Self::PutDocument(_)
            | Self::DeleteDocument(_)
            | Self::DeleteObjects
            | Self::PutObject
            | Self::CopyObject
            | Self::DeleteObject
            | Self::CreateMultipartUpload
            | Self::UploadPart
            | Self::UploadPartCopy
            | Self::CompleteMultipartUpload
            | Self::AbortMultipartUpload => true,
            Self::ListBuckets
            | Self::HeadBucket
            | Self::GetBucketLocation
            | Self::GetBucketVersioning
            | Self::GetDocument(_)
            | Self::ListObjects
            | Self::ListObjectsV2
            | Self::ListObjectVersions
            | Self::ListMultipartUploads
            | Self::GetObject
            | Self::HeadObject
            | Self::ListParts => false,
        }
    }
}
