//! The version of a release: semantic versioning 2.0.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::macros::InvalidIdentifier;

/// A release's version, by semantic versioning 2.0, without a leading `v`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(semver::Version);

impl Version {
    /// Whether it names a development build (it has a pre-release part).
    pub fn is_prerelease(&self) -> bool {
        !self.0.pre.is_empty()
    }
}

impl FromStr for Version {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match semver::Version::parse(text) {
            // Build metadata may not tell two releases apart, and `+` is not allowed in an image tag.
            Ok(version) if version.build.is_empty() => Ok(Self(version)),
            _ => Err(InvalidIdentifier {
                what: "a version",
                value: text.to_owned(),
                rule: "use semantic versioning without a leading `v` and without build metadata, for example 1.4.0 or 1.4.0-rc.1",
            }),
        }
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(&self.0.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_semantic() {
        for good in ["1.2.3", "0.0.0-g1234567", "1.0.0-rc.1"] {
            assert_eq!(good.parse::<Version>().unwrap().to_string(), good);
        }
        for bad in ["", "v1.2.3", "1.2", "1.2.3+build", "latest", "01.2.3"] {
            assert!(bad.parse::<Version>().is_err(), "{bad}");
        }
    }
}
