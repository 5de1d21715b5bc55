//! A share of what AWS lets an account do, in percent.

use std::{fmt, str::FromStr};

/// A share: 1 to 100 percent. It is half by default, so that others can work too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u8);

/// A text that is no share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no share: use 1 to 100, in percent")]
pub struct InvalidShare(
    /// The text.
    pub String,
);

impl Share {
    /// Half of it.
    pub const HALF: Self = Self(50);
    /// All of it.
    pub const WHOLE: Self = Self(100);

    /// So much of that.
    pub(super) fn of(self, whole: u32) -> f64 {
        f64::from(whole) * f64::from(self.0) / 100.0
    }
}

impl Default for Share {
    fn default() -> Self {
        Self::HALF
    }
}

impl FromStr for Share {
    type Err = InvalidShare;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let percent = text.parse().ok().filter(|percent| (1..=100).contains(percent));
        percent.map(Self).ok_or_else(|| InvalidShare(text.to_owned()))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} %", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_one_to_a_hundred_percent() {
        let check = |text: &str, expected: Option<f64>| {
            assert_eq!(text.parse::<Share>().ok().map(|share| share.of(20)), expected, "{text}");
        };
        check("1", Some(0.2));
        check("50", Some(10.0));
        check("100", Some(20.0));
        check("0", None);
        check("101", None);
        check("half", None);
        check("", None);
    }
}
