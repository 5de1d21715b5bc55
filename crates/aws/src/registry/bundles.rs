//! What may be a signature of an image: Sigstore's bundles among what refers to it.
//!
//! They are listed by the registry, or by an index under a tag made from the digest, where who pushed them found a
//! registry without such a list. Cosign's older form, under a tag with `.sig`, is only seen to be there.

use bytes::Bytes;
use serde_json::Value;
use towpath_core::{
    identifier::{Digest, TagName},
    ports::{CallError, Fault, FoundBundle},
    signature::{Found, LARGEST},
};

use super::{
    answer::{Failed, What},
    manifest::{Entry, Manifest, Parts, entry},
    remote::Remote,
};

/// What the type of a bundle begins with; its version follows.
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle";
/// The most of an image's bundles that are read.
const MOST: usize = 50;

/// All that may be a signature of the image.
pub(crate) async fn bundles(remote: &Remote, image: &Digest) -> Result<Vec<FoundBundle>, CallError> {
    let mut found = Vec::new();
    for referrer in referrers(remote, image).await.map_err(|failed| failed.error)? {
        found.extend(of_referrer(remote, image, &referrer).await.map_err(|failed| failed.error)?);
    }
    found.extend(older(remote, image).await.map_err(|failed| failed.error)?);
    Ok(found)
}

/// What refers to the image and may have a bundle, each once.
async fn referrers(remote: &Remote, image: &Digest) -> Result<Vec<Entry>, Failed> {
    let mut lists: Vec<Bytes> = remote.get_referrers(image).await?;
    lists.extend(remote.get_tagged(&tag(image, "")).await?.map(|(list, _)| list));
    let mut referrers: Vec<Entry> = Vec::new();
    for list in lists {
        for referrer in listed(&list).map_err(unreadable)? {
            if !referrers.iter().any(|known| known.digest == referrer.digest) {
                referrers.push(referrer);
            }
        }
    }
    if referrers.len() > MOST {
        return Err(unreadable(format!("more than {MOST} signatures refer to it")));
    }
    Ok(referrers)
}

/// Of a list, what says that it is a bundle, or does not say what it is.
fn listed(list: &[u8]) -> Result<Vec<Entry>, String> {
    let value: Value =
        serde_json::from_slice(list).map_err(|_| "the list of what refers to it is not JSON".to_owned())?;
    let manifests = value.get("manifests").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let may_be = |referrer: &&Value| {
        let kind = referrer.get("artifactType").and_then(Value::as_str).unwrap_or_default();
        kind.is_empty() || kind.starts_with(BUNDLE)
    };
    manifests.iter().filter(may_be).map(entry).collect()
}

/// The bundles in what refers to the image. A list may be wrong, or old: what it names must say itself that it is about
/// the image.
async fn of_referrer(remote: &Remote, image: &Digest, referrer: &Entry) -> Result<Vec<FoundBundle>, Failed> {
    let found = Found::Referrer { repository: remote.repository().clone(), manifest: referrer.digest.clone() };
    let unusable = |why: &str| Ok(vec![FoundBundle { found: found.clone(), bundle: Err(why.to_owned()) }]);
    let (bytes, told) = match remote.get_manifest(&referrer.digest).await {
        Ok(manifest) => manifest,
        Err(failed) if failed.error.is_not_found() => return unusable("it is listed, and not there"),
        Err(failed) => return Err(failed),
    };
    if Digest::of(&bytes) != referrer.digest {
        return unusable("its manifest is not what its digest says");
    }
    let Ok(manifest) = Manifest::read(&referrer.digest, bytes, told.as_deref().or(referrer.media_type.as_deref()))
    else {
        return unusable("its manifest cannot be read");
    };
    let Parts::Image(parts) = &manifest.parts else { return Ok(Vec::new()) };
    let is_bundle = |part: &&Entry| part.media_type.as_deref().is_some_and(|kind| kind.starts_with(BUNDLE));
    let layers: Vec<&Entry> = parts.iter().filter(is_bundle).collect();
    if !layers.is_empty() && manifest.subject.as_ref() != Some(image) {
        return unusable("it is about another image");
    }
    let mut bundles = Vec::new();
    for layer in layers {
        bundles.push(FoundBundle { found: found.clone(), bundle: layer_of(remote, layer).await? });
    }
    Ok(bundles)
}

async fn layer_of(remote: &Remote, layer: &Entry) -> Result<Result<Vec<u8>, String>, Failed> {
    if layer.size > LARGEST as u64 {
        return Ok(Err(format!("it is larger than {} MiB", LARGEST / 1024 / 1024)));
    }
    match remote.small_blob(&layer.digest, LARGEST).await {
        Ok(bytes) if Digest::of(&bytes) == layer.digest => Ok(Ok(bytes.to_vec())),
        Ok(_) => Ok(Err("its bytes are not what their digest says".to_owned())),
        Err(failed) if failed.error.is_not_found() => Ok(Err("its bytes are not there".to_owned())),
        Err(failed) => Err(failed),
    }
}

/// Whether there is a signature of cosign's older form.
async fn older(remote: &Remote, image: &Digest) -> Result<Option<FoundBundle>, Failed> {
    let tag = tag(image, ".sig");
    let is_there = remote.get_tagged(&tag).await?.is_some();
    let why = "it is of cosign's older form, without a bundle; sign with cosign 3, or with `--new-bundle-format`";
    let found = Found::Tagged { repository: remote.repository().clone(), tag };
    Ok(is_there.then(|| FoundBundle { found, bundle: Err(why.to_owned()) }))
}

/// The tag that is made from a digest.
fn tag(image: &Digest, end: &str) -> TagName {
    let tag = format!("{}{end}", image.as_str().replacen(':', "-", 1));
    tag.parse().expect("a digest with a hyphen is a tag")
}

fn unreadable(why: impl Into<String>) -> Failed {
    What::read("ecr:ListImageReferrers").failed(Fault::Rejected, why)
}
