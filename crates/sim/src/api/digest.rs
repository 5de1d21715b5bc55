//! Content digests as registries write them.
//!
//! Only SHA-256: no registry that the simulator speaks for uses another one.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// `sha256:` and the hexadecimal digest of `bytes`.
pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> String {
    digest_text(&Sha256::digest(bytes))
}

/// `sha256:` and a digest in hexadecimal.
pub(crate) fn digest_text(digest: &[u8]) -> String {
    let mut text = String::from("sha256:");
    for byte in digest {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_nothing_is_the_known_one() {
        assert_eq!(sha256(""), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
