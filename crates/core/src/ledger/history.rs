//! What the records of an environment amount to: what was proven there, what serves, what may be gone back to.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    identifier::{ComponentName, PromotionId, TaskDefinitionArn, Version},
    policy::Proof,
    promotion::{LiveSite, Outcome, Serving},
    release::Release,
    site::SiteDigest,
};

use super::record::{Record, RecordKind};

/// A component's newest proven state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenServing {
    /// What serves.
    pub serving: Serving,
    /// The promotion that proved it.
    pub promotion: PromotionId,
}

/// What was last proven to serve, component by component. A later record without proof takes nothing back.
pub fn last_proven(records: &[Record]) -> BTreeMap<ComponentName, ProvenServing> {
    let mut proven = BTreeMap::new();
    for record in records {
        for (name, component) in &record.components {
            if let Some(serving) = &component.serves {
                let state = ProvenServing { serving: serving.clone(), promotion: record.promotion.clone() };
                proven.insert(name.clone(), state);
            }
        }
    }
    proven
}

/// A site's newest proven state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenSite {
    /// What is live.
    pub live: LiveSite,
    /// The promotion that proved it.
    pub promotion: PromotionId,
}

/// What was last proven to be live, site by site. A later record without proof takes nothing back.
pub fn last_proven_sites(records: &[Record]) -> BTreeMap<ComponentName, ProvenSite> {
    let mut proven = BTreeMap::new();
    for record in records {
        for (name, site) in &record.sites {
            if let Some(live) = &site.serves {
                let state = ProvenSite { live: live.clone(), promotion: record.promotion.clone() };
                proven.insert(name.clone(), state);
            }
        }
    }
    proven
}

/// The one version that all components serve by their newest proofs; nothing where they differ or it is not known.
pub fn serving_version(records: &[Record]) -> Option<Version> {
    let proven = last_proven(records);
    let sites = last_proven_sites(records);
    let services = proven.values().map(|proven| proven.serving.version.as_ref());
    let versions: BTreeSet<Option<&Version>> =
        services.chain(sites.values().map(|proven| proven.live.version.as_ref())).collect();
    match versions.into_iter().collect::<Vec<_>>().as_slice() {
        [Some(version)] => Some((*version).clone()),
        [] | [None] | [..] => None,
    }
}

/// What is known of this release in the environment of these records.
pub fn proof_of(records: &[Record], release: &Release) -> Proof {
    let is_of_release = |record: &&Record| {
        record.version.as_ref() == Some(&release.version) && record.commit.as_ref() == Some(&release.commit)
    };
    let Some(place) = records.iter().rposition(|record| is_of_release(&record) && record.outcome.is_proven()) else {
        return Proof::NotProven;
    };
    let proof = &records[place];
    for later in &records[place + 1..] {
        if later.kind == RecordKind::Restoration && later.outcome.is_proven() && is_about(later, release) {
            return withdrawn(later);
        }
        if later.kind == RecordKind::Drill && later.outcome == Outcome::Stuck {
            return withdrawn(later);
        }
        match (later.outcome, &later.version) {
            (Outcome::Succeeded | Outcome::Unchanged, Some(version))
                if *version != release.version && is_about(later, release) =>
            {
                return Proof::Superseded {
                    since: proof.timestamp_utc,
                    until: later.timestamp_utc,
                    promotion: proof.promotion.clone(),
                    by: version.clone(),
                };
            }
            (Outcome::RolledBack | Outcome::Stuck, _) if is_of_release(&later) => {
                return withdrawn(later);
            }
            (
                Outcome::Succeeded
                | Outcome::Unchanged
                | Outcome::Unverified
                | Outcome::Refused
                | Outcome::Ignored
                | Outcome::Held
                | Outcome::Errored
                | Outcome::Unauthorized
                | Outcome::RolledBack
                | Outcome::Stuck
                | Outcome::Inconclusive
                | Outcome::Interrupted
                | Outcome::Superseded
                | Outcome::Adopted,
                _,
            ) => {}
        }
    }
    let since = first_of_run(&records[..=place], release).unwrap_or(proof.timestamp_utc);
    Proof::Proven { since, promotion: proof.promotion.clone() }
}

/// Whether the record is about a component that the release has, too: another component's release replaces nothing.
fn is_about(record: &Record, release: &Release) -> bool {
    let mut named = record.components.keys().chain(record.sites.keys());
    named.any(|name| release.artifacts.contains_key(name))
}

fn withdrawn(record: &Record) -> Proof {
    Proof::Withdrawn { at: record.timestamp_utc, promotion: record.promotion.clone() }
}

/// Since when the release has served without a break: proving it again does not restart its soak.
fn first_of_run(records: &[Record], release: &Release) -> Option<jiff::Timestamp> {
    let mut since = None;
    for record in records.iter().rev() {
        match record.outcome {
            Outcome::Succeeded | Outcome::Unchanged if record.version.as_ref() == Some(&release.version) => {
                since = Some(record.timestamp_utc);
            }
            Outcome::Succeeded | Outcome::Unchanged | Outcome::Adopted => break,
            Outcome::Unverified
            | Outcome::Refused
            | Outcome::Ignored
            | Outcome::Held
            | Outcome::Errored
            | Outcome::Unauthorized
            | Outcome::RolledBack
            | Outcome::Stuck
            | Outcome::Inconclusive
            | Outcome::Interrupted
            | Outcome::Superseded => {}
        }
    }
    since
}

/// The revisions that were brought here and judged bad, and not proven since: what serves by ECS's word alone is no
/// baseline where we know better.
pub fn judged_bad(records: &[Record]) -> BTreeMap<ComponentName, BTreeSet<TaskDefinitionArn>> {
    let mut bad: BTreeMap<ComponentName, BTreeSet<TaskDefinitionArn>> = BTreeMap::new();
    for (kind, (name, component)) in
        records.iter().flat_map(|record| record.components.iter().map(|component| (record.kind, component)))
    {
        let revisions = bad.entry(name.clone()).or_default();
        let was_judged = component.failure.as_ref().is_some_and(|failure| failure.kind.is_about_the_release());
        // What a drill brought was bad on purpose, whatever came of it.
        if was_judged || kind == RecordKind::Drill {
            revisions.extend(component.after.clone());
        }
        if let Some(serving) = &component.serves {
            revisions.remove(&serving.task_definition);
        }
    }
    bad
}

/// The manifests that were brought here and judged bad, and not proven since.
pub fn sites_judged_bad(records: &[Record]) -> BTreeMap<ComponentName, BTreeSet<SiteDigest>> {
    let mut bad: BTreeMap<ComponentName, BTreeSet<SiteDigest>> = BTreeMap::new();
    for (name, site) in records.iter().flat_map(|record| &record.sites) {
        let manifests = bad.entry(name.clone()).or_default();
        if site.failure.as_ref().is_some_and(|failure| failure.kind.is_about_the_release()) {
            manifests.insert(site.manifest.clone());
        }
        if let Some(live) = &site.serves {
            manifests.remove(&live.manifest);
        }
    }
    bad
}

/// A publication that was begun, and of which nobody knows how far it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// Its files.
    pub manifest: SiteDigest,
    /// The release that they are of, where that is known.
    pub release: Option<Version>,
    /// The promotion that began it.
    pub promotion: PromotionId,
}

/// What was begun of each site since its marker was written last, the newest first: any file of any of it may be there.
/// A marker is written when all else is, so from then on it tells what is there.
pub fn sites_in_doubt(records: &[Record]) -> BTreeMap<ComponentName, Vec<Begun>> {
    let mut in_doubt: BTreeMap<ComponentName, Vec<Begun>> = BTreeMap::new();
    for record in records {
        let begun = |manifest: &SiteDigest, release: Option<&Version>| Begun {
            manifest: manifest.clone(),
            release: release.cloned(),
            promotion: record.promotion.clone(),
        };
        for (name, site) in &record.sites {
            let since = in_doubt.entry(name.clone()).or_default();
            if site.switch.is_some() || site.serves.is_some() {
                since.clear();
            } else if site.published.is_some() {
                since.insert(0, begun(&site.manifest, record.version.as_ref()));
            }
            let Some(rollback) = &site.rollback else {
                continue;
            };
            if rollback.switch.is_some() {
                since.clear();
            } else if let (None, Some(target)) = (&site.serves, &rollback.target) {
                since.insert(0, begun(&target.live.manifest, target.live.version.as_ref()));
            }
        }
    }
    in_doubt
}

/// The components that a rollback left stuck and that nothing was proven of since.
fn stuck(records: &[Record]) -> BTreeSet<&ComponentName> {
    let mut stuck = BTreeSet::new();
    for (name, component) in records.iter().flat_map(|record| &record.components) {
        if component.rollback.as_ref().is_some_and(|rollback| rollback.stuck.is_some()) {
            stuck.insert(name);
        } else if component.serves.is_some() {
            stuck.remove(name);
        }
    }
    for (name, site) in records.iter().flat_map(|record| &record.sites) {
        if site.rollback.as_ref().is_some_and(|rollback| rollback.stuck.is_some()) {
            stuck.insert(name);
        } else if site.serves.is_some() {
            stuck.remove(name);
        }
    }
    stuck
}

/// What was proven before what serves now: what a person's rollback goes back to. Where the newest way back failed,
/// what serves now was not proven, and that is the newest proven state itself. With `only`, it is about that component.
pub fn proven_before<'a>(records: &'a [Record], only: Option<&ComponentName>) -> Option<&'a Record> {
    let (serves, live) = (last_proven(records), last_proven_sites(records));
    let stuck = stuck(records);
    let is_asked_for = |name: &ComponentName| only.is_none_or(|only| only == name);
    records.iter().rev().find(|record| {
        let is_baseline = record.outcome.is_proven() || record.outcome == Outcome::Adopted;
        let mut services = record.components.iter().filter(|(name, _)| is_asked_for(name));
        let mut sites = record.sites.iter().filter(|(name, _)| is_asked_for(name));
        let is_other_service = services.any(|(name, component)| match (&component.serves, serves.get(name)) {
            (Some(_), _) if stuck.contains(name) => true,
            (Some(then), Some(now)) => then.task_definition != now.serving.task_definition,
            (Some(_), None) => true,
            (None, _) => false,
        });
        let is_other_site = sites.any(|(name, site)| match (&site.serves, live.get(name)) {
            (Some(_), _) if stuck.contains(name) => true,
            (Some(then), Some(now)) => then.manifest != now.live.manifest,
            (Some(_), None) => true,
            (None, _) => false,
        });
        is_baseline && (is_other_service || is_other_site)
    })
}
