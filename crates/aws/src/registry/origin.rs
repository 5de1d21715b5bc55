//! Where an image comes from: another repository, or a layout on this machine.

use towpath_core::{
    identifier::{Digest, ImageReference, Repository},
    ports::PublishError,
};

use super::{
    answer::Failed,
    layout::Layout,
    manifest::{self, Entry, Manifest},
    remote::Remote,
    stream::Stream,
};

/// How often what arrives with another digest is asked for.
pub(super) const TRIES: u32 = 3;

/// Where an image comes from.
pub(crate) enum Origin {
    /// A repository.
    Remote(Remote),
    /// A layout, of which the image with this digest is meant.
    Layout(Layout, Digest),
}

impl Origin {
    /// The image's name, for people.
    pub(super) fn image(&self, root: &Digest) -> String {
        match self {
            Self::Remote(remote) => ImageReference::new(remote.repository().clone(), root.clone()).to_string(),
            Self::Layout(_, _) => root.to_string(),
        }
    }

    /// The repository, where it is one.
    pub(super) fn repository(&self) -> Option<&Repository> {
        match self {
            Self::Remote(remote) => Some(remote.repository()),
            Self::Layout(_, _) => None,
        }
    }

    /// A manifest, with the type that what names it says it has; `None` where it is not there.
    pub(super) async fn manifest(
        &self,
        digest: &Digest,
        media_type: Option<&str>,
    ) -> Result<Option<Manifest>, PublishError> {
        for _ in 1..TRIES {
            match self.try_manifest(digest, media_type).await {
                Err(PublishError::Corrupted { .. }) => {}
                other => return other,
            }
        }
        self.try_manifest(digest, media_type).await
    }

    async fn try_manifest(&self, digest: &Digest, named: Option<&str>) -> Result<Option<Manifest>, PublishError> {
        let (bytes, told) = match self {
            Self::Remote(remote) => match remote.get_manifest(digest).await {
                Ok(found) => found,
                Err(failed) => return self.absent(failed).map(|()| None),
            },
            Self::Layout(layout, _) => match layout.manifest(digest).await? {
                Some(bytes) => (bytes, None),
                None => return Ok(None),
            },
        };
        let found = Digest::of(&bytes);
        if found != *digest {
            return Err(PublishError::Corrupted { place: self.place(), expected: digest.clone(), found: Some(found) });
        }
        let unsupported = |why| PublishError::Unsupported { image: self.image(digest), why };
        Manifest::read(digest, bytes, told.as_deref().or(named)).map(Some).map_err(unsupported)
    }

    /// A layer or configuration from that byte on; `None` where it is not there.
    pub(super) async fn open(&self, digest: &Digest, from: u64) -> Result<Option<Stream>, PublishError> {
        match self {
            Self::Remote(remote) => match remote.get_blob(digest, from).await {
                Ok(response) => {
                    let skip = if response.status().as_u16() == 206 { 0 } else { from };
                    Ok(Some(Stream::Answer { response, skip, patience: remote.patience().attempt }))
                }
                Err(failed) => self.absent(failed).map(|()| None),
            },
            Self::Layout(layout, _) => Ok(layout.blob(digest, from).await?.map(Stream::File)),
        }
    }

    /// What refers to that manifest.
    pub(super) async fn referrers(&self, digest: &Digest) -> Result<Vec<Entry>, PublishError> {
        match self {
            Self::Remote(remote) => {
                let why = |problem| format!("the list of what refers to it: {problem}");
                let mut entries = Vec::new();
                for page in remote.get_referrers(digest).await? {
                    entries.extend(manifest::list(&page).map_err(|problem| PublishError::Unsupported {
                        image: self.image(digest),
                        why: why(problem),
                    })?);
                }
                Ok(entries)
            }
            Self::Layout(layout, root) => listed(self, layout, root, digest).await,
        }
    }

    /// From where, for people.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Remote(remote) => format!("from {}", remote.repository()),
            Self::Layout(_, _) => "in the image layout".to_owned(),
        }
    }

    /// Not there, which is no failure, or the repository itself is not there, which is one.
    fn absent(&self, failed: Failed) -> Result<(), PublishError> {
        match self.repository() {
            Some(repository) if failed.is_coded(&["NAME_UNKNOWN"]) => {
                Err(PublishError::NoRepository(repository.clone()))
            }
            _ if failed.error.is_not_found() => Ok(()),
            _ => Err(failed.into()),
        }
    }
}

/// What a layout lists beside its image, and says of itself that it refers to that manifest.
async fn listed(origin: &Origin, layout: &Layout, root: &Digest, digest: &Digest) -> Result<Vec<Entry>, PublishError> {
    let mut referring = Vec::new();
    for entry in layout.index().await?.into_iter().filter(|entry| entry.digest != *root) {
        let manifest = Box::pin(origin.manifest(&entry.digest, entry.media_type.as_deref())).await?;
        if manifest.is_some_and(|manifest| manifest.subject.as_ref() == Some(digest)) {
            referring.push(entry);
        }
    }
    Ok(referring)
}
