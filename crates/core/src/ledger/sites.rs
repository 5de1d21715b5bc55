//! Sites beside the ledger: each manifest and its pack, written once under the manifest's hash.

use futures_util::StreamExt as _;

use crate::{
    ports::{Store, StoreError, StoreKey},
    site::{Manifest, ManifestError, Pack, PackError, PackReader, ReadPack, Reading, SiteDigest},
};

/// What is wrong with what is kept of sites.
#[derive(Debug, thiserror::Error)]
pub enum SitesError {
    /// The store failed.
    #[error("cannot reach what is kept of sites")]
    Store(#[from] StoreError),
    /// What is stored is not a manifest.
    #[error("the manifest {key} is damaged")]
    Manifest {
        /// Which object.
        key: StoreKey,
        /// What is wrong with it.
        #[source]
        source: ManifestError,
    },
    /// What is stored is not a pack.
    #[error("the pack {key} is damaged")]
    Pack {
        /// Which object.
        key: StoreKey,
        /// What is wrong with it.
        #[source]
        source: PackError,
    },
    /// What is stored is another manifest.
    #[error("the manifest {0} is damaged: it is another one")]
    Another(StoreKey),
}

impl SitesError {
    /// Whether somebody changed what was written.
    pub fn is_tampered(&self) -> bool {
        match self {
            Self::Store(_) => false,
            Self::Manifest { .. } | Self::Pack { .. } | Self::Another(_) => true,
        }
    }
}

/// The manifests of an application.
#[derive(Clone, Copy)]
pub struct Sites<'a> {
    store: &'a dyn Store,
}

impl std::fmt::Debug for Sites<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Sites").finish_non_exhaustive()
    }
}

impl<'a> Sites<'a> {
    /// What is kept in this store.
    pub fn new(store: &'a dyn Store) -> Self {
        Self { store }
    }

    /// A manifest, or `None` where it is not kept here.
    ///
    /// # Errors
    /// When it is damaged, or the store fails.
    pub async fn manifest(&self, digest: &SiteDigest) -> Result<Option<Manifest>, SitesError> {
        let key = manifest_key(digest);
        let Some(stored) = self.store.get(&key).await? else {
            return Ok(None);
        };
        match Manifest::of_digest(&stored.bytes, digest) {
            Ok(Some(manifest)) => Ok(Some(manifest)),
            Ok(None) => Err(SitesError::Another(key)),
            Err(source) => Err(SitesError::Manifest { key, source }),
        }
    }

    /// Whether this manifest is kept, and so its pack, which is kept before it.
    ///
    /// # Errors
    /// When something else is kept in its place, or the store fails.
    pub async fn keeps(&self, manifest: &Manifest) -> Result<bool, SitesError> {
        let key = manifest_key(manifest.digest());
        match self.store.get(&key).await? {
            None => Ok(false),
            Some(stored) if stored.bytes == manifest.to_json() => Ok(true),
            Some(_) => Err(SitesError::Another(key)),
        }
    }

    /// Keeps a manifest for ever. The same one again changes nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn keep_manifest(&self, manifest: &Manifest) -> Result<(), SitesError> {
        self.keep(&manifest_key(manifest.digest()), manifest.to_json()).await
    }

    /// What is wanted of the pack of a manifest; nothing of it where it is not kept here. No more of it is in memory than
    /// that.
    ///
    /// # Errors
    /// When it is no pack, what is wanted is damaged, or the store fails.
    pub async fn pack(&self, digest: &SiteDigest, reading: Reading<'_>) -> Result<ReadPack, SitesError> {
        let key = pack_key(digest);
        let Some(mut pieces) = self.store.read(&key).await? else {
            return Ok(ReadPack::default());
        };
        let mut reader = PackReader::new(reading);
        while let Some(piece) = pieces.next().await {
            let pushed = reader.push(&piece?);
            pushed.map_err(|source| SitesError::Pack { key: key.clone(), source })?;
        }
        reader.end().map_err(|source| SitesError::Pack { key, source })
    }

    /// Keeps the pack of a manifest for ever. The same one again changes nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn keep_pack(&self, digest: &SiteDigest, pack: &Pack) -> Result<(), SitesError> {
        self.keep_drafted(digest, pack.to_bytes()).await
    }

    /// As [`Sites::keep_pack`], of a pack that was written file after file.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn keep_drafted(&self, digest: &SiteDigest, pack: Vec<u8>) -> Result<(), SitesError> {
        self.keep(&pack_key(digest), pack).await
    }

    async fn keep(&self, key: &StoreKey, bytes: Vec<u8>) -> Result<(), SitesError> {
        match self.store.create_large(key, bytes.into()).await {
            Ok(_) | Err(StoreError::AlreadyThere(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn manifest_key(digest: &SiteDigest) -> StoreKey {
    format!("sites/manifests/{}.json", digest.hex()).parse().expect("hexadecimal digits are a key part")
}

fn pack_key(digest: &SiteDigest) -> StoreKey {
    format!("sites/packs/{}", digest.hex()).parse().expect("hexadecimal digits are a key part")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bytes::Bytes;

    use super::*;
    use crate::{
        fakes::{MemoryStore, VirtualClock},
        site::{Content, FileClass, Headers, ManifestFile},
    };

    fn manifest() -> Manifest {
        let Content { sha256, size } = Content::of(b"<html>");
        let headers = Headers {
            content_type: "text/html; charset=utf-8".parse().unwrap(),
            cache_control: "no-cache".parse().unwrap(),
            content_encoding: None,
            content_disposition: None,
            content_language: None,
        };
        let file = ManifestFile { sha256, size, class: FileClass::Entry, headers };
        Manifest::new(BTreeMap::from([("index.html".parse().unwrap(), file)])).unwrap()
    }

    #[tokio::test]
    async fn what_is_kept_comes_back_and_what_was_changed_is_found_out() {
        let store = MemoryStore::new(&VirtualClock::default());
        let (sites, manifest) = (Sites::new(&store), manifest());
        assert_eq!(sites.manifest(manifest.digest()).await.unwrap(), None);
        for _ in 0..2 {
            sites.keep_manifest(&manifest).await.unwrap();
        }
        assert_eq!(sites.manifest(manifest.digest()).await.unwrap(), Some(manifest.clone()));
        store.tamper(&manifest_key(manifest.digest()), b"{}");
        assert!(sites.manifest(manifest.digest()).await.unwrap_err().is_tampered());
    }

    #[tokio::test]
    async fn a_pack_comes_back_whole_or_not_at_all() {
        let store = MemoryStore::new(&VirtualClock::default());
        let (sites, manifest) = (Sites::new(&store), manifest());
        assert_eq!(sites.pack(manifest.digest(), Reading::Whole).await.unwrap(), ReadPack::default());
        let mut pack = Pack::default();
        pack.add(Bytes::from_static(b"<html>"));
        sites.keep_pack(manifest.digest(), &pack).await.unwrap();
        assert_eq!(sites.pack(manifest.digest(), Reading::Whole).await.unwrap().bytes, pack);
        store.tamper(&pack_key(manifest.digest()), b"");
        assert!(sites.pack(manifest.digest(), Reading::Check).await.unwrap_err().is_tampered());
    }
}
