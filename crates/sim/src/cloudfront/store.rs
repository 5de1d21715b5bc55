//! Every distribution there is, and the settings of the simulated CloudFront.
//!
//! What edges cached is not here: it does not outlive the simulator.

use std::{collections::BTreeMap, net::SocketAddr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    distribution::{Distribution, Door},
    knobs::CloudFrontKnobs,
    spec::DistributionSpec,
};
use crate::rest::RestError;

/// The simulated CloudFront.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct CloudFront {
    pub(super) knobs: CloudFrontKnobs,
    pub(super) distributions: BTreeMap<String, Distribution>,
    /// How many things were made.
    pub(super) made: u64,
}

impl CloudFront {
    pub(crate) fn new(knobs: CloudFrontKnobs) -> Self {
        Self { knobs, ..Self::default() }
    }

    /// Makes a distribution that a scenario declares.
    pub(crate) fn seed(&mut self, spec: &DistributionSpec, account: &str, now: Timestamp) -> Result<(), RestError> {
        if self.distributions.contains_key(&spec.id) {
            return Err(RestError::new(
                409,
                "DistributionAlreadyExists",
                "There is a distribution of that id already.",
            ));
        }
        self.distributions.insert(spec.id.clone(), Distribution::new(spec.clone(), account, now));
        Ok(())
    }

    /// A number that nothing was made with yet.
    pub(super) fn number(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// The distribution that a host means, and its location if the host says so.
    pub(crate) fn by_host(&self, host: &str) -> Option<(String, Option<String>)> {
        self.distributions.values().find_map(|distribution| {
            let location = match distribution.serves(host)? {
                Door::Front => None,
                Door::Location(name) => Some(name.to_owned()),
            };
            Some((distribution.spec.id.clone(), location))
        })
    }

    /// The distributions that want an address of their own.
    pub(crate) fn listening(&self) -> Vec<(String, SocketAddr)> {
        let of = |distribution: &Distribution| Some((distribution.spec.id.clone(), distribution.spec.listen?));
        self.distributions.values().filter_map(of).collect()
    }

    /// Every invalidation, for people.
    pub(crate) fn shown(&self, now: Timestamp) -> Vec<Value> {
        let of = |distribution: &Distribution| {
            let id = distribution.spec.id.clone();
            distribution
                .invalidations
                .iter()
                .map(move |invalidation| {
                    let paths: Vec<&str> =
                        invalidation.paths.iter().map(super::paths::InvalidationPath::as_str).collect();
                    json!({
                        "distribution": id,
                        "id": invalidation.id,
                        "caller-reference": invalidation.reference,
                        "created": invalidation.created,
                        "status": invalidation.status(now),
                        "paths": paths,
                    })
                })
                .collect::<Vec<_>>()
        };
        self.distributions.values().flat_map(of).collect()
    }
}
