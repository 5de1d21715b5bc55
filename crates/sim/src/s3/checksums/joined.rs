//! The checksum of an object from those of its parts.
//!
//! No byte of a part is read again.

use super::{
    algorithm::Algorithm,
    digests::{Digests, Sums},
};

/// The checksum over the parts' checksums, without the number of parts.
pub(in crate::s3) fn composite<'a>(algorithm: Algorithm, parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut digests = Digests::new([algorithm]);
    parts.into_iter().for_each(|sum| digests.update(sum));
    digests.finish().get(algorithm).unwrap_or_default().to_vec()
}

/// The checksum over the parts' bytes, from each part's checksum and length; `None` if the algorithm has no such way.
pub(in crate::s3) fn full<'a>(
    algorithm: Algorithm,
    parts: impl IntoIterator<Item = (&'a [u8], u64)>,
) -> Option<Vec<u8>> {
    let crc = algorithm.crc()?;
    let number = |sum: &[u8]| sum.iter().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    let mut parts = parts.into_iter();
    let first = number(parts.next()?.0);
    let joined = parts.fold(first, |joined, (sum, length)| crc.joined(joined, number(sum), length));
    Some(joined.to_be_bytes()[8 - algorithm.length()..].to_vec())
}

/// MD5 over the parts' MD5s, as the `ETag` of an object of several parts has it.
pub(in crate::s3) fn md5<'a>(parts: impl IntoIterator<Item = &'a [u8; 16]>) -> [u8; 16] {
    let mut digests = Digests::new([]);
    parts.into_iter().for_each(|sum| digests.update(sum));
    let Sums { md5, .. } = digests.finish();
    md5
}

#[cfg(test)]
mod tests {
    use super::{super::hexadecimal, *};

    fn sum(algorithm: Algorithm, text: &str) -> Vec<u8> {
        composite(algorithm, [text.as_bytes()])
    }

    #[test]
    fn joined_sums_of_parts_are_the_sum_of_the_whole() {
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            let parts = ["1234", "", "56789"].map(|text| (sum(algorithm, text), text.len() as u64));
            let joined = full(algorithm, parts.iter().map(|(sum, length)| (sum.as_slice(), *length))).unwrap();
            assert_eq!(hexadecimal(joined), hexadecimal(sum(algorithm, "123456789")), "{algorithm:?}");
        }
        assert_eq!(full(Algorithm::Sha256, [(&[][..], 0)]), None);
    }
}
