//! What each operation does.
//!
//! A distribution of another account is not there.

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use jiff::Timestamp;

use super::{
    config::Config,
    documents,
    request::{Operation, Request},
};
use crate::{
    cloudfront::{distribution::Distribution, ids::id, invalidation::Batch, spec::DistributionSpec, store::CloudFront},
    rest::{Noted, RestError, RestReply},
    simulator::Shared,
};

/// The largest document: three thousand long paths.
const LARGEST: usize = 16 * 1024 * 1024;

impl Request {
    /// Performs the request.
    pub(crate) async fn perform(
        &self,
        shared: &Shared,
        noted: &Noted,
        body: &mut Incoming,
    ) -> Result<RestReply, RestError> {
        let body = Limited::new(body, LARGEST).collect().await;
        let body = body.map_err(|_| RestError::client("InvalidArgument", "The body is too large or broke off."))?;
        let mut world = shared.world();
        let done = self.done(&mut world.estate.cloudfront, &body.to_bytes(), noted.at);
        world.is_dirty |= done.is_ok();
        done
    }

    fn done(&self, cloudfront: &mut CloudFront, body: &[u8], now: Timestamp) -> Result<RestReply, RestError> {
        match self.operation {
            Operation::CreateDistribution => self.create(cloudfront, body, now),
            Operation::ListDistributions => {
                let own = cloudfront.distributions.values().filter(|known| known.account == self.caller.account);
                Ok(RestReply::xml(200, documents::list(&own.collect::<Vec<_>>())))
            }
            Operation::GetDistribution => {
                let found = self.found(cloudfront)?;
                Ok(RestReply::xml(200, documents::distribution(found, now)).header("etag", found.etag()))
            }
            Operation::GetDistributionConfig => {
                let found = self.found(cloudfront)?;
                Ok(RestReply::xml(200, documents::config(found)).header("etag", found.etag()))
            }
            Operation::UpdateDistribution => self.update(cloudfront, body, now),
            Operation::CreateInvalidation => self.invalidate(cloudfront, body, now),
            Operation::GetInvalidation => {
                let found = self.found(cloudfront)?;
                let invalidation = found.invalidations.iter().find(|known| known.id == self.invalidation);
                let message = "The specified invalidation does not exist.";
                let invalidation = invalidation.ok_or_else(|| RestError::new(404, "NoSuchInvalidation", message))?;
                Ok(RestReply::xml(200, documents::invalidation(invalidation, now)))
            }
            Operation::ListInvalidations => self.invalidations(self.found(cloudfront)?, now),
        }
    }

    fn create(&self, cloudfront: &mut CloudFront, body: &[u8], now: Timestamp) -> Result<RestReply, RestError> {
        let config = Config::read(body)?;
        let is_same =
            |known: &&Distribution| known.account == self.caller.account && known.reference == config.reference;
        if cloudfront.distributions.values().find(is_same).is_some() {
            let message = "The caller reference that you are using to create a distribution is associated with another distribution.";
            return Err(RestError::new(409, "DistributionAlreadyExists", message));
        }
        let name = id('E', cloudfront.number());
        let mut made = Distribution::new(DistributionSpec::new(&name, ""), &self.caller.account, now);
        config.apply(&mut made);
        let document = documents::distribution(&made, now);
        let location = format!("https://cloudfront.amazonaws.com/2020-05-31/distribution/{name}");
        let reply = RestReply::xml(201, document).header("location", location).header("etag", made.etag());
        cloudfront.distributions.insert(name, made);
        Ok(reply)
    }

    fn update(&self, cloudfront: &mut CloudFront, body: &[u8], now: Timestamp) -> Result<RestReply, RestError> {
        let config = Config::read(body)?;
        let claimed = self.headers.get("if-match").and_then(|tag| tag.to_str().ok());
        let found = self.found_mut(cloudfront)?;
        let message = "The If-Match version is missing or not valid for the resource.";
        let claimed = claimed.ok_or_else(|| RestError::client("InvalidIfMatchVersion", message))?;
        if claimed.trim_matches('"') != found.etag() {
            let message =
                "The request failed because it didn't meet the preconditions in one or more request-header fields.";
            return Err(RestError::new(412, "PreconditionFailed", message));
        }
        if config.reference != found.reference {
            return Err(RestError::client("IllegalUpdate", "The update contains modifications that are not allowed."));
        }
        config.apply(found);
        found.revision += 1;
        found.modified = now;
        Ok(RestReply::xml(200, documents::distribution(found, now)).header("etag", found.etag()))
    }

    fn invalidate(&self, cloudfront: &mut CloudFront, body: &[u8], now: Timestamp) -> Result<RestReply, RestError> {
        let (knobs, number) = (cloudfront.knobs.clone(), cloudfront.number());
        let found = self.found_mut(cloudfront)?;
        let made = found.invalidate(Batch::read(body, &knobs)?, &knobs, number, now)?;
        let (distribution, id) = (&self.distribution, &made.id);
        let location =
            format!("https://cloudfront.amazonaws.com/2020-05-31/distribution/{distribution}/invalidation/{id}");
        Ok(RestReply::xml(201, documents::invalidation(&made, now)).header("location", location))
    }

    /// Invalidations, the newest first.
    fn invalidations(&self, found: &Distribution, now: Timestamp) -> Result<RestReply, RestError> {
        let most = match self.target.filled("MaxItems") {
            None => 100,
            Some(text) => {
                let most = text.parse().ok().filter(|most| (1..=100).contains(most));
                most.ok_or_else(|| RestError::client("InvalidArgument", "MaxItems must be between 1 and 100."))?
            }
        };
        let marker = self.target.filled("Marker");
        let newest_first: Vec<_> = found.invalidations.iter().rev().collect();
        let start = marker.and_then(|marker| newest_first.iter().position(|known| known.id == marker));
        let rest = &newest_first[start.map_or(0, |index| index + 1)..];
        let shown = &rest[..rest.len().min(most)];
        let document = documents::invalidations(shown, (marker.unwrap_or_default(), most, rest.len() > most), now);
        Ok(RestReply::xml(200, document))
    }

    fn found<'a>(&self, cloudfront: &'a CloudFront) -> Result<&'a Distribution, RestError> {
        let found = cloudfront.distributions.get(&self.distribution);
        found.filter(|found| found.account == self.caller.account).ok_or_else(no_such_distribution)
    }

    fn found_mut<'a>(&self, cloudfront: &'a mut CloudFront) -> Result<&'a mut Distribution, RestError> {
        let found = cloudfront.distributions.get_mut(&self.distribution);
        found.filter(|found| found.account == self.caller.account).ok_or_else(no_such_distribution)
    }
}

fn no_such_distribution() -> RestError {
    RestError::new(404, "NoSuchDistribution", "The specified distribution does not exist.")
}
