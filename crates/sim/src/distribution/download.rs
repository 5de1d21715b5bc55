//! The address of a layer, which stands in for the one in S3 that ECR gives out: good for an hour, for anybody.
//!
//! No credentials are looked at: the address has its own.

use super::{
    layers,
    problem::Problem,
    visit::{Answered, Visit},
};
use crate::{ecr::signature, simulator::Shared, world::not_before_today};

pub(super) fn get(shared: &Shared, visit: &Visit<'_>, digest: &str) -> Answered {
    let expires: i64 = visit.query("expires").and_then(|text| text.parse().ok()).unwrap_or_default();
    if visit.query("signature") != Some(signature(visit.parts.uri.path(), expires)) {
        return Err(Problem::new(403, "SignatureDoesNotMatch", "The simulator did not give out this address"));
    }
    let (now, store) = {
        let world = shared.world();
        (not_before_today(world.clock.now()), world.site.store.clone())
    };
    if expires <= now.as_second() {
        return Err(Problem::new(403, "AccessDenied", "Request has expired"));
    }
    let layer = layers::find(shared, visit, digest)?;
    layers::content(&store, &layer, digest, visit.header("range"))
}
