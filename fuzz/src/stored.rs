//! What a store hands back: its kind on the first line, then JSON.
//!
//! A release, a lease, a signature, and a site's manifest and marker are one document. A journal and records are a line each; their places and hashes are set right,
//! so that what is read is what they say and not only whether the chain holds.

use futures_util::FutureExt as _;
use jiff::Timestamp;
use std::time::Duration;
use towpath_core::{
    fakes::{MemoryStore, VirtualClock},
    identifier::{EnvironmentName, Sha256},
    ledger::{Lease, Ledger, Record, TakeOver, history},
    ports::StoreKey,
    promotion::{Entry, Event, Journal},
    release::Release,
    signature::{KeptBundle, split},
    site::{Manifest, Marker, SiteOwner},
};

/// How many lines are read at most.
const LINES: usize = 64;

/// Reads it as what it says it is.
pub fn run(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Some((kind, content)) = text.split_once('\n') else { return false };
    match kind {
        "release" => release(content),
        "lease" => lease(content),
        "journal" => journal(content),
        "records" => records(content),
        "manifest" => manifest(content),
        "marker" => marker(content),
        "signature" => signature(content),
        _ => false,
    }
}

/// The same release is always the same bytes.
fn release(content: &str) -> bool {
    let Ok(release) = Release::from_json(content.as_bytes()) else { return false };
    let stored = release.to_json();
    let again = Release::from_json(&stored).expect("what is stored can be read");
    assert_eq!((&again, again.to_json()), (&release, stored), "a release is not what was stored");
    true
}

/// A kept signature is what was kept, and its bundle, if it is one, is read again as the same.
fn signature(content: &str) -> bool {
    let Ok(kept) = KeptBundle::from_json(content.as_bytes()) else { return false };
    assert_eq!(KeptBundle::from_json(&kept.to_json()).ok().as_ref(), Some(&kept), "a signature is not what was stored");
    let Ok(bundles) = split(kept.bundle.to_string().as_bytes()) else { return false };
    for bundle in &bundles {
        assert_eq!(split(&bundle.to_json()).as_deref(), Ok(std::slice::from_ref(bundle)), "a bundle is another one");
    }
    true
}

/// A manifest is its bytes, and its name is theirs.
fn manifest(content: &str) -> bool {
    let Ok(manifest) = Manifest::from_json(content.as_bytes()) else { return false };
    assert_eq!(manifest.to_json(), content.as_bytes(), "a manifest is not what was stored");
    assert_eq!(manifest.digest().hex(), Sha256::of(content.as_bytes()).to_string(), "a manifest has another name");
    true
}

/// A marker that is ours is read as it was written.
fn marker(content: &str) -> bool {
    let owner = SiteOwner {
        app: "shop".parse().expect("a name"),
        environment: "dev".parse().expect("a name"),
        component: "web".parse().expect("a name"),
    };
    let Ok(marker) = Marker::from_json(content.as_bytes(), &owner) else { return false };
    let again = Marker::from_json(&marker.to_json(), &owner).expect("what is written can be read");
    assert_eq!(again, marker, "a marker changes");
    true
}

fn lease(content: &str) -> bool {
    let (store, environment) = empty();
    store.tamper(&key("environments/dev/lease.json"), content.as_bytes());
    let Ok(promotion) = "p-1".parse() else { return false };
    let read = Lease::look(&store, &environment).now_or_never();
    let taken = Lease::acquire(&store, &environment, &promotion, "fuzz", Duration::from_mins(1), TakeOver::OnlyExpired)
        .now_or_never();
    let Some(Ok(Some(before))) = read else { return false };
    if let Some(Ok(lease)) = taken {
        assert!(lease.fence() > before.fence, "a fence does not grow");
    }
    true
}

fn journal(content: &str) -> bool {
    let (store, environment) = empty();
    let mut previous = None;
    let mut promotion = None;
    for (index, line) in content.lines().take(LINES).enumerate() {
        let Ok(mut entry) = serde_json::from_str::<Entry>(line) else { return false };
        (entry.sequence, entry.previous) = (index as u64 + 1, previous);
        if let (0, Event::Requested { request }) = (index, &entry.happened) {
            promotion = Some(request.id.clone());
        }
        let Some(promotion) = &promotion else { return false };
        let bytes = serde_json::to_vec(&entry).expect("an entry has only text keys");
        assert_eq!(
            serde_json::from_slice::<Entry>(&bytes).expect("what is written can be read"),
            entry,
            "an entry changes"
        );
        previous = Some(Sha256::of(&bytes));
        store.tamper(&key(&format!("environments/dev/journals/{promotion}/{:06}.json", entry.sequence)), &bytes);
    }
    let Some(promotion) = promotion else { return false };
    let read = Journal::load(&store, &environment, &promotion).now_or_never();
    let Some(Ok(Some(Journal { promotion, .. }))) = read else { return false };
    let _due = (promotion.outstanding(), promotion.outcome(), promotion.phase());
    true
}

fn records(content: &str) -> bool {
    let (store, environment) = empty();
    let mut previous = None;
    for (index, line) in content.lines().take(LINES).enumerate() {
        let Ok(mut record) = serde_json::from_str::<Record>(line) else { return false };
        (record.sequence, record.previous) = (index as u64 + 1, previous);
        let bytes = serde_json::to_vec(&record).expect("a record has only text keys");
        assert_eq!(
            serde_json::from_slice::<Record>(&bytes).expect("what is written can be read"),
            record,
            "a record changes"
        );
        previous = Some(Sha256::of(&bytes));
        store.tamper(&key(&format!("environments/dev/records/{:08}.json", record.sequence)), &bytes);
    }
    let Some(Ok(records)) = Ledger::new(&store, &environment).records().now_or_never() else { return false };
    let _serving =
        (history::last_proven(&records), history::serving_version(&records), history::proven_before(&records, None));
    let _bad = history::judged_bad(&records);
    !records.is_empty()
}

fn empty() -> (MemoryStore, EnvironmentName) {
    let clock = VirtualClock::at(Timestamp::UNIX_EPOCH);
    (MemoryStore::new(&clock), "dev".parse().expect("a name"))
}

fn key(text: &str) -> StoreKey {
    text.parse().expect("a name of the store's own making")
}
