//! Everything that is computed over a body while it comes in.
//!
//! MD5 always, since it is the `ETag`; the rest as asked for.

use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::Sha256;

use super::{algorithm::Algorithm, crc};

/// The sums of a body.
#[derive(Debug)]
pub(in crate::s3) struct Digests {
    md5: Md5,
    running: Vec<(Algorithm, Running)>,
    length: u64,
}

enum Running {
    Crc(crc::Running),
    Sha1(Sha1),
    Sha256(Box<Sha256>),
}

impl std::fmt::Debug for Running {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Running")
    }
}

impl Digests {
    pub(in crate::s3) fn new(algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        let mut algorithms: Vec<_> = algorithms.into_iter().collect();
        algorithms.sort_unstable();
        algorithms.dedup();
        let running = algorithms.into_iter().map(|algorithm| (algorithm, Running::new(algorithm))).collect();
        Self { md5: Md5::new(), running, length: 0 }
    }

    pub(in crate::s3) fn update(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        self.md5.update(bytes);
        self.running.iter_mut().for_each(|(_, running)| running.update(bytes));
    }

    /// MD5, how many bytes there were, and every sum that was asked for.
    pub(in crate::s3) fn finish(self) -> Sums {
        let sums = self.running.into_iter().map(|(algorithm, running)| (algorithm, running.finish()));
        Sums { md5: self.md5.finalize().into(), length: self.length, by_algorithm: sums.collect() }
    }
}

/// What was computed.
#[derive(Debug, Clone)]
pub(in crate::s3) struct Sums {
    pub(in crate::s3) md5: [u8; 16],
    pub(in crate::s3) length: u64,
    by_algorithm: Vec<(Algorithm, Vec<u8>)>,
}

impl Sums {
    pub(in crate::s3) fn get(&self, algorithm: Algorithm) -> Option<&[u8]> {
        self.by_algorithm.iter().find(|(given, _)| *given == algorithm).map(|(_, sum)| sum.as_slice())
    }
}

impl Running {
    fn new(algorithm: Algorithm) -> Self {
        match (algorithm, algorithm.crc()) {
            (_, Some(crc)) => Self::Crc(crc.begin()),
            (Algorithm::Sha1, None) => Self::Sha1(Sha1::new()),
            (_, None) => Self::Sha256(Box::new(Sha256::new())),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc(digest) => digest.update(bytes),
            Self::Sha1(digest) => digest.update(bytes),
            Self::Sha256(digest) => digest.update(bytes),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Self::Crc(running) => running.finish(),
            Self::Sha1(digest) => digest.finalize().to_vec(),
            Self::Sha256(digest) => digest.finalize().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::hexadecimal, *};

    #[test]
    fn the_sums_of_the_check_text_are_the_known_ones() {
        let mut digests = Digests::new(Algorithm::ALL);
        digests.update(b"1234");
        digests.update(b"56789");
        let sums = digests.finish();
        assert_eq!((hexadecimal(sums.md5).as_str(), sums.length), ("25f9e794323b453885f5181f1b624d0b", 9));
        let check = |algorithm, expected: &str| assert_eq!(hexadecimal(sums.get(algorithm).unwrap()), expected);
        check(Algorithm::Crc32, "cbf43926");
        check(Algorithm::Crc32c, "e3069283");
        check(Algorithm::Crc64Nvme, "ae8b14860a799888");
        check(Algorithm::Sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441");
        check(Algorithm::Sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225");
    }
}
