//! The plan itself: what changed, in which order it is written, and what it leaves behind.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    identifier::{InvalidIdentifier, Sha256},
    site::{Content, Manifest, ManifestFile, SiteDigest, SitePath, pack},
};

use super::{Before, Belief, Change, Deletions, Extent, ShareLimit, Wave, WaveKind, Write, deletions};

/// How many releases before the live one stay in the bucket, at least 1 and at most 50.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Keep(u8);

impl Keep {
    /// The number.
    pub fn count(self) -> usize {
        usize::from(self.0)
    }
}

impl Default for Keep {
    fn default() -> Self {
        Self(5)
    }
}

impl std::str::FromStr for Keep {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().ok().filter(|count| (1..=50).contains(count)).map(Self).ok_or_else(|| InvalidIdentifier {
            what: "a number of releases to keep",
            value: text.to_owned(),
            rule: "use 1 to 50",
        })
    }
}

/// What an environment says of its publications.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublishSettings {
    /// How many releases before the live one stay in the bucket.
    pub keep: Keep,
    /// The largest share that may go at once.
    pub largest_share: ShareLimit,
    /// The path of the runtime file, which belongs to no release and is never deleted.
    pub runtime: Option<SitePath>,
}

/// What publishing a manifest amounts to. The same input makes the same plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a plan changes nothing by itself"]
pub struct SitePlan {
    /// What is to be live.
    pub next: SiteDigest,
    /// Large files that are about to be overwritten, to be copied first.
    pub aside: Vec<Aside>,
    /// What is written, in this order, each wave whole before the next begins. None is empty.
    pub waves: Vec<Wave>,
    /// How many files are there already as they should be.
    pub unchanged: usize,
    /// Whether an earlier publication broke off, so that edges may have anything of it.
    pub is_after_a_break: bool,
    /// What the marker is to keep besides [`SitePlan::next`]: the newest first.
    pub kept: Vec<Kept>,
    /// What the marker names no longer, and is deleted last of all.
    pub leaving: Vec<SiteDigest>,
    /// What may be deleted once the release is proven.
    pub deletions: Deletions,
}

/// A publication that the marker keeps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Kept {
    /// Its files, all of which stay.
    pub manifest: SiteDigest,
    /// How far it came.
    pub extent: Extent,
}

/// A large file to copy to where it can be brought back from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Aside {
    /// Where it is now.
    pub path: SitePath,
    /// What its bytes hash to, which names the copy.
    pub sha256: Sha256,
    /// How many they are.
    pub size: u64,
    /// Whether it is certainly still there. After a publication that broke off it may be overwritten; then there is
    /// nothing left to copy.
    pub is_certain: bool,
}

impl Aside {
    /// What its bytes are.
    pub fn content(&self) -> Content {
        Content { sha256: self.sha256.clone(), size: self.size }
    }
}

/// Why a manifest is not published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanRefusal {
    /// It has far fewer files than what is live: the build is likely not whole.
    #[error(
        "the site would shrink from {before} files to {after}, by more than {limit}: is the build whole? \
         Raise `largest-share` if it is"
    )]
    Shrunk {
        /// How many files are live.
        before: usize,
        /// How many would be.
        after: usize,
        /// The limit.
        limit: ShareLimit,
    },
    /// It has a file where the environment puts its runtime file.
    #[error("the release has a file at `{0}`, where the runtime file of this environment is put")]
    RuntimeTaken(
        /// The path.
        SitePath,
    ),
}

impl SitePlan {
    /// Whether nothing at all is to be written but, where something else is live by its word, the marker.
    pub fn is_nothing(&self) -> bool {
        self.waves.is_empty() && self.aside.is_empty()
    }

    /// The waves that visitors cannot see, which may be written before anything is decided for good.
    pub fn unseen(&self) -> impl Iterator<Item = &Wave> {
        self.waves.iter().filter(|wave| !wave.kind.is_visible())
    }

    /// The waves that visitors see: the switch.
    pub fn seen(&self) -> impl Iterator<Item = &Wave> {
        self.waves.iter().filter(|wave| wave.kind.is_visible())
    }

    /// The files that edges may have with other bytes or headers than these.
    pub fn touched(&self) -> impl Iterator<Item = &SitePath> {
        let writes = self.seen().flat_map(|wave| &wave.writes);
        writes.filter(|write| write.change != Change::New).map(|write| &write.path)
    }
}

/// Plans to make a manifest what is live.
///
/// # Errors
///
/// Where it should not be published at all.
pub fn plan(next: &Manifest, before: &Before<'_>, settings: &PublishSettings) -> Result<SitePlan, PlanRefusal> {
    refusal(next, before, settings).map_or(Ok(()), Err)?;
    let mut waves: BTreeMap<WaveKind, Vec<Write>> = BTreeMap::new();
    for (path, file) in next.files() {
        let Some(change) = change(path, file, before) else {
            continue;
        };
        let kind = WaveKind::of(file.class, before.is_known(path));
        waves.entry(kind).or_default().push(Write { path: path.clone(), change });
    }
    let waves: Vec<Wave> = waves.into_iter().map(|(kind, writes)| Wave { kind, writes }).collect();
    let history = before.history.iter().map(|past| (past.manifest.digest(), past.extent));
    let kept = kept(next.digest(), history, settings.keep);
    let (staying, leaving) = split(next, &kept, before);
    Ok(SitePlan {
        next: next.digest().clone(),
        aside: asides(&waves, before),
        unchanged: next.files().len() - waves.iter().map(|wave| wave.writes.len()).sum::<usize>(),
        waves,
        is_after_a_break: before.is_after_a_break(),
        deletions: deletions::of(next, &staying, &leaving, before, settings),
        kept,
        leaving: leaving.iter().map(|manifest| manifest.digest().clone()).collect(),
    })
}

/// The plan where what is live, the first of these publications, is whole and is this already: nothing has to be read of
/// the others.
///
/// # Errors
///
/// Where it should not be published at all.
pub fn settled<'p>(
    next: &Manifest,
    history: impl Iterator<Item = (&'p SiteDigest, Extent)>,
    settings: &PublishSettings,
) -> Result<SitePlan, PlanRefusal> {
    taken(next, settings).map_or(Ok(()), Err)?;
    Ok(SitePlan {
        next: next.digest().clone(),
        aside: Vec::new(),
        waves: Vec::new(),
        unchanged: next.files().len(),
        is_after_a_break: false,
        kept: kept(next.digest(), history, settings.keep),
        leaving: Vec::new(),
        deletions: Deletions::Allowed { objects: Vec::new(), count: 0 },
    })
}

fn taken(next: &Manifest, settings: &PublishSettings) -> Option<PlanRefusal> {
    let path = settings.runtime.as_ref().filter(|path| next.file(path).is_some())?;
    Some(PlanRefusal::RuntimeTaken(path.clone()))
}

fn refusal(next: &Manifest, before: &Before<'_>, settings: &PublishSettings) -> Option<PlanRefusal> {
    if let Some(taken) = taken(next, settings) {
        return Some(taken);
    }
    let (before, after) = (before.live()?.files().len(), next.files().len());
    let limit = settings.largest_share;
    (!limit.allows(before.saturating_sub(after), before)).then_some(PlanRefusal::Shrunk { before, after, limit })
}

fn change(path: &SitePath, file: &ManifestFile, before: &Before<'_>) -> Option<Change> {
    match before.belief(path) {
        Belief::Absent => Some(Change::New),
        Belief::Unknown if before.has_bytes(path, &file.sha256) => Some(Change::Headers),
        Belief::Unknown => Some(Change::Unsure),
        Belief::Is(sha256, _) if *sha256 != file.sha256 => Some(Change::Bytes),
        Belief::Is(_, headers) if *headers != file.headers => Some(Change::Headers),
        Belief::Is(..) => None,
    }
}

/// Which publications stay, the newest first.
///
/// What broke off stays for as long as anything older does: some path of that may have its bytes.
fn kept<'p>(next: &SiteDigest, history: impl Iterator<Item = (&'p SiteDigest, Extent)>, keep: Keep) -> Vec<Kept> {
    let mut kept: Vec<Kept> = Vec::new();
    let mut wholes = 0;
    for (manifest, extent) in history.filter(|(manifest, _)| *manifest != next) {
        let past = Kept { manifest: manifest.clone(), extent };
        if wholes < keep.count() && !kept.contains(&past) {
            wholes += usize::from(extent == Extent::Whole);
            kept.push(past);
        }
    }
    kept
}

/// The manifests of what stays and of what leaves, both the newest first.
fn split<'a>(next: &Manifest, kept: &[Kept], before: &Before<'a>) -> (Vec<&'a Manifest>, Vec<&'a Manifest>) {
    let of = |one: &Kept| before.history.iter().map(|past| past.manifest).find(|past| *past.digest() == one.manifest);
    let staying: Vec<&Manifest> = kept.iter().filter_map(of).collect();
    let mut leaving: Vec<&Manifest> = Vec::new();
    for manifest in before.history.iter().map(|past| past.manifest).chain(before.leaving.iter().copied()) {
        let stays = |one: &&Manifest| one.digest() == manifest.digest();
        if !stays(&next) && !staying.iter().any(stays) && !leaving.iter().any(stays) {
            leaving.push(manifest);
        }
    }
    (staying, leaving)
}

/// What is live, is too large for its pack, and is about to be overwritten.
fn asides(waves: &[Wave], before: &Before<'_>) -> Vec<Aside> {
    let Some(live) = before.live() else {
        return Vec::new();
    };
    let packed = pack::packed(live);
    let aside = |write: &Write| {
        let file = live.file(&write.path)?;
        let is_lost = matches!(write.change, Change::Bytes | Change::Unsure);
        if !is_lost || packed.contains(&write.path) || before.aside.contains(&file.sha256) {
            return None;
        }
        let is_certain = write.change == Change::Bytes;
        Some(Aside { path: write.path.clone(), sha256: file.sha256.clone(), size: file.size, is_certain })
    };
    waves.iter().flat_map(|wave| &wave.writes).filter_map(aside).collect()
}

/// Whether the files of a publication that are in no pack could all be put back after a plan was carried out: each is
/// kept aside by then, or stays as it is.
pub fn keeps_large_files(past: &Manifest, next: &Manifest, plan: &SitePlan, before: &Before<'_>) -> bool {
    let is_copied = |sha256: &Sha256| plan.aside.iter().any(|aside| aside.is_certain && aside.sha256 == *sha256);
    pack::unpacked(past).into_iter().all(|(path, file)| {
        let stays = next.file(path).is_none_or(|next| next.has_bytes_of(file)) && before.has_bytes(path, &file.sha256);
        stays || before.aside.contains(&file.sha256) || is_copied(&file.sha256)
    })
}
