//! How a repository holds a release's image: whole, not at all, or with something missing. Judged from what was seen.
//!
//! The digest itself is no question here: what has another digest is another image.

use serde::Serialize;

use crate::{identifier::Digest, ports::ImageContents};

/// How a repository holds an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Holding {
    /// With every manifest and layer, and with everything that refers to it where the release says that it is.
    Whole {
        /// Manifests: the image's own, and those of an index's entries.
        manifests: usize,
        /// Layers and configurations.
        layers: usize,
        /// Signatures, bills of materials and the like.
        referrers: usize,
    },
    /// Not at all.
    Absent,
    /// Without something that it consists of: it cannot be relied on to run.
    Incomplete {
        /// What is missing.
        missing: Vec<Digest>,
    },
    /// Whole, but without something that refers to it where the release says that it is.
    Unattested {
        /// What is lacking.
        lacking: Vec<Digest>,
    },
    /// Nobody can say.
    Unknown {
        /// Why.
        reason: String,
    },
}

impl Holding {
    /// Judges what a repository holds by what is where the release says that the image is.
    pub fn of(found: Option<&ImageContents>, origin: Option<&ImageContents>) -> Self {
        let Some(found) = found else {
            return Self::Absent;
        };
        if !found.missing.is_empty() {
            return Self::Incomplete { missing: found.missing.iter().cloned().collect() };
        }
        let expected = origin.map(|origin| &origin.referrers);
        let lacking: Vec<Digest> =
            expected.into_iter().flatten().filter(|one| !found.referrers.contains(one)).cloned().collect();
        match &found.referrers_unknown {
            Some(error) if !lacking.is_empty() => Self::Unknown { reason: error.to_string() },
            _ if !lacking.is_empty() => Self::Unattested { lacking },
            _ => Self::Whole {
                manifests: found.manifests.len(),
                layers: found.blobs.len(),
                referrers: found.referrers.len(),
            },
        }
    }

    /// Whether this is a difference from what should be; where the image has to be there, that it is not is one.
    pub fn is_difference(&self, need: Need) -> bool {
        match self {
            Self::Absent => need == Need::Required,
            Self::Incomplete { .. } | Self::Unattested { .. } => true,
            Self::Whole { .. } | Self::Unknown { .. } => false,
        }
    }
}

/// Whether an image has to be in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// The release names the repository, or the release was proven in an environment that takes its images from it.
    Required,
    /// No promotion has needed it there yet.
    NotYet,
}

#[cfg(test)]
mod tests {
    use crate::ports::{CallError, Fault};

    use super::*;

    fn contents(missing: &[&str], referrers: &[&str]) -> ImageContents {
        let digests = |words: &[&str]| words.iter().map(|word| Digest::of(word.as_bytes())).collect();
        ImageContents {
            manifests: digests(&["index", "child"]),
            blobs: digests(&["layer"]),
            referrers: digests(referrers),
            missing: digests(missing),
            referrers_unknown: None,
        }
    }

    #[test]
    fn what_is_there_is_judged_by_what_is_where_the_release_says() {
        let origin = contents(&[], &["signature"]);
        let check = |found: Option<&ImageContents>, expected: &Holding, is_difference| {
            let holding = Holding::of(found, Some(&origin));
            assert_eq!((&holding, holding.is_difference(Need::NotYet)), (expected, is_difference));
        };
        check(None, &Holding::Absent, false);
        let whole = Holding::Whole { manifests: 2, layers: 1, referrers: 1 };
        check(Some(&origin), &whole, false);
        let missing = vec![Digest::of(b"layer")];
        check(Some(&contents(&["layer"], &["signature"])), &Holding::Incomplete { missing }, true);
        let lacking = vec![Digest::of(b"signature")];
        check(Some(&contents(&[], &[])), &Holding::Unattested { lacking }, true);
        assert!(Holding::Absent.is_difference(Need::Required));
    }

    #[test]
    fn what_the_caller_may_not_list_is_no_difference_but_unknown() {
        let message = "no".to_owned();
        let fault = Fault::Denied { principal: None, action: None, resource: None };
        let error = CallError { operation: "ecr:ListImageReferrers".to_owned(), fault, code: None, message };
        let found = ImageContents { referrers_unknown: Some(error), ..contents(&[], &[]) };
        let holding = Holding::of(Some(&found), Some(&contents(&[], &["signature"])));
        assert!(matches!(&holding, Holding::Unknown { .. }) && !holding.is_difference(Need::Required));
        assert!(matches!(Holding::of(Some(&found), Some(&contents(&[], &[]))), Holding::Whole { .. }));
    }
}
