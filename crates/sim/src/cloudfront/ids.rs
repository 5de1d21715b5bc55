//! Ids in the shape of CloudFront's: a letter and thirteen capital letters and digits.
//!
//! They are the same in every run.

const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// An id that no other number has.
pub(super) fn id(first: char, number: u64) -> String {
    // Scattered, so that nobody takes their order for that of time; an odd factor keeps them apart.
    let mut rest = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut id = String::from(first);
    for _ in 0..13 {
        let digit = usize::try_from(rest % 36).unwrap_or_default();
        id.push(char::from(DIGITS[digit]));
        rest /= 36;
    }
    id
}
