//! Which requests are for a REST service or an edge: by the service that they are signed for, or by the host.
//!
//! Everything else is for the others.

use std::sync::Arc;

use hyper::{
    Response,
    body::Incoming,
    header::{AUTHORIZATION, HOST},
    http::request::Parts,
};

use super::{answer::Job, signed::Signed, strike, target::Target};
use crate::{
    cloudfront::{self, EdgeRequest},
    s3,
    simulator::Shared,
    sts::Caller,
    wire::reply::{Body, Dropped},
};

/// A request for a REST service, or for an edge.
#[derive(Debug)]
pub(crate) enum Route {
    /// A viewer's.
    Edge(EdgeRequest),
    S3 {
        signed: Option<Signed>,
        target: Target,
    },
    CloudFront {
        signed: Signed,
        target: Target,
    },
}

/// Whom a request is for, if it is for a REST service; `front` is the distribution whose address it came to.
pub(crate) fn route(shared: &Shared, parts: &Parts, front: Option<&str>) -> Option<Route> {
    if let Some(distribution) = front {
        return Some(Route::Edge(EdgeRequest::new(parts, distribution.to_owned(), None)));
    }
    if parts.uri.path().starts_with("/_sim/") || parts.headers.contains_key("x-amz-target") {
        return None;
    }
    let target = Target::of(&parts.uri);
    match Signed::read(parts, &target) {
        Some(signed) if signed.service == "s3" => Some(Route::S3 { signed: Some(signed), target }),
        Some(signed) if signed.service == "cloudfront" => Some(Route::CloudFront { signed, target }),
        Some(_) => None,
        // Who signs in another way speaks to somebody else.
        None if parts.headers.contains_key(AUTHORIZATION) => None,
        None => unsigned(shared, parts, target),
    }
}

/// Without a signature only the host can tell.
fn unsigned(shared: &Shared, parts: &Parts, target: Target) -> Option<Route> {
    let host = parts.uri.host().or_else(|| parts.headers.get(HOST)?.to_str().ok())?;
    let edge = shared.world().estate.cloudfront.by_host(host);
    if let Some((distribution, location)) = edge {
        return Some(Route::Edge(EdgeRequest::new(parts, distribution, location)));
    }
    let is_ours = parts.uri.path().starts_with("/_serve") || host.contains(".dkr.ecr.");
    let is_bucket = s3::bucket_of_host(host).is_some() && !is_ours;
    is_bucket.then_some(Route::S3 { signed: None, target })
}

/// Answers a request for a REST service, or for an edge.
pub(crate) async fn answer(
    shared: &Arc<Shared>,
    route: Route,
    parts: &Parts,
    body: Incoming,
) -> Result<Response<Body>, Dropped> {
    let expects = parts.headers.contains_key("expect");
    match route {
        Route::Edge(request) => Ok(edge(shared, &request)),
        Route::S3 { signed, target } => {
            let caller = caller(shared, signed.as_ref());
            match s3::Request::read(parts, target, signed.as_ref(), caller) {
                Ok(request) => strike::answer(shared, Job::S3(Box::new(request)), expects, body).await,
                Err(error) => {
                    let number = shared.world().request_number();
                    Ok(s3::finish(s3::failure(&error, number, true), number).into_response())
                }
            }
        }
        Route::CloudFront { signed, target } => {
            let caller = caller(shared, Some(&signed));
            match cloudfront::Request::read(parts, target, &signed, caller) {
                Ok(request) => strike::answer(shared, Job::CloudFront(Box::new(request)), expects, body).await,
                Err(error) => {
                    let number = shared.world().request_number();
                    Ok(cloudfront::failure(&error, number).into_response())
                }
            }
        }
    }
}

fn edge(shared: &Shared, request: &EdgeRequest) -> Response<Body> {
    let mut world = shared.world();
    let now = world.step();
    let world = &mut *world;
    let parts = (&world.estate.cloudfront, &mut world.edges);
    cloudfront::serve(parts, shared.storage(), request, now).into_response()
}

fn caller(shared: &Shared, signed: Option<&Signed>) -> Caller {
    let world = shared.world();
    let estate = &world.estate;
    match signed {
        Some(signed) => estate.sessions.caller(&signed.access_key, &signed.region, &estate.default_account),
        None => Caller {
            account: "anonymous".to_owned(),
            region: estate.default_region.clone(),
            arn: "anonymous".to_owned(),
            user_id: "anonymous".to_owned(),
        },
    }
}
