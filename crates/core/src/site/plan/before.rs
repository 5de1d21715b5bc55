//! What may be in a bucket before a publication: by the word of a marker, after a crash, or by looking.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    identifier::Sha256,
    ports::{Examined, Listed},
    site::{Headers, Manifest, ManifestFile, SitePath},
};

/// A publication that was, or was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past<'a> {
    /// Its files.
    pub manifest: &'a Manifest,
    /// How far it came.
    pub extent: Extent,
}

/// How far a publication came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Extent {
    /// Every file of it was written.
    Whole,
    /// It broke off: each of its files was written or not.
    Broken,
}

/// What may be in a bucket before a publication.
#[derive(Debug, Clone, Default)]
pub struct Before<'a> {
    /// What was published there, in the order of time, the newest first: what the marker says is live and kept, and
    /// before that whatever was begun after the marker was written. The first that is whole is what is live, unless
    /// something was begun after it.
    pub history: Vec<Past<'a>>,
    /// What left the marker, and may not have been deleted then.
    pub leaving: Vec<&'a Manifest>,
    /// Large files that are kept aside, by what they hash to.
    pub aside: BTreeSet<Sha256>,
    /// What is there by looking, where no marker says it. It overrules the history.
    pub found: Option<Found>,
}

/// What is believed of one path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belief<'a> {
    /// Nothing is there that Towpath wrote.
    Absent,
    /// This is there.
    Is(
        /// Its bytes.
        &'a Sha256,
        /// What it is served with.
        &'a Headers,
    ),
    /// Something else than what anybody could want is there, or nobody can say what is.
    Unknown,
}

/// What is in a bucket by looking.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found(BTreeMap<String, Option<(Sha256, Headers)>>);

impl Found {
    /// The files of a manifest that are worth looking at one by one, since only their length is known to be right.
    pub fn worth_a_look(listed: &[Listed], next: &Manifest) -> Vec<SitePath> {
        let is_alike = |listed: &Listed| {
            let path: SitePath = listed.key.parse().ok()?;
            next.file(&path).filter(|file| file.size == listed.size).map(|_| path)
        };
        listed.iter().filter_map(is_alike).collect()
    }

    /// What a listing and the looks after it amount to.
    pub fn of(listed: &[Listed], examined: &[Examined]) -> Self {
        let mut found: BTreeMap<_, _> = listed.iter().map(|listed| (listed.key.clone(), None)).collect();
        for one in examined {
            let known = one.sha256.clone().zip(one.headers.clone());
            found.insert(one.path.as_str().to_owned(), known);
        }
        Self(found)
    }

    /// How many objects there are, whoever wrote them.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether there is a file of that path with these bytes, for certain.
    pub fn holds(&self, path: &SitePath, sha256: &Sha256) -> bool {
        matches!(self.belief(path), Belief::Is(found, _) if found == sha256)
    }

    fn belief(&self, path: &SitePath) -> Belief<'_> {
        match self.0.get(path.as_str()) {
            None => Belief::Absent,
            Some(None) => Belief::Unknown,
            Some(Some((sha256, headers))) => Belief::Is(sha256, headers),
        }
    }
}

impl<'a> Before<'a> {
    /// The last that was published whole: what is live, unless something was begun after it.
    pub fn live(&self) -> Option<&'a Manifest> {
        self.history.iter().find(|past| past.extent == Extent::Whole).map(|past| past.manifest)
    }

    /// Whether something was begun after what is live was written.
    pub fn is_after_a_break(&self) -> bool {
        self.history.first().is_some_and(|past| past.extent == Extent::Broken)
    }

    /// What is believed of a path.
    pub fn belief(&self, path: &SitePath) -> Belief<'_> {
        if let Some(found) = &self.found {
            return found.belief(path);
        }
        let mut perhaps: Option<&ManifestFile> = None;
        for past in &self.history {
            let Some(file) = past.manifest.file(path) else {
                continue;
            };
            if perhaps.is_some_and(|perhaps| !same(perhaps, file)) {
                return Belief::Unknown;
            }
            match past.extent {
                Extent::Whole => return Belief::Is(&file.sha256, &file.headers),
                Extent::Broken => perhaps = Some(file),
            }
        }
        if perhaps.is_some() { Belief::Unknown } else { Belief::Absent }
    }

    /// Whether a file of that path has these bytes for certain, whatever it is served with: whoever may have written it
    /// last has written these.
    pub(super) fn has_bytes(&self, path: &SitePath, sha256: &Sha256) -> bool {
        if let Some(found) = &self.found {
            return found.holds(path, sha256);
        }
        let with_it = self.history.iter().filter_map(|past| Some((past.extent, past.manifest.file(path)?)));
        for (extent, file) in with_it {
            if file.sha256 != *sha256 {
                return false;
            }
            if extent == Extent::Whole {
                return true;
            }
        }
        false
    }

    /// Whether something that was whole has the path, so that pages that are there may refer to it already. What only a
    /// broken publication has is written as if it were new: before everything that may refer to it.
    pub(super) fn is_known(&self, path: &SitePath) -> bool {
        match &self.found {
            Some(found) => found.belief(path) != Belief::Absent,
            None => self.history.iter().any(|past| past.extent == Extent::Whole && past.manifest.file(path).is_some()),
        }
    }
}

/// Whether writing the one over the other would change nothing.
fn same(one: &ManifestFile, other: &ManifestFile) -> bool {
    one.has_bytes_of(other) && one.headers == other.headers
}
