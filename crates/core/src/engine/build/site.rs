//! Making an artifact of a site's directory: looked through, read once more for its pack, and kept beside the ledger.
//!
//! The command that fills the directory is the caller's to run.

use crate::{
    ledger::{Sites, SitesError},
    ports::{FileError, SiteFiles, Store},
    site::{Manifest, PackDraft, SiteLint, SiteRules, SurveyError},
};

/// How many bytes are read at once.
const AT_ONCE: u64 = 1024 * 1024;

/// A site that can be made a release of: its manifest and its pack are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptSite {
    /// Its files.
    pub manifest: Manifest,
    /// What is allowed and likely wrong.
    pub lints: Vec<SiteLint>,
}

/// Why a directory is no artifact.
#[derive(Debug, thiserror::Error)]
pub enum KeepSiteError {
    /// It cannot be published.
    #[error(transparent)]
    Survey(#[from] SurveyError),
    /// A file changed or went after it was looked at.
    #[error(transparent)]
    File(#[from] FileError),
    /// It could not be kept.
    #[error(transparent)]
    Sites(#[from] SitesError),
}

/// Makes an artifact of a directory, and keeps it. The same directory again is the same artifact, and changes nothing.
///
/// # Errors
///
/// With every problem of the directory; where a file changes meanwhile; where the store fails. Nothing is half kept:
/// what names the artifact is written last.
pub async fn keep_site(files: &dyn SiteFiles, rules: &SiteRules, store: &dyn Store) -> Result<KeptSite, KeepSiteError> {
    let manifest = rules.manifest(&files.survey(&rules.survey).await?);
    let sites = Sites::new(store);
    if !sites.keeps(&manifest).await? {
        sites.keep_drafted(manifest.digest(), pack(files, &manifest).await?).await?;
        sites.keep_manifest(&manifest).await?;
    }
    let lints = SiteRules::lint(&manifest);
    Ok(KeptSite { manifest, lints })
}

async fn pack(files: &dyn SiteFiles, manifest: &Manifest) -> Result<Vec<u8>, FileError> {
    let mut draft = PackDraft::of(manifest);
    loop {
        let wanted = draft.wanted(AT_ONCE);
        if wanted.is_empty() {
            return Ok(draft.into_bytes());
        }
        files.read_all(&wanted).await?.iter().for_each(|bytes| draft.push(bytes));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use async_trait::async_trait;
    use bytes::Bytes;

    use super::*;
    use crate::{
        fakes::{MemoryStore, VirtualClock},
        ports::FileBytes,
        site::{Content, Gathering, Reading, SitePath, Survey, SurveyRules},
    };

    /// Files in memory. What is read may be other bytes than what was surveyed.
    struct Folder {
        surveyed: BTreeMap<&'static str, &'static [u8]>,
        read: BTreeMap<&'static str, &'static [u8]>,
    }

    #[async_trait]
    impl SiteFiles for Folder {
        async fn survey(&self, rules: &SurveyRules) -> Result<Survey, SurveyError> {
            let mut gathering = Gathering::new();
            for (path, bytes) in &self.surveyed {
                gathering.file(path.parse().unwrap(), Content::of(bytes));
            }
            gathering.finish(&self.place(), rules)
        }

        async fn read(&self, path: &SitePath, content: &Content) -> Result<FileBytes, FileError> {
            let bytes = self.read.get(path.as_str()).ok_or_else(|| FileError::Gone(path.clone()))?;
            if Content::of(bytes) != *content {
                return Err(FileError::Changed(path.clone()));
            }
            Ok(FileBytes::Whole(Bytes::from_static(bytes)))
        }

        fn place(&self) -> String {
            "dist".to_owned()
        }
    }

    const FILES: [(&str, &[u8]); 3] =
        [("index.html", b"<p>"), ("app.0a1b2c3d.js", b"let a"), ("robots.txt", b"User-agent: *")];

    fn rules() -> SiteRules {
        SiteRules::usual("index.html".parse().unwrap())
    }

    #[tokio::test]
    async fn what_may_change_under_its_name_is_kept_with_the_manifest() {
        let store = MemoryStore::new(&VirtualClock::default());
        let folder = Folder { surveyed: FILES.into(), read: FILES.into() };
        let kept = keep_site(&folder, &rules(), &store).await.unwrap();
        assert_eq!(keep_site(&folder, &rules(), &store).await.unwrap(), kept);
        let (sites, digest) = (Sites::new(&store), kept.manifest.digest());
        assert_eq!(sites.manifest(digest).await.unwrap(), Some(kept.manifest.clone()));
        let pack = sites.pack(digest, Reading::Whole).await.unwrap();
        assert!(pack.is_whole(&kept.manifest));
        assert!(!pack.there.contains(&Content::of(b"let a").sha256));
    }

    #[tokio::test]
    async fn a_file_that_changes_meanwhile_leaves_no_artifact() {
        let store = MemoryStore::new(&VirtualClock::default());
        let mut folder = Folder { surveyed: FILES.into(), read: FILES.into() };
        folder.read.insert("robots.txt", b"User-agent: x");
        let error = keep_site(&folder, &rules(), &store).await.unwrap_err();
        assert_eq!(error.to_string(), "`robots.txt` changed while it was read");
        let manifest = rules().manifest(&folder.survey(&rules().survey).await.unwrap());
        assert_eq!(Sites::new(&store).manifest(manifest.digest()).await.unwrap(), None);
    }
}
