//! The Bundles port on ECR.

use async_trait::async_trait;
use towpath_core::{
    identifier::ImageReference,
    ports::{Bundles, CallError, FoundBundle},
};

use crate::registry;

use super::EcrImages;

/// What private ECR registries hold beside images, with the environment's credentials.
#[derive(Clone)]
pub struct EcrBundles {
    images: EcrImages,
}

impl EcrBundles {
    pub(crate) fn new(images: EcrImages) -> Self {
        Self { images }
    }
}

#[async_trait]
impl Bundles for EcrBundles {
    async fn bundles(&self, image: &ImageReference) -> Result<Vec<FoundBundle>, CallError> {
        registry::bundles(&self.images.place_of(image.repository())?, image.digest()).await
    }
}
