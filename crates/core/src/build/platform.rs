//! Platforms from text, as a configuration names them, and when two are the same.

use std::str::FromStr;

use crate::{identifier::InvalidIdentifier, ports::Platform};

impl FromStr for Platform {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split('/').collect();
        let (os, architecture, variant) = match parts.as_slice() {
            [os, architecture] => (*os, *architecture, None),
            [os, architecture, variant] => (*os, *architecture, Some(*variant)),
            [..] => ("", "", None),
        };
        if is_word(os) && is_word(architecture) && variant.is_none_or(is_word) {
            let (os, architecture) = (os.to_owned(), architecture.to_owned());
            return Ok(Self { os, architecture, variant: variant.map(str::to_owned) });
        }
        let rule = "use `OS/ARCHITECTURE`, for example `linux/arm64`";
        Err(InvalidIdentifier { what: "a platform", value: text.to_owned(), rule })
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Whether both name the same platform: the one 64-bit ARM that there is may be written with its variant or without.
pub(super) fn is_same(one: &Platform, other: &Platform) -> bool {
    let variant = |platform: &Platform| {
        let is_only = platform.architecture == "arm64" && platform.variant.as_deref() == Some("v8");
        platform.variant.clone().filter(|_| !is_only)
    };
    (&one.os, &one.architecture, variant(one)) == (&other.os, &other.architecture, variant(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_is_written_as_it_is_read() {
        for text in ["linux/amd64", "linux/arm64/v8", "linux/arm/v7", "windows/amd64"] {
            assert_eq!(text.parse::<Platform>().unwrap().to_string(), text);
        }
        for bad in
            ["", "linux", "linux/", "/amd64", "a/b/c/d", "linux//amd64", "Linux/amd64", "linux/amd64,linux/arm64"]
        {
            assert!(bad.parse::<Platform>().is_err(), "{bad}");
        }
    }

    #[test]
    fn variants_tell_platforms_apart_but_for_the_only_one() {
        let check = |one: &str, other: &str, expected| {
            assert_eq!(is_same(&one.parse().unwrap(), &other.parse().unwrap()), expected, "{one} {other}");
        };
        check("linux/arm64", "linux/arm64/v8", true);
        check("linux/arm/v6", "linux/arm/v7", false);
        check("linux/amd64", "linux/arm64", false);
    }
}
