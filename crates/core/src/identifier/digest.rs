//! Content digests: the name of an image, and the hash of anything that the ledger chains.

use std::str::FromStr;

use sha2::Digest as _;

use super::macros::{InvalidIdentifier, text_forms};

/// The digest of an image or manifest, `sha256:` and 64 lowercase hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(String);

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(format!("sha256:{}", Sha256::of(bytes)))
    }

    /// The whole text, with its algorithm.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first twelve hexadecimal digits, for people.
    pub fn short(&self) -> &str {
        &self.0["sha256:".len()..][..12]
    }
}

/// The digest of bytes that come one after another, for what is too large to be held at once.
#[derive(Debug, Clone, Default)]
pub struct Digester(sha2::Sha256);

impl Digester {
    /// The digest of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes in.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all of them.
    pub fn hash(self) -> Sha256 {
        Sha256::from_hash(&self.0.finalize())
    }

    /// The digest of all of them.
    pub fn finish(self) -> Digest {
        Digest(format!("sha256:{}", self.hash()))
    }
}

impl FromStr for Digest {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.strip_prefix("sha256:").is_some_and(is_hash) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidIdentifier {
            what: "a digest",
            value: text.to_owned(),
            rule: "use `sha256:` and 64 lowercase hexadecimal digits",
        })
    }
}

text_forms!(Digest);

/// A SHA-256 hash as 64 lowercase hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sha256([u8; 64]);

impl std::fmt::Debug for Sha256 {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Sha256").field(&self.as_str()).finish()
    }
}

impl Sha256 {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_hash(&sha2::Sha256::digest(bytes))
    }

    fn from_hash(hash: &[u8]) -> Self {
        let mut digits = [b'0'; 64];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(hash) {
            pair.copy_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 0xf)]]);
        }
        Self(digits)
    }

    /// The hash that a hasher came to, of bytes that it was fed in pieces.
    pub fn of_hashed(hash: &[u8; 32]) -> Self {
        Self::from_hash(hash)
    }

    /// The hexadecimal digits.
    pub fn as_str(&self) -> &str {
        // They are ASCII, always.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The hash itself.
    pub fn to_bytes(&self) -> [u8; 32] {
        let digit = |byte: u8| if byte.is_ascii_digit() { byte - b'0' } else { byte - b'a' + 10 };
        std::array::from_fn(|place| digit(self.0[2 * place]) << 4 | digit(self.0[2 * place + 1]))
    }
}

impl FromStr for Sha256 {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || InvalidIdentifier {
            what: "a SHA-256 hash",
            value: text.to_owned(),
            rule: "use 64 lowercase hexadecimal digits",
        };
        if !is_hash(text) {
            return Err(refused());
        }
        text.as_bytes().try_into().map(Self).map_err(|_| refused())
    }
}

text_forms!(Sha256);

const HEX: &[u8; 16] = b"0123456789abcdef";

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_nothing_is_well_known() {
        assert_eq!(Digest::of(b"").as_str(), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(Digest::of(b"").short(), "e3b0c44298fc");
    }

    #[test]
    fn bytes_in_parts_have_the_digest_of_the_whole() {
        let mut digester = Digester::new();
        digester.update(b"to");
        digester.update(b"");
        digester.update(b"wpath");
        assert_eq!(digester.finish(), Digest::of(b"towpath"));
        assert_eq!(Digester::new().finish(), Digest::of(b""));
    }

    #[test]
    fn a_hash_comes_back_from_its_digits() {
        let hash: [u8; 32] = std::array::from_fn(|place| u8::try_from(place * 7).unwrap());
        assert_eq!(Sha256::of_hashed(&hash).to_bytes(), hash);
        assert_eq!(Sha256::of(b"").to_bytes()[..3], [0xe3, 0xb0, 0xc4]);
    }

    #[test]
    fn malformed_digests_are_refused() {
        for bad in ["", "sha256:", "sha256:E3B0", "md5:abc", &format!("sha256:{}", "A".repeat(64)), &"a".repeat(64)] {
            assert!(bad.parse::<Digest>().is_err(), "{bad}");
        }
    }
}
