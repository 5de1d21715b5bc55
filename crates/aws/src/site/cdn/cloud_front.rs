//! The Cdn port on CloudFront.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use reqwest::Method;
use towpath_core::{
    identifier::{DistributionId, InvalidationId},
    ports::{Cdn, CdnError, Distribution, Invalidation},
    site::{InvalidationPath, InvalidationReference},
};

use crate::Aws;

use super::{
    client::{Client, Request},
    distribution,
    failed::{Failed, What},
    http::Clients,
    invalidation,
    keyring::Keyring,
    place::Place,
    xml,
};

/// The version of CloudFront's interface, which begins every path.
const VERSION: &str = "2020-05-31";

/// The longest description of a distribution that is read.
const LONGEST: usize = 4 << 20;

const READ: What = What::read("cloudfront:GetDistribution");
const LOOK: What = What::read("cloudfront:GetInvalidation");
const CHANGE: What = What::change("cloudfront:CreateInvalidation");

/// CloudFront, as one environment's caller.
#[derive(Clone)]
pub struct CloudFront {
    client: Client,
}

impl CloudFront {
    pub(crate) fn new(aws: &Aws) -> Self {
        let place = Place::of_cloud_front(aws.region(), aws.endpoint_of("CloudFront").as_deref());
        let keyring = Arc::new(Keyring::new(aws.credentials()));
        let clients = Arc::new(Clients::new(aws.patience().connect));
        Self { client: Client::new(place, keyring, clients, aws.patience().clone()) }
    }
}

/// Who calls is not shown.
impl fmt::Debug for CloudFront {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CloudFront").field("origin", &self.client.place().origin()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Cdn for CloudFront {
    async fn distribution(&self, id: &DistributionId) -> Result<Distribution, CdnError> {
        let path = format!("{VERSION}/distribution/{id}");
        let answer = self.client.send(&Request::new(READ, Method::GET, &path).expecting(LONGEST)).await;
        let answer = answer.map_err(|failed| named(id, failed))?;
        let read = xml::read(READ, &answer.body, "Distribution", |node| distribution::read(id, node));
        read.map_err(|failed| named(id, failed))
    }

    async fn invalidate(
        &self,
        id: &DistributionId,
        reference: &InvalidationReference,
        paths: &[InvalidationPath],
    ) -> Result<Invalidation, CdnError> {
        let path = format!("{VERSION}/distribution/{id}/invalidation");
        let request = Request::new(CHANGE, Method::POST, &path)
            .with("content-type", "application/xml")
            .saying(invalidation::batch(reference, paths).into());
        // The reference makes asking again the same as having asked once.
        let answer = self.client.send(&request).await.map_err(|failed| {
            if invalidation::is_taken(&failed) {
                CdnError::ReferenceTaken(reference.clone())
            } else {
                named(id, failed)
            }
        })?;
        let read = xml::read(CHANGE, &answer.body, "Invalidation", invalidation::read);
        read.map_err(|failed| named(id, failed))
    }

    async fn invalidation(&self, id: &DistributionId, invalidation: &InvalidationId) -> Result<Invalidation, CdnError> {
        let path = format!("{VERSION}/distribution/{id}/invalidation/{invalidation}");
        let answer = self.client.send(&Request::new(LOOK, Method::GET, &path)).await.map_err(|failed| {
            if failed.is_coded("NoSuchInvalidation") {
                CdnError::NoInvalidation(invalidation.clone())
            } else {
                named(id, failed)
            }
        })?;
        let read = xml::read(LOOK, &answer.body, "Invalidation", invalidation::read);
        read.map_err(|failed| named(id, failed))
    }
}

fn named(id: &DistributionId, failed: Failed) -> CdnError {
    if failed.is_coded("NoSuchDistribution") {
        return CdnError::NoDistribution(id.clone());
    }
    if failed.is_coded("TooManyInvalidationsInProgress") {
        return CdnError::TooManyInProgress(id.clone());
    }
    CdnError::Call(failed.error)
}
