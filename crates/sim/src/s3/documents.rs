//! The configurations of a bucket that are kept as they were sent.
//!
//! Nothing of them does anything, but for the policy.

use super::bucket::Document;

impl Document {
    pub(super) const ALL: [Self; 8] = [
        Self::Policy,
        Self::Website,
        Self::Lifecycle,
        Self::Cors,
        Self::Encryption,
        Self::Tagging,
        Self::PublicAccessBlock,
        Self::OwnershipControls,
    ];

    /// The parameter that names it.
    pub(super) fn parameter(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Website => "website",
            Self::Lifecycle => "lifecycle",
            Self::Cors => "cors",
            Self::Encryption => "encryption",
            Self::Tagging => "tagging",
            Self::PublicAccessBlock => "publicAccessBlock",
            Self::OwnershipControls => "ownershipControls",
        }
    }

    /// The operations that read, write and remove it.
    pub(super) fn operations(self) -> [&'static str; 3] {
        match self {
            Self::Policy => ["GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"],
            Self::Website => ["GetBucketWebsite", "PutBucketWebsite", "DeleteBucketWebsite"],
            Self::Lifecycle => {
                ["GetBucketLifecycleConfiguration", "PutBucketLifecycleConfiguration", "DeleteBucketLifecycle"]
            }
            Self::Cors => ["GetBucketCors", "PutBucketCors", "DeleteBucketCors"],
            Self::Encryption => ["GetBucketEncryption", "PutBucketEncryption", "DeleteBucketEncryption"],
            Self::Tagging => ["GetBucketTagging", "PutBucketTagging", "DeleteBucketTagging"],
            Self::PublicAccessBlock => ["GetPublicAccessBlock", "PutPublicAccessBlock", "DeletePublicAccessBlock"],
            Self::OwnershipControls => {
                ["GetBucketOwnershipControls", "PutBucketOwnershipControls", "DeleteBucketOwnershipControls"]
            }
        }
    }

    /// What a policy calls being allowed to.
    pub(super) fn actions(self) -> [&'static str; 3] {
        match self {
            Self::Policy => ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"],
            Self::Website => ["s3:GetBucketWebsite", "s3:PutBucketWebsite", "s3:DeleteBucketWebsite"],
            Self::Lifecycle => {
                ["s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration", "s3:PutLifecycleConfiguration"]
            }
            Self::Cors => ["s3:GetBucketCORS", "s3:PutBucketCORS", "s3:PutBucketCORS"],
            Self::Encryption => {
                ["s3:GetEncryptionConfiguration", "s3:PutEncryptionConfiguration", "s3:PutEncryptionConfiguration"]
            }
            Self::Tagging => ["s3:GetBucketTagging", "s3:PutBucketTagging", "s3:PutBucketTagging"],
            Self::PublicAccessBlock => {
                ["s3:GetBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock"]
            }
            Self::OwnershipControls => {
                ["s3:GetBucketOwnershipControls", "s3:PutBucketOwnershipControls", "s3:PutBucketOwnershipControls"]
            }
        }
    }

    /// The error where there is none: its code and its message.
    pub(super) fn absent(self) -> (&'static str, &'static str) {
        match self {
            Self::Policy => ("NoSuchBucketPolicy", "The bucket policy does not exist"),
            Self::Website => {
                ("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration")
            }
            Self::Lifecycle => ("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
            Self::Cors => ("NoSuchCORSConfiguration", "The CORS configuration does not exist"),
            Self::Encryption => (
                "ServerSideEncryptionConfigurationNotFoundError",
                "The server side encryption configuration was not found",
            ),
            Self::Tagging => ("NoSuchTagSet", "The TagSet does not exist"),
            Self::PublicAccessBlock => {
                ("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found")
            }
            Self::OwnershipControls => {
                ("OwnershipControlsNotFoundError", "The bucket ownership controls were not found")
            }
        }
    }

    /// The root of its XML; the policy is JSON.
    pub(super) fn root(self) -> Option<&'static str> {
        match self {
            Self::Policy => None,
            Self::Website => Some("WebsiteConfiguration"),
            Self::Lifecycle => Some("LifecycleConfiguration"),
            Self::Cors => Some("CORSConfiguration"),
            Self::Encryption => Some("ServerSideEncryptionConfiguration"),
            Self::Tagging => Some("Tagging"),
            Self::PublicAccessBlock => Some("PublicAccessBlockConfiguration"),
            Self::OwnershipControls => Some("OwnershipControls"),
        }
    }
}
