//! What a request claims about its body: length, framing, hashes.
//!
//! A claim that does not hold is told as S3 tells it.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hyper::HeaderMap;

use crate::{
    rest::RestError,
    s3::{
        checksums::{Algorithm, Sums, base64, hexadecimal},
        errors::{incomplete_body, invalid_request},
    },
};

/// What is claimed about a body.
#[derive(Debug, Clone, Default)]
pub(in crate::s3) struct Claims {
    /// How many bytes of content there are.
    pub(in crate::s3) length: Option<u64>,
    /// Whether it comes in chunks.
    pub(super) is_chunked: bool,
    md5: Option<String>,
    /// The SHA-256 that is signed, in hexadecimal.
    payload: Option<String>,
    checksum: Option<(Algorithm, String)>,
    /// The checksum that comes after the body.
    trailer: Option<Algorithm>,
    /// The algorithm that is named without a value.
    named: Option<Algorithm>,
}

impl Claims {
    pub(in crate::s3) fn read(headers: &HeaderMap) -> Result<Self, RestError> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let payload = text("x-amz-content-sha256").unwrap_or_default();
        let is_chunked = payload.starts_with("STREAMING-")
            || text("content-encoding")
                .is_some_and(|codings| codings.split(',').any(|coding| coding.trim() == "aws-chunked"));
        let length = if is_chunked { text("x-amz-decoded-content-length") } else { text("content-length") };
        let trailer = text("x-amz-trailer").map(|name| {
            Algorithm::by_header(name.trim())
                .ok_or_else(|| invalid_request("The value specified in the x-amz-trailer header is not supported"))
        });
        let is_hash = payload.len() == 64 && payload.bytes().all(|byte| byte.is_ascii_hexdigit());
        Ok(Self {
            length: length.and_then(|length| length.parse().ok()),
            is_chunked,
            md5: text("content-md5").map(digest_of_16).transpose()?,
            payload: is_hash.then(|| payload.to_lowercase()),
            checksum: checksum(headers)?,
            trailer: trailer.transpose()?,
            named: text("x-amz-sdk-checksum-algorithm").map(Algorithm::read).transpose()?,
        })
    }

    /// The algorithm that the client chose, however it says so.
    pub(in crate::s3) fn algorithm(&self) -> Option<Algorithm> {
        let given = self.checksum.as_ref().map(|(algorithm, _)| *algorithm);
        given.or(self.trailer).or(self.named)
    }

    /// Whether there is something that protects the body, as bulk deletions need it.
    pub(in crate::s3) fn protects(&self) -> bool {
        self.md5.is_some() || self.checksum.is_some() || self.trailer.is_some()
    }

    /// What has to be computed to judge them.
    pub(in crate::s3) fn algorithms(&self) -> impl Iterator<Item = Algorithm> {
        let payload = self.payload.as_ref().map(|_| Algorithm::Sha256);
        self.algorithm().into_iter().chain(payload)
    }

    /// Judges them of what came.
    pub(in crate::s3) fn judge(&self, sums: &Sums, trailers: &[(String, String)]) -> Result<(), RestError> {
        if self.length.is_some_and(|length| length != sums.length) {
            return Err(incomplete_body());
        }
        if self.md5.as_ref().is_some_and(|md5| *md5 != base64(sums.md5)) {
            return Err(RestError::client(
                "BadDigest",
                "The Content-MD5 you specified did not match what we received.",
            )
            .with("ExpectedDigest", self.md5.clone().unwrap_or_default())
            .with("CalculatedDigest", base64(sums.md5)));
        }
        self.judge_payload(sums)?;
        self.judge_checksum(sums, trailers)
    }

    fn judge_payload(&self, sums: &Sums) -> Result<(), RestError> {
        let computed = sums.get(Algorithm::Sha256).map(hexadecimal).unwrap_or_default();
        match &self.payload {
            Some(claimed) if *claimed != computed => {
                let message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
                Err(RestError::client("XAmzContentSHA256Mismatch", message)
                    .with("ClientComputedContentSHA256", claimed)
                    .with("S3ComputedContentSHA256", computed))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn judge_checksum(&self, sums: &Sums, trailers: &[(String, String)]) -> Result<(), RestError> {
        let trailer = match self.trailer {
            None => None,
            Some(algorithm) => {
                let value =
                    trailers.iter().find(|(name, _)| name == algorithm.header()).map(|(_, value)| value.as_str());
                let value = value.ok_or_else(|| RestError::client("MalformedTrailerError", "The request contained trailing data that was not well-formed or did not conform to our published schema."))?;
                Some((algorithm, value))
            }
        };
        let header = self.checksum.as_ref().map(|(algorithm, value)| (*algorithm, value.as_str()));
        for (algorithm, claimed) in header.into_iter().chain(trailer) {
            if sums.get(algorithm).map(base64).as_deref() != Some(claimed) {
                return Err(bad_digest(algorithm));
            }
        }
        Ok(())
    }
}

pub(in crate::s3) fn bad_digest(algorithm: Algorithm) -> RestError {
    let message = format!("The {} you specified did not match the calculated checksum.", algorithm.name());
    RestError::client("BadDigest", message)
}

/// The checksum that a header has; there may be one.
fn checksum(headers: &HeaderMap) -> Result<Option<(Algorithm, String)>, RestError> {
    let mut found = Algorithm::ALL.into_iter().filter_map(|algorithm| {
        let value = headers.get(algorithm.header()).and_then(|value| value.to_str().ok())?;
        Some((algorithm, value.to_owned()))
    });
    let (first, second) = (found.next(), found.next());
    if second.is_some() {
        return Err(invalid_request(
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        ));
    }
    match first {
        Some((algorithm, value)) if !is_sum(algorithm, &value) => {
            Err(invalid_request(format!("Value for {} header is invalid.", algorithm.header())))
        }
        first => Ok(first),
    }
}

/// Whether a text can be a checksum at all.
fn is_sum(algorithm: Algorithm, value: &str) -> bool {
    // That of an object of several parts ends in their number.
    let value = value.split_once('-').map_or(value, |(value, _)| value);
    BASE64_STANDARD.decode(value).is_ok_and(|bytes| bytes.len() == algorithm.length())
}

fn digest_of_16(text: &str) -> Result<String, RestError> {
    let is_digest = BASE64_STANDARD.decode(text).is_ok_and(|bytes| bytes.len() == 16);
    if is_digest {
        return Ok(text.to_owned());
    }
    Err(RestError::client("InvalidDigest", "The Content-MD5 you specified was invalid.").with("Content-MD5", text))
}
