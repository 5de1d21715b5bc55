//! What the OCI distribution API asks of a registry and the control API asks otherwise.
//!
//! Paging and wire formats are the API's own work.

use serde_json::{Value, json};

use super::{delete, image::ImageId, manifest::Manifest, registry::Ecr};
use crate::fault::AwsError;

/// Why an image is not deleted: a failure code and its reason.
pub(crate) type NotDeleted = (&'static str, String);

impl Ecr {
    /// The names of the repositories.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.repositories.keys().map(String::as_str)
    }

    /// The tags of a repository.
    pub(crate) fn tags(&self, repository: &str) -> Result<impl Iterator<Item = &str>, AwsError> {
        Ok(self.repository(repository)?.tags.keys().map(String::as_str))
    }

    /// Descriptors of what is about the image with `digest`.
    pub(crate) fn referrers(&self, repository: &str, digest: &str) -> Result<Vec<Value>, AwsError> {
        let repository = self.repository(repository)?;
        let descriptor = |referrer: &str| {
            let image = repository.images.get(referrer)?;
            let manifest = Manifest::read(&image.manifest).ok()?;
            let mut descriptor = json!({
                "mediaType": image.media_type,
                "digest": referrer,
                "size": image.manifest.len(),
                "artifactType": manifest.artifact_type(),
            });
            if let Some(annotations) = manifest.annotations() {
                descriptor["annotations"] = annotations.clone();
            }
            Some(descriptor)
        };
        Ok(repository.referrers(digest).into_iter().filter_map(descriptor).collect())
    }

    /// Takes a tag off an image, or the image away.
    pub(crate) fn delete_image(&mut self, repository: &str, id: &ImageId) -> Result<Result<(), NotDeleted>, AwsError> {
        Ok(delete::delete(self.repository_mut(repository)?, id).map(drop))
    }

    /// Gives a repository a layer that another one has; false if it is not there, or if the registry does not do that.
    pub(crate) fn mount(&mut self, repository: &str, digest: &str, from: &str) -> bool {
        let layer = self.layer(from, digest).filter(|_| self.mounts_layers).cloned();
        layer.is_some_and(|layer| self.add_layer(repository, digest, layer).is_ok())
    }
}
