//! What an image consists of in one repository, and what of it is missing there.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use towpath_core::{
    identifier::Digest,
    ports::{ImageContents, PublishError},
};

use super::{
    gather::{Gathered, gather},
    manifest::{Entry, Manifest},
    origin::Origin,
    remote::Remote,
};

/// How many layers are looked for at the same time.
const AT_ONCE: usize = 8;

/// Looks at all of the image; `None` where it is not there.
pub(crate) async fn contents(remote: &Remote, root: &Digest) -> Result<Option<ImageContents>, PublishError> {
    let Some(gathered) = gather(&Origin::Remote(remote.clone()), root).await? else {
        return Ok(None);
    };
    let blobs = Gathered::blobs(&gathered.manifests).into_iter();
    let looked = blobs.map(|blob: Entry| async move {
        let is_there = remote.has_blob(&blob.digest).await?;
        Ok::<_, PublishError>((blob.digest, is_there))
    });
    let looked: Vec<(Digest, bool)> = stream::iter(looked).buffer_unordered(AT_ONCE).try_collect().await?;
    let (own, referrers) = gathered.manifests.split_at(gathered.own);
    let absent = looked.iter().filter(|(_, is_there)| !is_there).map(|(blob, _)| blob.clone());
    Ok(Some(ImageContents {
        manifests: digests(own),
        referrers: digests(referrers),
        referrers_unknown: gathered.referrers_unknown.clone(),
        missing: gathered.missing.iter().cloned().chain(absent).collect(),
        blobs: looked.into_iter().map(|(blob, _)| blob).collect(),
    }))
}

fn digests(manifests: &[Manifest]) -> BTreeSet<Digest> {
    manifests.iter().map(|manifest| manifest.digest.clone()).collect()
}
