//! A repository: its images, its tags, and whether those may move.
//!
//! Encryption settings are kept and change nothing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    configuration::Configuration,
    image::{Image, ImageId},
    layer::Layer,
    lifecycle::Lifecycle,
    manifest::Manifest,
    scanning::Scan,
};

/// One repository.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Repository {
    pub(super) name: String,
    pub(super) created_at: Timestamp,
    pub(super) mutability: Mutability,
    /// Wildcard patterns of the tags that the mutability does not hold for.
    pub(super) exclusions: Vec<String>,
    pub(super) scan_on_push: bool,
    pub(super) encryption: Value,
    /// The images by digest.
    pub(super) images: BTreeMap<String, Image>,
    /// The digest behind each tag.
    pub(super) tags: BTreeMap<String, String>,
    /// The layers and configurations by digest.
    #[serde(default)]
    pub(super) layers: BTreeMap<String, Layer>,
    /// Who else may do what, as it was written.
    #[serde(default)]
    pub(super) policy: Option<String>,
    #[serde(default)]
    pub(super) lifecycle: Option<Lifecycle>,
    /// The lifecycle policy that was previewed last.
    #[serde(default)]
    pub(super) preview: Option<String>,
    /// The scans that were begun, by digest.
    #[serde(default)]
    pub(super) scans: BTreeMap<String, Scan>,
}

/// Whether a tag may be moved to another image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Mutability {
    Mutable,
    Immutable,
    ImmutableWithExclusion,
    MutableWithExclusion,
}

impl Repository {
    /// What the configuration of an image says, if it is known.
    pub(super) fn configuration(&self, image: &Image) -> Option<&Configuration> {
        let manifest = Manifest::read(&image.manifest).ok()?;
        self.layers.get(manifest.configuration()?)?.configuration.as_ref()
    }

    /// The digests of what is about the image with `digest`: signatures, attestations.
    pub(super) fn referrers(&self, digest: &str) -> Vec<&str> {
        let is_about = |image: &Image| Manifest::read(&image.manifest).is_ok_and(|read| read.subject() == Some(digest));
        self.images.iter().filter(|(_, image)| is_about(image)).map(|(digest, _)| digest.as_str()).collect()
    }

    /// Takes an image away, with its tags, with what is about it, and with the layers that no other image has.
    pub(super) fn remove(&mut self, digest: &str) {
        let Some(image) = self.images.remove(digest) else { return };
        self.tags.retain(|_, of| *of != digest);
        self.scans.remove(digest);
        let referrers: Vec<_> = self.referrers(digest).into_iter().map(str::to_owned).collect();
        for referrer in &referrers {
            self.remove(referrer);
        }
        let left: Vec<_> = self.images.values().filter_map(|image| Manifest::read(&image.manifest).ok()).collect();
        for layer in Manifest::read(&image.manifest).iter().flat_map(Manifest::layers) {
            if !left.iter().any(|manifest| manifest.layers().any(|other| other == layer)) {
                self.layers.remove(layer);
            }
        }
    }

    /// The image behind `id` and its digest; with both a digest and a tag, they have to agree.
    pub(super) fn find(&self, id: &ImageId) -> Option<(&str, &Image)> {
        let by_tag = match &id.tag {
            Some(tag) => Some(self.tags.get(tag)?),
            None => None,
        };
        let digest = id.digest.as_ref().or(by_tag)?;
        if by_tag.is_some_and(|tagged| tagged != digest) {
            return None;
        }
        self.images.get_key_value(digest).map(|(digest, image)| (digest.as_str(), image))
    }

    /// The tags of the image with `digest`.
    pub(super) fn tags_of(&self, digest: &str) -> Vec<&str> {
        self.tags.iter().filter(|(_, of)| *of == digest).map(|(tag, _)| tag.as_str()).collect()
    }

    /// Whether `tag` may be moved to another image.
    pub(super) fn may_move(&self, tag: &str) -> bool {
        let is_excluded = self.exclusions.iter().any(|pattern| matches_wildcard(pattern, tag));
        match self.mutability {
            Mutability::Mutable => true,
            Mutability::Immutable => false,
            Mutability::ImmutableWithExclusion => is_excluded,
            Mutability::MutableWithExclusion => !is_excluded,
        }
    }
}

/// Whether `text` is what `pattern` describes, in which `*` stands for anything.
pub(super) fn matches_wildcard(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(head) else {
        return false;
    };
    let mut parts: Vec<_> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, after)) = text.split_once(part) else {
            return false;
        };
        text = after;
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_anything_between() {
        for (pattern, text, expected) in [
            ("latest", "latest", true),
            ("dev-*", "dev-1", true),
            ("dev-*", "prod-1", false),
            ("*-rc*x", "1-rc2x", true),
            ("a*a", "a", false),
        ] {
            assert_eq!(matches_wildcard(pattern, text), expected, "{pattern} {text}");
        }
    }
}
