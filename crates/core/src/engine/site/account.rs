//! What is told of a site at the end: its part of the record, and why it went badly.

use std::collections::BTreeMap;

use crate::{
    identifier::ComponentName,
    ledger::{SiteRecord, SiteRollbackRecord},
    promotion::{LiveSite, Outcome, Promotion, Site, SitePhase},
};

use super::super::run::Run;

impl Run<'_> {
    /// What happened to each site.
    pub(in super::super) fn site_records(&self, outcome: Outcome) -> BTreeMap<ComponentName, SiteRecord> {
        let sites = self.journal.promotion.sites.iter();
        sites.map(|(name, site)| (name.clone(), self.site_record(site, outcome))).collect()
    }

    fn site_record(&self, site: &Site, outcome: Outcome) -> SiteRecord {
        SiteRecord {
            bucket: site.plan.bucket.clone(),
            prefix: site.plan.prefix.clone(),
            manifest: site.plan.manifest.clone(),
            change: site.plan.change,
            before: site.plan.before.clone(),
            published: site.published,
            switch: site.switch.clone(),
            smoke: site.smoke.clone(),
            failure: site.failure.clone(),
            rollback: rollback(site),
            serves: self.live(site, outcome),
            notes: site.plan.notes.clone(),
        }
    }

    /// What is live, only where it is proven.
    fn live(&self, site: &Site, outcome: Outcome) -> Option<LiveSite> {
        match &site.phase {
            SitePhase::Proven { answers } if *answers > 0 && outcome.is_proven() => Some(LiveSite {
                manifest: site.plan.manifest.clone(),
                version: self.journal.promotion.request.intent.version().cloned(),
            }),
            SitePhase::RolledBack => site.goes_back_to().cloned(),
            SitePhase::Proven { .. }
            | SitePhase::Planned
            | SitePhase::Published
            | SitePhase::Switched
            | SitePhase::Live
            | SitePhase::Failed
            | SitePhase::Untouched
            | SitePhase::SwitchedBack
            | SitePhase::Stuck { .. }
            | SitePhase::Superseded { .. } => None,
        }
    }
}

fn rollback(site: &Site) -> Option<SiteRollbackRecord> {
    let stuck = match &site.phase {
        SitePhase::SwitchedBack | SitePhase::RolledBack => None,
        SitePhase::Stuck { why } => Some(why.clone()),
        SitePhase::Planned
        | SitePhase::Published
        | SitePhase::Switched
        | SitePhase::Live
        | SitePhase::Proven { .. }
        | SitePhase::Failed
        | SitePhase::Untouched
        | SitePhase::Superseded { .. } => return None,
    };
    Some(SiteRollbackRecord {
        target: site.plan.target.clone(),
        switch: site.switch_back.clone(),
        smoke: site.smoke_after_rollback.clone(),
        stuck,
    })
}

/// Why a site went badly, in one sentence for people; nothing where it did not.
pub(in super::super) fn trouble_of(name: &ComponentName, site: &Site) -> Option<String> {
    let failure = site.failure.as_ref().map(|failure| failure.message.clone());
    let parts: Vec<String> = match &site.phase {
        SitePhase::Stuck { why } => failure.into_iter().chain([why.clone()]).collect(),
        SitePhase::Superseded { by } => vec![format!("{by} published over it")],
        SitePhase::Planned
        | SitePhase::Published
        | SitePhase::Switched
        | SitePhase::Live
        | SitePhase::Proven { .. }
        | SitePhase::Failed
        | SitePhase::Untouched
        | SitePhase::SwitchedBack
        | SitePhase::RolledBack => failure.into_iter().collect(),
    };
    (!parts.is_empty()).then(|| format!("{name}: {}", parts.join("; ")))
}

/// Why nothing is claimed of what is brought.
pub(in super::super) fn unverified(promotion: &Promotion) -> String {
    let is_unasked = |site: &Site| matches!(site.phase, SitePhase::Proven { answers: 0 });
    match promotion.sites.iter().find(|(_, site)| is_unasked(site)) {
        Some((name, _)) => format!("nobody answers for {name}: it has neither a distribution nor a smoke check"),
        None => "the service wants no tasks, so nothing was exercised".to_owned(),
    }
}
