//! Answering a viewer: from the cache, from the origin, or with a page instead of an error.
//!
//! The location is the first one, unless the host or the header `x-towpath-sim-location` says another.

use hyper::{HeaderMap, Method, http::request::Parts};
use jiff::Timestamp;

use super::{
    cache::{CacheKey, Edges, Found},
    origin::Outcome,
    reply,
};
use crate::{
    cloudfront::{distribution::Distribution, spec::LocationSpec, store::CloudFront},
    rest::RestReply,
    s3::{Object, S3, Version},
};

/// What a viewer asks.
#[derive(Debug)]
pub(crate) struct EdgeRequest {
    distribution: String,
    location: Option<String>,
    method: Method,
    path: String,
    query: Option<String>,
    headers: HeaderMap,
}

/// What is done for one viewer at one location.
struct Visit<'a> {
    request: &'a EdgeRequest,
    distribution: &'a Distribution,
    location: &'a LocationSpec,
    storage: &'a S3,
    now: Timestamp,
}

impl EdgeRequest {
    pub(crate) fn new(parts: &Parts, distribution: String, location: Option<String>) -> Self {
        let header = parts.headers.get("x-towpath-sim-location").and_then(|name| name.to_str().ok());
        Self {
            distribution,
            location: location.or_else(|| header.map(str::to_owned)),
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers: parts.headers.clone(),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// What the viewer understands, as far as it tells things in caches apart.
    fn encodings(&self) -> &'static str {
        let accepted = self.header("accept-encoding").unwrap_or_default();
        let accepts = |wanted: &str| {
            accepted.split(',').any(|coding| {
                let mut parts = coding.split(';').map(str::trim);
                parts.next() == Some(wanted) && parts.all(|part| part != "q=0")
            })
        };
        match (accepts("br"), accepts("gzip")) {
            (true, true) => "br,gzip",
            (true, false) => "br",
            (false, true) => "gzip",
            (false, false) => "",
        }
    }
}

/// Answers a viewer.
pub(crate) fn serve(
    (cloudfront, edges): (&CloudFront, &mut Edges),
    storage: &S3,
    request: &EdgeRequest,
    now: Timestamp,
) -> RestReply {
    let found = cloudfront.distributions.get(&request.distribution).filter(|found| found.is_enabled);
    let Some(distribution) = found else { return reply::error(404, false) };
    let locations = distribution.spec.all_locations();
    let is_asked = |location: &&LocationSpec| request.location.as_deref() == Some(location.name.as_str());
    let Some(location) = locations.iter().find(is_asked).or(locations.first()) else {
        return reply::error(404, false);
    };
    Visit { request, distribution, location, storage, now }.answer(edges)
}

impl Visit<'_> {
    fn answer(&self, edges: &mut Edges) -> RestReply {
        if !matches!(self.request.method, Method::GET | Method::HEAD) {
            return reply::wrong_method();
        }
        let (outcome, found) = self.get(edges, &self.request.path);
        match outcome {
            Outcome::Found(version) => match version.object() {
                Some(object) => self.told(self.object(200, &version, object), Some(found)),
                None => self.told(reply::error(404, false), None),
            },
            Outcome::Error(status) => self.error(edges, status),
        }
    }

    fn get(&self, edges: &mut Edges, path: &str) -> (Outcome, Found) {
        let query = self.request.query.as_deref().filter(|_| self.distribution.spec.query_strings);
        let key = CacheKey {
            distribution: self.distribution.spec.id.clone(),
            location: self.location.name.clone(),
            path: query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}")),
            encodings: self.request.encodings(),
        };
        edges.get(self.storage, (self.distribution, self.location), &key, self.now)
    }

    /// An object, unless the viewer has it.
    fn object(&self, status: u16, version: &Version, object: &Object) -> RestReply {
        let has = self.request.header("if-none-match").is_some_and(|tags| object.etag.is_in(tags));
        if has && status == 200 {
            return reply::unchanged(version, object);
        }
        reply::object(status, version, object, self.request.method == Method::HEAD)
    }

    /// An error, or the page that is served instead.
    fn error(&self, edges: &mut Edges, status: u16) -> RestReply {
        let is_head = self.request.method == Method::HEAD;
        let page = self.distribution.spec.error_pages.iter().find(|page| page.status == status);
        let Some(page) = page else { return self.told(reply::error(status, is_head), None) };
        let (outcome, _) = self.get(edges, &page.page);
        let shown = match &outcome {
            Outcome::Found(version) => version.object().map(|object| self.object(page.answer, version, object)),
            // Without its page the error is told as it is.
            Outcome::Error(_) => None,
        };
        self.told(shown.unwrap_or_else(|| reply::error(status, is_head)), None)
    }

    fn told(&self, reply: RestReply, found: Option<Found>) -> RestReply {
        reply::with_edge(reply, found, &self.distribution.domain(), &self.location.name, self.now)
    }
}
