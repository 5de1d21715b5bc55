//! The checksum algorithms, and whether one is over an object or over its parts' checksums.
//!
//! SHA-512, MD5 and the xxHash family, which AWS added later, are refused.

use serde::{Deserialize, Serialize};

use crate::rest::RestError;

use super::crc::Crc;

/// A checksum algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    pub(in crate::s3) const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// As requests name it.
    pub(in crate::s3) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// The header that carries it.
    pub(in crate::s3) fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// The element that carries it.
    pub(in crate::s3) fn element(self) -> &'static str {
        match self {
            Self::Crc32 => "ChecksumCRC32",
            Self::Crc32c => "ChecksumCRC32C",
            Self::Crc64Nvme => "ChecksumCRC64NVME",
            Self::Sha1 => "ChecksumSHA1",
            Self::Sha256 => "ChecksumSHA256",
        }
    }

    /// How many bytes it has.
    pub(in crate::s3) fn length(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    pub(in crate::s3) fn read(name: &str) -> Result<Self, RestError> {
        let found = Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name));
        found.ok_or_else(|| {
            RestError::client("InvalidRequest", "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
        })
    }

    pub(in crate::s3) fn by_header(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.header().eq_ignore_ascii_case(name))
    }

    pub(super) fn crc(self) -> Option<Crc> {
        match self {
            Self::Crc32 => Some(Crc::IsoHdlc),
            Self::Crc32c => Some(Crc::Iscsi),
            Self::Crc64Nvme => Some(Crc::Nvme),
            Self::Sha1 | Self::Sha256 => None,
        }
    }
}

/// What a checksum of several parts is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ChecksumType {
    /// The whole object.
    FullObject,
    /// The checksums of its parts.
    Composite,
}

impl ChecksumType {
    pub(in crate::s3) fn name(self) -> &'static str {
        match self {
            Self::FullObject => "FULL_OBJECT",
            Self::Composite => "COMPOSITE",
        }
    }

    /// The type that was asked for, or the usual one, if the algorithm has it.
    pub(in crate::s3) fn read(asked: Option<&str>, algorithm: Algorithm) -> Result<Self, RestError> {
        let chosen = match (asked, algorithm) {
            (Some("FULL_OBJECT"), _) | (None, Algorithm::Crc64Nvme) => Self::FullObject,
            (Some("COMPOSITE") | None, _) => Self::Composite,
            (Some(_), _) => {
                return Err(RestError::client("InvalidRequest", "Value for x-amz-checksum-type header is invalid."));
            }
        };
        let is_possible = match chosen {
            Self::FullObject => algorithm.crc().is_some(),
            Self::Composite => algorithm != Algorithm::Crc64Nvme,
        };
        if is_possible {
            return Ok(chosen);
        }
        let (kind, algorithm) = (chosen.name(), algorithm.name().to_lowercase());
        let message = format!("The {kind} checksum type cannot be used with the {algorithm} checksum algorithm.");
        Err(RestError::client("InvalidRequest", message))
    }
}
