//! Which requests are for a REST service: by the service that they are signed for, or by the host.
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
    s3,
    simulator::Shared,
    sts::Caller,
    wire::reply::{Body, Dropped},
};

/// A request for a REST service.
#[derive(Debug)]
pub(crate) struct Route {
    signed: Option<Signed>,
    target: Target,
}

/// The REST service that a request is for, if it is for one.
pub(crate) fn route(parts: &Parts) -> Option<Route> {
    if parts.uri.path().starts_with("/_s") || parts.headers.contains_key("x-amz-target") {
        return None;
    }
    let target = Target::of(&parts.uri);
    let signed = Signed::read(parts, &target);
    let is_rest = match &signed {
        Some(signed) => signed.service == "s3",
        // Without a signature only the host can tell; who signs in another way speaks to somebody else.
        None => !parts.headers.contains_key(AUTHORIZATION) && host(parts).is_some_and(is_storage),
    };
    is_rest.then_some(Route { signed, target })
}

/// Whether a host is that of a bucket, and not that of a registry.
fn is_storage(host: &str) -> bool {
    s3::bucket_of_host(host).is_some() && !host.contains(".dkr.ecr.")
}

fn host(parts: &Parts) -> Option<&str> {
    parts.headers.get(HOST).and_then(|host| host.to_str().ok())
}

/// Answers a request for a REST service.
pub(crate) async fn answer(
    shared: &Arc<Shared>,
    route: Route,
    parts: &Parts,
    body: Incoming,
) -> Result<Response<Body>, Dropped> {
    let Route { signed, target } = route;
    let caller = caller(shared, signed.as_ref());
    let expects = parts.headers.contains_key("expect");
    match s3::Request::read(parts, target, signed.as_ref(), caller) {
        Ok(request) => strike::answer(shared, Job::S3(Box::new(request)), expects, body).await,
        Err(error) => {
            let number = shared.world().request_number();
            Ok(s3::finish(s3::failure(&error, number, true), number).into_response())
        }
    }
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
