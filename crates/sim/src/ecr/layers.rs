//! Layers over the control API: `BatchCheckLayerAvailability`, `GetDownloadUrlForLayer` and the three calls of an upload.
//!
//! Most clients bring layers over the registry's own API instead.

use std::sync::PoisonError;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{error::invalid, image::is_digest, layer::Layer, registry::Ecr, site::Site};
use crate::{api::Members, content::UploadError, fault::AwsError, world::Place};

/// The size of a part that `InitiateLayerUpload` recommends.
const PART: u64 = 10 * 1024 * 1024;
/// The smallest part but the last.
const SMALLEST: u64 = 5 * 1024 * 1024;

impl Ecr {
    /// The layer of a repository.
    pub(crate) fn layer(&self, repository: &str, digest: &str) -> Option<&Layer> {
        self.repositories.get(repository)?.layers.get(digest)
    }

    /// Gives a layer to a repository.
    pub(crate) fn add_layer(&mut self, repository: &str, digest: &str, layer: Layer) -> Result<(), AwsError> {
        self.repository_mut(repository)?.layers.insert(digest.to_owned(), layer);
        Ok(())
    }

    /// Whose an upload is that goes to a repository here.
    pub(crate) fn upload_owner(&self, repository: &str) -> String {
        format!("{}/{}/{repository}", self.account, self.region)
    }
}

pub(super) fn check(ecr: &Ecr, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(input, &["registryId", "repositoryName", "layerDigests"])?;
    let repository = ecr.repository(members.required_text("repositoryName")?)?;
    let digests = members.texts("layerDigests")?;
    if !(1..=100).contains(&digests.len()) {
        return Err(invalid("layerDigests", "must have between 1 and 100 items"));
    }
    let (known, failed): (Vec<&str>, Vec<&str>) = digests.into_iter().partition(|digest| is_digest(digest));
    let layers = known.into_iter().map(|digest| match repository.layers.get(digest) {
        Some(layer) => json!({"layerDigest": digest, "layerAvailability": "AVAILABLE", "layerSize": layer.size}),
        None => json!({"layerDigest": digest, "layerAvailability": "UNAVAILABLE"}),
    });
    let failures = failed.into_iter().map(|digest| {
        json!({"layerDigest": digest, "failureCode": "InvalidLayerDigest", "failureReason": "Invalid layer digest"})
    });
    Ok(json!({"layers": layers.collect::<Vec<_>>(), "failures": failures.collect::<Vec<_>>()}))
}

pub(super) fn download_url(ecr: &Ecr, input: &Value, site: &Site, now: Timestamp) -> Result<Value, AwsError> {
    let members = Members::of(input, &["registryId", "repositoryName", "layerDigest"])?;
    let name = members.required_text("repositoryName")?;
    let digest = members.required_text("layerDigest")?;
    if !ecr.repository(name)?.layers.contains_key(digest) {
        return Err(AwsError::client(
            "LayersNotFoundException",
            format!(
                "The layer with digest '{digest}' does not exist within the repository with name '{name}' in the registry with id '{}'",
                ecr.account
            ),
        ));
    }
    let url = site.address(&Place::new(&ecr.account, &ecr.region), name, digest, now);
    Ok(json!({"downloadUrl": url, "layerDigest": digest}))
}

pub(super) fn initiate(ecr: &Ecr, input: &Value, site: &Site) -> Result<Value, AwsError> {
    let name = Members::of(input, &["registryId", "repositoryName"])?.required_text("repositoryName")?;
    ecr.repository(name)?;
    let id = site.store.begin(&ecr.upload_owner(name)).map_err(|_| disk())?;
    Ok(json!({"uploadId": id, "partSize": PART}))
}

pub(super) fn upload_part(ecr: &Ecr, input: &Value, site: &Site) -> Result<Value, AwsError> {
    const MEMBERS: &[&str] =
        &["registryId", "repositoryName", "uploadId", "partFirstByte", "partLastByte", "layerPartBlob"];
    let members = Members::of(input, MEMBERS)?;
    let (name, id) = (members.required_text("repositoryName")?, members.required_text("uploadId")?);
    ecr.repository(name)?;
    let part = BASE64_STANDARD.decode(members.required_text("layerPartBlob")?);
    let part = part.map_err(|_| AwsError::client("SerializationException", "'layerPartBlob' is not base64"))?;
    let upload = site.store.upload(id, &ecr.upload_owner(name)).ok_or_else(|| no_upload(ecr, name, id))?;
    let mut upload = upload.lock().unwrap_or_else(PoisonError::into_inner);
    let (first, last) = (members.whole("partFirstByte")?, members.whole("partLastByte")?);
    let end = upload.size() + part.len() as u64;
    let bounds = (i64::try_from(upload.size()).ok(), i64::try_from(end).ok().map(|end| end - 1));
    if (first, last) != bounds {
        return Err(AwsError::client(
            "InvalidLayerPartException",
            format!(
                "The layer part is not the next one: {} bytes have been received, and {} came",
                upload.size(),
                part.len()
            ),
        ));
    }
    upload.append_part(&part, SMALLEST).map_err(|_| disk())?;
    Ok(json!({"registryId": ecr.account, "repositoryName": name, "uploadId": id, "lastByteReceived": last}))
}

pub(super) fn complete(ecr: &mut Ecr, input: &Value, site: &Site) -> Result<Value, AwsError> {
    let members = Members::of(input, &["registryId", "repositoryName", "uploadId", "layerDigests"])?;
    let (name, id) = (members.required_text("repositoryName")?, members.required_text("uploadId")?);
    let digests = members.texts("layerDigests")?;
    let [digest] = digests[..] else {
        return Err(invalid("layerDigests", "must have 1 item"));
    };
    let is_there = ecr.repository(name)?.layers.contains_key(digest);
    let upload = site.store.upload(id, &ecr.upload_owner(name)).ok_or_else(|| no_upload(ecr, name, id))?;
    let (has_short_part, is_empty) = {
        let upload = upload.lock().unwrap_or_else(PoisonError::into_inner);
        (upload.has_short_part(), upload.size() == 0)
    };
    if is_empty {
        return Err(AwsError::client("EmptyUploadException", "The upload does not contain any layer parts"));
    }
    if has_short_part {
        return Err(AwsError::client("LayerPartTooSmallException", "Layer parts must be at least 5 MiB in size"));
    }
    if is_there {
        site.store.cancel(id);
        return Err(AwsError::client(
            "LayerAlreadyExistsException",
            format!("The image layer with digest '{digest}' already exists in the repository with name '{name}'"),
        ));
    }
    let length = site.store.finish(id, digest).map_err(|error| refused(digest, error))?;
    let layer = site.layer(digest, length).map_err(|_| disk())?;
    ecr.add_layer(name, digest, layer)?;
    Ok(json!({"registryId": ecr.account, "repositoryName": name, "uploadId": id, "layerDigest": digest}))
}

fn refused(digest: &str, error: UploadError) -> AwsError {
    match error {
        UploadError::Digest { found } => AwsError::client(
            "InvalidLayerException",
            format!("The layer digest '{digest}' does not match the digest '{found}' calculated for the layer"),
        ),
        UploadError::Gone | UploadError::Io(_) => disk(),
    }
}

fn no_upload(ecr: &Ecr, repository: &str, id: &str) -> AwsError {
    AwsError::client(
        "UploadNotFoundException",
        format!(
            "The upload with id '{id}' could not be found for the repository with name '{repository}' in the registry with id '{}'",
            ecr.account
        ),
    )
}

/// The simulator's own disk is full or broken.
fn disk() -> AwsError {
    AwsError::server("ServerException", "The simulator cannot keep the layer on its disk")
}
