//! Manifests: `GET`, `HEAD`, `PUT` and `DELETE`, by tag and by digest.
//!
//! Nothing is converted: a manifest goes out as it came in, or not at all.

use http_body_util::{BodyExt as _, Limited};
use hyper::{StatusCode, body::Incoming};

use super::{
    problem::Problem,
    visit::{Answered, Visit, not_allowed, now},
};
use crate::{
    ecr::{Door, Image, ImageId, LARGEST, Manifest, Push, is_digest},
    simulator::Shared,
    wire::reply::Reply,
};

pub(super) fn get(shared: &Shared, visit: &Visit<'_>, reference: &str) -> Answered {
    let at = now(shared);
    let mut world = shared.world();
    let knobs = world.estate.registry_knobs.clone();
    let registry = world.estate.registry(&visit.address.place);
    let found = registry.find(&visit.address.repository, &id(reference));
    let (digest, image) = found.map(|(digest, image)| (digest.to_owned(), image.clone())).ok_or_else(unknown)?;
    if knobs.refuse_unaccepted && !accepts(visit, &image.media_type) {
        let message = format!("The image is of type {}, which the Accept header does not name", image.media_type);
        return Err(Problem::new(404, "MANIFEST_UNKNOWN", message));
    }
    let is_get = visit.parts.method == hyper::Method::GET;
    if is_get {
        registry.note_pull(&visit.address.repository, &digest, at);
    }
    Ok(shown(&image, &digest, !is_get || knobs.digest_on_get))
}

fn shown(image: &Image, digest: &str, with_digest: bool) -> Reply {
    let reply = Reply::empty(StatusCode::OK).with_header("content-type", &image.media_type);
    let reply = Reply { body: image.manifest.clone().into(), ..reply };
    if with_digest { reply.with_header("docker-content-digest", digest) } else { reply }
}

/// Whether one of the `Accept` headers names a media type, or anything.
fn accepts(visit: &Visit<'_>, media_type: &str) -> bool {
    let headers = visit.parts.headers.get_all("accept");
    let mut named =
        headers.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).peekable();
    named.peek().is_none()
        || named.any(|named| {
            [media_type, "*/*", "application/*"].contains(&named.split(';').next().unwrap_or_default().trim())
        })
}

pub(super) async fn put(shared: &Shared, visit: &Visit<'_>, reference: &str, body: Incoming) -> Answered {
    let too_large = |_| Problem::new(413, "SIZE_INVALID", format!("A manifest has at most {LARGEST} bytes"));
    let body = Limited::new(body, LARGEST).collect().await.map_err(too_large)?.to_bytes();
    let syntax = "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'";
    let manifest = std::str::from_utf8(&body).map_err(|_| Problem::new(405, "UNSUPPORTED", syntax))?;
    let ImageId { digest, tag } = id(reference);
    let push = Push {
        repository: &visit.address.repository,
        manifest,
        media_type: visit.header("content-type").map(|kind| kind.split(';').next().unwrap_or_default().trim()),
        digest: digest.as_deref(),
        tag: tag.as_deref(),
        door: Door::Registry,
    };
    let at = now(shared);
    let digest = shared.world().estate.registry(&visit.address.place).push(&push, at)?;
    let location = visit.location(&format!("manifests/{digest}"));
    let reply = Reply::empty(StatusCode::CREATED).with_header("location", &location);
    let reply = reply.with_header("docker-content-digest", &digest);
    let subject = Manifest::read(manifest).ok().and_then(|manifest| manifest.subject().map(str::to_owned));
    Ok(subject.iter().fold(reply, |reply, subject| reply.with_header("oci-subject", subject)))
}

pub(super) fn delete(shared: &Shared, visit: &Visit<'_>, reference: &str) -> Answered {
    let mut world = shared.world();
    if !world.estate.registry_knobs.delete_by_registry {
        return Err(not_allowed());
    }
    let registry = world.estate.registry(&visit.address.place);
    match registry.delete_image(&visit.address.repository, &id(reference))? {
        Ok(()) => Ok(Reply::empty(StatusCode::ACCEPTED)),
        Err(("ImageNotFound", reason)) => Err(Problem::new(404, "MANIFEST_UNKNOWN", reason)),
        Err((_, reason)) => Err(Problem::new(405, "UNSUPPORTED", reason)),
    }
}

/// A digest, or else a tag.
fn id(reference: &str) -> ImageId {
    let text = Some(reference.to_owned());
    if is_digest(reference) { ImageId { digest: text, tag: None } } else { ImageId { digest: None, tag: text } }
}

fn unknown() -> Problem {
    Problem::new(404, "MANIFEST_UNKNOWN", "Requested image not found")
}
