//! Checksums of bodies: which there are, computing them, and joining those of parts.
//!
//! Whether one that a client claims is right is judged where the body is taken.

mod algorithm;
mod crc;
mod digests;
mod joined;

pub(super) use algorithm::{Algorithm, ChecksumType};
pub(super) use digests::{Digests, Sums};
pub(super) use joined::{composite, full, md5};

/// Bytes as checksums are written in headers.
pub(super) fn base64(bytes: impl AsRef<[u8]>) -> String {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    BASE64_STANDARD.encode(bytes)
}

/// Bytes as `ETag`s and payload hashes are written.
pub(super) fn hexadecimal(bytes: impl AsRef<[u8]>) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value & 15)]);
    bytes.as_ref().iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}
