//! Everything that an image consists of: its manifest, those of an index's entries, and what refers to any of them.
//!
//! Manifests are held in memory, which is why their number is bounded; layers never are.

use std::collections::BTreeSet;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use towpath_core::{
    identifier::{Digest, ImageReference},
    ports::{CallError, PublishError},
};

use super::{
    manifest::{Entry, Manifest, Parts},
    origin::Origin,
};

/// The most manifests that one image may have.
const MOST: usize = 1_000;
/// How deep an index may be in an index.
const DEEPEST: usize = 4;

/// What an image consists of.
pub(super) struct Gathered {
    /// Each after all that it names, and after what it refers to.
    pub(super) manifests: Vec<Manifest>,
    /// How many of them are the image; the others refer to it.
    pub(super) own: usize,
    /// What is named and not there.
    pub(super) missing: BTreeSet<Digest>,
    /// Why it is not known what refers to them.
    pub(super) referrers_unknown: Option<CallError>,
}

/// Gathers the image; `None` where it is not there.
pub(super) async fn gather(origin: &Origin, root: &Digest) -> Result<Option<Gathered>, PublishError> {
    let mut gathering =
        Gathering { origin, root, seen: BTreeSet::new(), manifests: Vec::new(), missing: BTreeSet::new() };
    gathering.visit(root.clone(), None, 0).await?;
    if gathering.missing.contains(root) {
        return Ok(None);
    }
    let own = gathering.manifests.len();
    let referrers_unknown = gathering.follow().await?;
    Ok(Some(Gathered { manifests: gathering.manifests, own, missing: gathering.missing, referrers_unknown }))
}

impl Gathered {
    /// Refuses what is not all there.
    pub(super) fn require_whole(&self, image: &ImageReference) -> Result<(), PublishError> {
        match self.missing.first() {
            Some(missing) => Err(PublishError::Incomplete { image: image.clone(), missing: missing.clone() }),
            None => Ok(()),
        }
    }

    /// The layers and configurations of all of them, each once.
    pub(super) fn blobs<'a>(manifests: impl IntoIterator<Item = &'a Manifest>) -> Vec<Entry> {
        let mut seen = BTreeSet::new();
        let all = manifests.into_iter().flat_map(|manifest| match &manifest.parts {
            Parts::Image(blobs) => blobs.as_slice(),
            Parts::Index(_) => &[],
        });
        all.filter(|blob| seen.insert(&blob.digest)).cloned().collect()
    }
}

struct Gathering<'a> {
    origin: &'a Origin,
    root: &'a Digest,
    seen: BTreeSet<Digest>,
    manifests: Vec<Manifest>,
    missing: BTreeSet<Digest>,
}

impl Gathering<'_> {
    /// Gathers what refers to what was gathered; why that is not known, where the caller may not ask.
    async fn follow(&mut self) -> Result<Option<CallError>, PublishError> {
        let mut next = 0;
        while let Some(digest) = self.manifests.get(next).map(|manifest| manifest.digest.clone()) {
            let referring = match self.origin.referrers(&digest).await {
                Err(PublishError::Call(error)) if error.is_denied() => return Ok(Some(error)),
                other => other?,
            };
            for entry in referring {
                self.visit(entry.digest, entry.media_type, 0).await?;
            }
            next += 1;
        }
        Ok(None)
    }

    fn visit(
        &mut self,
        digest: Digest,
        media_type: Option<String>,
        depth: usize,
    ) -> BoxFuture<'_, Result<(), PublishError>> {
        async move {
            if !self.seen.insert(digest.clone()) {
                return Ok(());
            }
            if self.seen.len() > MOST || depth > DEEPEST {
                let why = format!("it has more than {MOST} manifests, or more than {DEEPEST} one in another");
                return Err(PublishError::Unsupported { image: self.origin.image(self.root), why });
            }
            let Some(manifest) = self.origin.manifest(&digest, media_type.as_deref()).await? else {
                self.missing.insert(digest);
                return Ok(());
            };
            if let Parts::Index(entries) = &manifest.parts {
                for entry in entries.clone() {
                    self.visit(entry.digest, entry.media_type, depth + 1).await?;
                }
            }
            self.manifests.push(manifest);
            Ok(())
        }
        .boxed()
    }
}
