//! Durations as people write them: `90s`, `30m`, `1h30m`, `2d`.
//!
//! A day is 24 hours. Nothing shorter than a second, nothing zero, nothing negative.

use std::time::Duration;

use crate::identifier::InvalidIdentifier;

/// The units, from the longest to the shortest, with their seconds.
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// No duration of a configuration is longer: what is, is a slip of the pen.
const LONGEST: Duration = Duration::from_hours(366 * 24);

/// Reads a duration.
///
/// # Errors
///
/// When the text is not one or more whole numbers with `d`, `h`, `m` or `s`, each unit at most once and the longest
/// first; when it amounts to nothing, or to more than 366 days.
pub fn parse_duration(text: &str) -> Result<Duration, InvalidIdentifier> {
    seconds(text).map(Duration::from_secs).filter(|duration| !duration.is_zero() && *duration <= LONGEST).ok_or_else(|| {
        InvalidIdentifier {
            what: "a duration",
            value: text.to_owned(),
            rule: "use whole numbers with d, h, m or s, the longest unit first, more than nothing and at most 366d, for example 90s, 30m or 1h30m",
        }
    })
}

fn seconds(text: &str) -> Option<u64> {
    let mut units = UNITS.iter();
    let mut rest = text;
    let mut total = 0_u64;
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit()).filter(|digits| *digits > 0)?;
        let (number, unit) = rest.split_at(digits);
        let letter = unit.chars().next()?;
        let (_, each) = units.find(|(name, _)| *name == letter)?;
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(*each)?)?;
        rest = unit.get(letter.len_utf8()..)?;
    }
    Some(total)
}

/// The duration as it would be written in a configuration; parts of a second are left out, nothing is `0s`.
pub fn plain_duration(duration: Duration) -> String {
    let mut left = duration.as_secs();
    let mut text = String::new();
    for (unit, each) in UNITS {
        let count = left / each;
        left %= each;
        if count > 0 {
            text.push_str(&count.to_string());
            text.push(unit);
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: Option<u64>) {
        assert_eq!(parse_duration(text).ok().map(|duration| duration.as_secs()), expected, "{text}");
    }

    #[test]
    fn durations_are_whole_numbers_with_units() {
        check("90s", Some(90));
        check("30m", Some(1_800));
        check("1h30m", Some(5_400));
        check("2d", Some(172_800));
        check("1d1h1m1s", Some(90_061));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for bad in [
            "",
            "0s",
            "-5m",
            "30",
            "m",
            "1.5h",
            "5ms",
            "30m1h",
            "1m1m",
            "1 h",
            "367d",
            "99999999999999999999s",
            "5µ",
            "1h30",
        ] {
            check(bad, None);
        }
    }

    proptest! {
        #[test]
        fn a_duration_that_is_written_is_read_again(seconds in 1_u64..31_622_400) {
            let duration = Duration::from_secs(seconds);
            prop_assert_eq!(parse_duration(&plain_duration(duration)).unwrap(), duration);
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            prop_assert!(parse_duration(&text).is_err() || !text.is_empty());
        }
    }
}
