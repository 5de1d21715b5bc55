//! Identifiers in AWS's forms, from a counter: the same calls give the same identifiers.
//!
//! They are not secret and not unique between two simulators of one account and region.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

/// A source of identifiers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ids {
    seed: String,
    used: u64,
}

impl Ids {
    /// A source that depends on `seed` only.
    pub(crate) fn new(seed: &str) -> Self {
        Self { seed: seed.to_owned(), used: 0 }
    }

    /// The 19 digits of a deployment and its revision. Every fifth begins with a zero, as AWS's now and then do.
    pub(crate) fn digits(&mut self) -> String {
        let bytes = self.next();
        let leading_zero = self.used.is_multiple_of(5);
        let digit = |(index, byte): (usize, &u8)| {
            let digit = if index == 0 && leading_zero { 0 } else { byte % 10 };
            char::from(b'0' + digit)
        };
        bytes.iter().take(19).enumerate().map(digit).collect()
    }

    /// The 21 characters of a service deployment.
    pub(crate) fn url_safe(&mut self) -> String {
        self.next().iter().take(21).map(|byte| char::from(URL_SAFE[usize::from(byte % 64)])).collect()
    }

    /// The 32 hexadecimal characters of a task.
    pub(crate) fn hex(&mut self) -> String {
        let bytes = self.next();
        let nibbles = bytes.iter().take(16).flat_map(|byte| [byte >> 4, byte & 15]);
        nibbles.filter_map(|nibble| char::from_digit(nibble.into(), 16)).collect()
    }

    /// A UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let hex = self.hex();
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    }

    fn next(&mut self) -> [u8; 32] {
        self.used += 1;
        Sha256::digest(format!("{}#{}", self.seed, self.used)).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_the_forms_of_aws() {
        let mut ids = Ids::new("a");
        assert_eq!(ids.digits().len(), 19);
        assert_eq!(ids.url_safe().len(), 21);
        assert_eq!(ids.hex().len(), 32);
        assert_eq!(ids.uuid().len(), 36);
    }

    #[test]
    fn a_leading_zero_occurs() {
        let mut ids = Ids::new("a");
        assert!((0..5).any(|_| ids.digits().starts_with('0')));
    }

    #[test]
    fn the_same_calls_give_the_same_identifiers() {
        assert_eq!(Ids::new("a").digits(), Ids::new("a").digits());
        assert_ne!(Ids::new("a").digits(), Ids::new("b").digits());
    }
}
