//! Tags, repositories and referrers, in pages.
//!
//! A page ends with a `Link` to the next one; what stands in it is for the client to send back, not to read.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::{
    problem::Problem,
    visit::{Answered, Visit},
};
use crate::{ecr::is_digest, simulator::Shared, wire::reply::Reply};

/// The most entries of a page.
const MOST: usize = 1000;
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

pub(super) fn tags(shared: &Shared, visit: &Visit<'_>) -> Answered {
    let tags: Vec<String> = {
        let mut world = shared.world();
        let registry = world.estate.registry(&visit.address.place);
        registry.tags(&visit.address.repository)?.map(str::to_owned).collect()
    };
    paged(visit, tags, |tags| json!({"name": visit.route.name(), "tags": tags}))
}

pub(super) fn catalog(shared: &Shared, visit: &Visit<'_>) -> Answered {
    let mut world = shared.world();
    let names = world.estate.registry(&visit.address.place).names().map(str::to_owned).collect();
    drop(world);
    paged(visit, names, |names| json!({"repositories": names}))
}

/// The page of `entries` that was asked for: `n` of them after `last`.
fn paged(visit: &Visit<'_>, entries: Vec<String>, shown: impl FnOnce(&[String]) -> Value) -> Answered {
    let wrong = || Problem::new(400, "PAGINATION_NUMBER_INVALID", format!("n is a number between 1 and {MOST}"));
    let size = match visit.query("n") {
        None => MOST,
        Some(text) => text.parse().ok().filter(|size| (1..=MOST).contains(size)).ok_or_else(wrong)?,
    };
    let last = visit.query("last").unwrap_or_default();
    let left: Vec<String> = entries.into_iter().filter(|entry| *entry > last).collect();
    let page = &left[..left.len().min(size)];
    let reply = Reply::json(StatusCode::OK, &shown(page));
    match page.last().filter(|_| left.len() > size) {
        Some(last) => {
            let path = visit.parts.uri.path();
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("n", &size.to_string())
                .append_pair("last", last)
                .finish();
            Ok(reply.with_header("link", &format!("<{path}?{query}>; rel=\"next\"")))
        }
        None => Ok(reply),
    }
}

pub(super) fn referrers(shared: &Shared, visit: &Visit<'_>, digest: &str) -> Answered {
    if !is_digest(digest) {
        return Err(Problem::new(400, "DIGEST_INVALID", format!("'{digest}' is no digest")));
    }
    let filter = visit.query("artifactType");
    let mut world = shared.world();
    let registry = world.estate.registry(&visit.address.place);
    let mut manifests = registry.referrers(&visit.address.repository, digest)?;
    manifests.retain(|manifest| filter.as_ref().is_none_or(|kind| manifest["artifactType"] == **kind));
    let body = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
    let reply = Reply::new(StatusCode::OK, INDEX, body.to_string());
    Ok(if filter.is_some() { reply.with_header("oci-filters-applied", "artifactType") } else { reply })
}
