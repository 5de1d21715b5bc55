//! The grammar of tags: which tags make a release, and which version each carries.
//!
//! A plain `{version}` stands for `X.Y.Z` alone, so that `v1.4.0-rc1` never passes for a release of `v{version}`;
//! who wants pre-releases says `v{version}-{prerelease}`. It does not say what a tag may do: the rules do.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::identifier::{InvalidIdentifier, Version};

/// The form of a tag: a text with `{version}` in it once, or `{version}-{prerelease}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TagPattern {
    before: String,
    form: VersionForm,
    after: String,
}

/// Which versions a pattern takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum VersionForm {
    /// `{version}`: `X.Y.Z` and nothing more.
    Plain,
    /// `{version}-{prerelease}`: `X.Y.Z-PRE` and nothing less.
    Prerelease,
}

impl VersionForm {
    fn placeholder(self) -> &'static str {
        match self {
            Self::Plain => "{version}",
            Self::Prerelease => "{version}-{prerelease}",
        }
    }

    fn takes(self, version: &Version) -> bool {
        match self {
            Self::Plain => !version.is_prerelease(),
            Self::Prerelease => version.is_prerelease(),
        }
    }
}

impl TagPattern {
    /// The version that `tag` carries, if it is of this form.
    pub fn version(&self, tag: &str) -> Option<Version> {
        let version = tag.strip_prefix(self.before.as_str())?.strip_suffix(self.after.as_str())?.parse().ok()?;
        self.form.takes(&version).then_some(version)
    }

    /// The tag that this version has in this form.
    pub fn tag(&self, version: &Version) -> String {
        format!("{}{version}{}", self.before, self.after)
    }

    /// How much of the tag is fixed: of two forms that fit one tag, the one with more fixed text is meant.
    fn fixed_length(&self) -> usize {
        self.before.len() + self.after.len()
    }
}

/// The form that a tag has among `patterns`, and the version it carries: the most specific one that fits.
pub fn classify<'a>(
    patterns: impl IntoIterator<Item = &'a TagPattern>,
    tag: &str,
) -> Option<(&'a TagPattern, Version)> {
    patterns
        .into_iter()
        .filter_map(|pattern| pattern.version(tag).map(|version| (pattern, version)))
        .max_by_key(|(pattern, _)| pattern.fixed_length())
}

impl FromStr for TagPattern {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidIdentifier {
            what: "a tag pattern",
            value: text.to_owned(),
            rule: "use `{version}` exactly once, for example `v{version}-stable`; `{version}-{prerelease}` for pre-releases",
        };
        let (before, rest) = text.split_once("{version}").ok_or_else(invalid)?;
        let (form, after) = match rest.strip_prefix("-{prerelease}") {
            Some(after) => (VersionForm::Prerelease, after),
            None => (VersionForm::Plain, rest),
        };
        let plain =
            |part: &str| !part.contains(|character: char| " {}~^:?*[\\".contains(character) || character.is_control());
        if plain(before) && plain(after) && !before.starts_with("refs/") && !before.starts_with(['-', '/']) {
            return Ok(Self { before: before.to_owned(), form, after: after.to_owned() });
        }
        Err(invalid())
    }
}

impl std::fmt::Display for TagPattern {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(&format!("{}{}{}", self.before, self.form.placeholder(), self.after))
    }
}

impl TryFrom<String> for TagPattern {
    type Error = InvalidIdentifier;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<TagPattern> for String {
    fn from(pattern: TagPattern) -> Self {
        pattern.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(patterns: &[&str], tag: &str, expected: Option<(&str, &str)>) {
        let patterns: Vec<TagPattern> = patterns.iter().map(|pattern| pattern.parse().unwrap()).collect();
        let found = classify(&patterns, tag).map(|(pattern, version)| (pattern.to_string(), version.to_string()));
        assert_eq!(found, expected.map(|(pattern, version)| (pattern.to_owned(), version.to_owned())), "{tag}");
    }

    /// The contract of sofatutor/llm-proxy.
    #[test]
    fn stable_tags_and_plain_tags_are_two_classes_and_other_tags_are_none() {
        let patterns = ["v{version}", "v{version}-stable"];
        check(&patterns, "v1.4.0", Some(("v{version}", "1.4.0")));
        check(&patterns, "v1.4.0-stable", Some(("v{version}-stable", "1.4.0")));
        for other in [
            "v1.4.0-rc1",
            "v1.4.0-stable-2",
            "v1.4",
            "1.4.0",
            "vNext",
            "helm-v1.4.0",
            "v1.4.0+build",
            "v01.4.0",
            "V1.4.0",
        ] {
            check(&patterns, other, None);
        }
    }

    #[test]
    fn each_component_of_a_monorepo_may_have_its_own_prefix() {
        let patterns = ["api-v{version}", "fe-v{version}"];
        check(&patterns, "api-v1.0.0", Some(("api-v{version}", "1.0.0")));
        check(&patterns, "fe-v2.0.1", Some(("fe-v{version}", "2.0.1")));
        check(&patterns, "v1.0.0", None);
    }

    #[test]
    fn prereleases_pass_only_where_they_are_asked_for_and_the_more_specific_form_wins() {
        let patterns = ["v{version}-{prerelease}", "v{version}-stable"];
        check(&patterns, "v1.4.0-rc.1", Some(("v{version}-{prerelease}", "1.4.0-rc.1")));
        check(&patterns, "v1.4.0-stable", Some(("v{version}-stable", "1.4.0")));
        check(&patterns, "v1.4.0", None);
    }

    #[test]
    fn malformed_patterns_are_refused() {
        for bad in [
            "",
            "v1.2.3",
            "v{version}{version}",
            "v{verison}",
            "v {version}",
            "{version}-{prerelease}x{y}",
            "refs/tags/v{version}",
        ] {
            assert!(bad.parse::<TagPattern>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_pattern_makes_the_tag_that_it_reads() {
        let pattern: TagPattern = "v{version}-stable".parse().unwrap();
        assert_eq!(pattern.tag(&"1.4.0".parse().unwrap()), "v1.4.0-stable");
    }
}
