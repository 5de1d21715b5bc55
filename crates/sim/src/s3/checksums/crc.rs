//! The three cyclic redundancy checks that S3 has: of bytes as they come, and of a whole from those of its parts.
//!
//! It knows no algorithm that is none of these.

use crc::{CRC_32_ISCSI, CRC_32_ISO_HDLC, CRC_64_NVME, Digest, Table};

type Narrow = crc::Crc<u32, Table<16>>;
type Wide = crc::Crc<u64, Table<16>>;

static ISO_HDLC: Narrow = Narrow::new(&CRC_32_ISO_HDLC);
static ISCSI: Narrow = Narrow::new(&CRC_32_ISCSI);
static NVME: Wide = Wide::new(&CRC_64_NVME);

/// One of the three. Each takes and gives its bits mirrored, begins with ones and inverts what it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Crc {
    IsoHdlc,
    Iscsi,
    Nvme,
}

/// One over the bytes so far.
pub(super) enum Running {
    Narrow(Digest<'static, u32, Table<16>>),
    Wide(Digest<'static, u64, Table<16>>),
}

impl Crc {
    /// Over no bytes yet.
    pub(super) fn begin(self) -> Running {
        match self {
            Self::IsoHdlc => Running::Narrow(ISO_HDLC.digest()),
            Self::Iscsi => Running::Narrow(ISCSI.digest()),
            Self::Nvme => Running::Wide(NVME.digest()),
        }
    }

    /// That of `first` and then `second`, of which `length` bytes are.
    ///
    /// The beginning's ones and the inversion cancel out, so that `first` is only to be moved `length` bytes up.
    pub(super) fn joined(self, first: u64, second: u64, length: u64) -> u64 {
        self.times(first, self.power_of_byte(length)) ^ second
    }

    /// x to the power of eight times `exponent`, modulo the polynomial.
    fn power_of_byte(self, exponent: u64) -> u64 {
        let (mut power, mut square, mut rest) = (self.one(), self.one() >> 8, exponent);
        while rest != 0 {
            if rest & 1 == 1 {
                power = self.times(power, square);
            }
            square = self.times(square, square);
            rest >>= 1;
        }
        power
    }

    /// The product of two polynomials, modulo the polynomial.
    fn times(self, one: u64, other: u64) -> u64 {
        let (mut product, mut other, mut bit) = (0, other, self.one());
        while bit != 0 {
            if one & bit != 0 {
                product ^= other;
            }
            let overflow = if other & 1 == 1 { self.polynomial() } else { 0 };
            other = (other >> 1) ^ overflow;
            bit >>= 1;
        }
        product
    }

    /// The polynomial 1: mirrored, the highest bit is that of x to the power of nothing.
    fn one(self) -> u64 {
        match self {
            Self::IsoHdlc | Self::Iscsi => 1 << 31,
            Self::Nvme => 1 << 63,
        }
    }

    /// The polynomial without its highest power, mirrored.
    fn polynomial(self) -> u64 {
        match self {
            Self::IsoHdlc => u64::from(CRC_32_ISO_HDLC.poly.reverse_bits()),
            Self::Iscsi => u64::from(CRC_32_ISCSI.poly.reverse_bits()),
            Self::Nvme => CRC_64_NVME.poly.reverse_bits(),
        }
    }
}

impl Running {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Narrow(digest) => digest.update(bytes),
            Self::Wide(digest) => digest.update(bytes),
        }
    }

    /// Its bytes, the highest first.
    pub(super) fn finish(self) -> Vec<u8> {
        match self {
            Self::Narrow(digest) => digest.finalize().to_be_bytes().to_vec(),
            Self::Wide(digest) => digest.finalize().to_be_bytes().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(crc: Crc, bytes: &[u8]) -> u64 {
        let mut running = crc.begin();
        running.update(bytes);
        running.finish().iter().fold(0, |number, byte| (number << 8) | u64::from(*byte))
    }

    proptest! {
        #[test]
        fn two_joined_are_that_of_the_whole(
            bytes in proptest::collection::vec(any::<u8>(), 0..600),
            cut in any::<prop::sample::Index>(),
        ) {
            let (first, second) = bytes.split_at(cut.index(bytes.len() + 1));
            for crc in [Crc::IsoHdlc, Crc::Iscsi, Crc::Nvme] {
                let joined = crc.joined(sum(crc, first), sum(crc, second), second.len() as u64);
                prop_assert_eq!(joined, sum(crc, &bytes), "{:?}", crc);
            }
        }
    }

    #[test]
    fn a_part_may_be_as_long_as_can_be_said() {
        // x to the power of 8 * 2^64 - 8, moved up by one more byte, is what sixty-four squarings of x^8 come to.
        for crc in [Crc::IsoHdlc, Crc::Iscsi, Crc::Nvme] {
            let squared = (0..64).fold(crc.one() >> 8, |power, _| crc.times(power, power));
            assert_eq!(crc.times(crc.power_of_byte(u64::MAX), crc.one() >> 8), squared, "{crc:?}");
        }
    }
}
