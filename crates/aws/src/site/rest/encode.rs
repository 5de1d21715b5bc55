//! How S3 wants keys, query values and hashes written.
//!
//! Signatures are of these very texts: what is sent must be what was signed, byte for byte.

use std::fmt::Write as _;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use towpath_core::identifier::Sha256;

/// A key as it stands in a URL: every byte but the unreserved ones and the slash is escaped.
pub(in crate::site) fn key(key: &str) -> String {
    escaped(key, b"/")
}

/// A name or value as it stands in a query.
pub(in crate::site) fn value(value: &str) -> String {
    escaped(value, b"")
}

fn escaped(text: &str, also_plain: &[u8]) -> String {
    let mut written = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || also_plain.contains(&byte) {
            written.push(char::from(byte));
        } else {
            write!(written, "%{byte:02X}").expect("a string takes everything");
        }
    }
    written
}

/// A hash as S3's checksum headers have it.
pub(in crate::site) fn checksum(hash: &Sha256) -> String {
    BASE64_STANDARD.encode(raw(hash))
}

/// The hash that a checksum of S3's is; `None` where it is that of parts (`…-3`), or no SHA-256.
pub(in crate::site) fn hash(checksum: &str) -> Option<Sha256> {
    let raw = BASE64_STANDARD.decode(checksum).ok()?;
    let mut text = String::with_capacity(64);
    for byte in raw {
        write!(text, "{byte:02x}").expect("a string takes everything");
    }
    text.parse().ok()
}

/// The bytes of a hash.
pub(in crate::site) fn raw(hash: &Sha256) -> Vec<u8> {
    let digit = |byte: u8| if byte.is_ascii_digit() { byte - b'0' } else { byte - b'a' + 10 };
    hash.as_str().as_bytes().chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_but_the_unreserved_is_escaped() {
        let check = |text, expected| assert_eq!(key(text), expected, "{text}");
        check("assets/app.4f3a9c21.js", "assets/app.4f3a9c21.js");
        check("a b+c&d=e?f#g%h", "a%20b%2Bc%26d%3De%3Ff%23g%25h");
        check("~user/(1)/ü!'*", "~user/%281%29/%C3%BC%21%27%2A");
        assert_eq!(value("a/b"), "a%2Fb");
    }

    #[test]
    fn a_hash_survives_the_way_through_a_checksum() {
        let of_nothing = Sha256::of(b"");
        assert_eq!(checksum(&of_nothing), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(hash(&checksum(&of_nothing)), Some(of_nothing));
        assert_eq!(hash("AAAAAA=="), None);
        assert_eq!(hash("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=-3"), None);
    }
}
