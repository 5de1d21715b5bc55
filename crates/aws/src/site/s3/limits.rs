//! How much goes into one request, and how much is held in memory.

/// How much goes into one request. The defaults are what suits S3; servers like it may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Files of more bytes than this are sent in parts. S3 keeps no SHA-256 of the whole for them, so that it is much
    /// more than S3 asks for.
    pub whole: u64,
    /// How many bytes a part has, unless there would be more than 10,000 of them. S3 takes no less than 5 MiB.
    pub part: u64,
    /// Objects of more bytes than this are copied in parts. S3 takes no more than 5 GiB.
    pub whole_copy: u64,
    /// How many bytes a part of a copy has.
    pub copied_part: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { whole: 64 << 20, part: 5 << 20, whole_copy: 5 << 30, copied_part: 256 << 20 }
    }
}

/// The most parts of one object.
const MOST_PARTS: u64 = 10_000;

/// One part of an object: its number from 1, where it begins, and its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) number: u32,
    pub(super) start: u64,
    pub(super) length: u64,
}

/// The parts of an object of this size, each of about `part` bytes and the last one of what is left.
pub(super) fn parts(size: u64, part: u64) -> impl Iterator<Item = Part> {
    let length = part.max(size.div_ceil(MOST_PARTS)).max(1);
    let count = size.div_ceil(length).max(1);
    (0..count).map(move |index| {
        let start = index * length;
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        Part { number, start, length: length.min(size - start) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_the_whole_and_are_never_too_many() {
        let check = |size: u64, part: u64, count: usize, last: u64| {
            let parts: Vec<Part> = parts(size, part).collect();
            assert_eq!((parts.len(), parts[parts.len() - 1].length), (count, last), "{size} {part}");
            let mut next = 0;
            for part in &parts {
                assert_eq!(part.start, next);
                next += part.length;
            }
            assert_eq!(next, size);
        };
        check(10, 4, 3, 2);
        check(8, 4, 2, 4);
        check(1, 4, 1, 1);
        check(100_000, 1, 10_000, 10);
        check(3 << 30, 5 << 20, 615, 2 << 20);
    }
}
