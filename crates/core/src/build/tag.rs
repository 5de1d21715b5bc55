//! The grammar of image tags: `{sha}`, `{branch}-latest`, `api-v{version}`.
//!
//! It says which tags an image gets, not whether they are free: the registry knows that.

use std::{fmt, str::FromStr};

use crate::identifier::{ComponentName, InvalidIdentifier, TagName};

use super::Checkout;

/// The form of a tag: plain text and words in braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageTagPattern {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Plain(String),
    Word(TagWord),
}

/// What stands in braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagWord {
    /// The whole name of the commit.
    Sha,
    /// Its first seven digits.
    Sha7,
    /// The branch, with `-` for what a tag cannot hold.
    Branch,
    /// The release's version.
    Version,
    /// The component's name.
    Component,
}

impl TagWord {
    const ALL: [Self; 5] = [Self::Sha, Self::Sha7, Self::Branch, Self::Version, Self::Component];

    fn name(self) -> &'static str {
        match self {
            Self::Sha => "sha",
            Self::Sha7 => "sha7",
            Self::Branch => "branch",
            Self::Version => "version",
            Self::Component => "component",
        }
    }
}

impl ImageTagPattern {
    /// Whether it has that word.
    pub fn has(&self, word: TagWord) -> bool {
        self.pieces.contains(&Piece::Word(word))
    }

    /// Whether two commits or versions never get the same tag by it.
    pub fn is_of_one_build(&self) -> bool {
        [TagWord::Sha, TagWord::Sha7, TagWord::Version].into_iter().any(|word| self.has(word))
    }

    /// The tag of a build; `None` where the branch is wanted and not known.
    ///
    /// # Errors
    /// Where what comes out is no tag, because it is too long for example.
    pub fn tag(&self, checkout: &Checkout, component: &ComponentName) -> Result<Option<TagName>, InvalidIdentifier> {
        let mut tag = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Plain(text) => tag.push_str(text),
                Piece::Word(TagWord::Sha) => tag.push_str(checkout.commit.as_str()),
                Piece::Word(TagWord::Sha7) => tag.push_str(checkout.commit.short()),
                Piece::Word(TagWord::Version) => tag.push_str(&checkout.version.to_string()),
                Piece::Word(TagWord::Component) => tag.push_str(component.as_str()),
                Piece::Word(TagWord::Branch) => match &checkout.branch {
                    Some(branch) => tag.push_str(&in_a_tag(branch.as_str())),
                    None => return Ok(None),
                },
            }
        }
        tag.parse().map(Some)
    }
}

/// A branch's name with `-` for each run of characters that a tag cannot hold.
fn in_a_tag(branch: &str) -> String {
    let is_fine = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
    branch.split(|character| !is_fine(character)).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

impl FromStr for ImageTagPattern {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidIdentifier {
            what: "a form of image tags",
            value: text.to_owned(),
            rule: "use letters, digits, dots, hyphens and underscores with `{sha}`, `{sha7}`, `{branch}`, `{version}` or `{component}`, for example `{branch}-latest`",
        };
        let pieces = pieces(text).ok_or_else(invalid)?;
        // What the words stand for is no longer or other than this.
        let sample: String = pieces.iter().map(sample).collect();
        sample.parse::<TagName>().map_err(|_| invalid())?;
        Ok(Self { text: text.to_owned(), pieces })
    }
}

fn sample(piece: &Piece) -> &str {
    match piece {
        Piece::Plain(text) => text,
        Piece::Word(_) => "0",
    }
}

fn pieces(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, from_brace)) = rest.split_once('{') {
        let (name, after) = from_brace.split_once('}')?;
        let word = TagWord::ALL.into_iter().find(|word| word.name() == name)?;
        pieces.extend([Piece::Plain(before.to_owned()), Piece::Word(word)]);
        rest = after;
    }
    pieces.push(Piece::Plain(rest.to_owned()));
    pieces.retain(|piece| *piece != Piece::Plain(String::new()));
    (!pieces.is_empty()).then_some(pieces)
}

impl fmt::Display for ImageTagPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::checkout::tests::checkout, *};

    fn check(pattern: &str, branch: Option<&str>, expected: Option<&str>) {
        let checkout = Checkout { branch: branch.map(|branch| branch.parse().unwrap()), ..checkout() };
        let pattern: ImageTagPattern = pattern.parse().unwrap();
        let tag = pattern.tag(&checkout, &"worker".parse().unwrap()).unwrap();
        assert_eq!(tag.as_ref().map(TagName::as_str), expected, "{pattern}");
    }

    #[test]
    fn the_tags_of_the_seeds_come_out() {
        check("{sha}", None, Some("0af1c9d28e7b3a64f51d0c8b9e2a7f6430d1c5b8"));
        check("{branch}-{sha7}", Some("main"), Some("main-0af1c9d"));
        check("backend-{sha7}", None, Some("backend-0af1c9d"));
        check("{version}-{component}", None, Some("1.4.0-worker"));
        check("sha-{sha7}", None, Some("sha-0af1c9d"));
        check("api-v{version}", None, Some("api-v1.4.0"));
        check("{branch}-latest", Some("main"), Some("main-latest"));
        check("latest", None, Some("latest"));
    }

    #[test]
    fn a_branch_is_made_fit_for_a_tag_and_never_guessed() {
        check("{branch}-latest", Some("feature/ünï#42"), Some("feature-n-42-latest"));
        check("{branch}-latest", None, None);
    }

    #[test]
    fn what_cannot_be_a_tag_is_refused() {
        for bad in ["", "{}", "{sah}", "a b", "{sha", "sha}", "-{sha}", ".x", "a:b", "a/b", "{sha}{", "{environment}"] {
            assert!(bad.parse::<ImageTagPattern>().is_err(), "{bad}");
        }
        let long = Checkout { branch: Some("b".repeat(200).parse().unwrap()), ..checkout() };
        let pattern: ImageTagPattern = "{branch}".parse().unwrap();
        assert!(pattern.tag(&long, &"api".parse().unwrap()).is_err());
    }

    #[test]
    fn a_tag_without_commit_or_version_is_not_of_one_build() {
        let check = |pattern: &str, expected| {
            assert_eq!(pattern.parse::<ImageTagPattern>().unwrap().is_of_one_build(), expected, "{pattern}");
        };
        check("{sha}", true);
        check("v{version}", true);
        check("{branch}-{sha7}", true);
        check("{branch}-latest", false);
        check("{component}", false);
    }

    proptest! {
        #[test]
        fn what_comes_out_is_a_tag_or_an_error(pattern in "[{}a-z/7.-]{0,20}|\\{(sha|sha7|branch|version)\\}", branch in "[a-zäß/#.-]{1,20}") {
            let branch = branch.parse().ok();
            if let Ok(pattern) = pattern.parse::<ImageTagPattern>() {
                let _tag_or_error = pattern.tag(&Checkout { branch, ..checkout() }, &"api".parse().unwrap());
            }
        }
    }
}
