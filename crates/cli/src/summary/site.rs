//! What is live of a site now, and what was changed.

use towpath_core::{
    identifier::ComponentName,
    promotion::{LiveSite, Site, SitePhase},
};

use crate::plain::one_line;

use super::account::Account;

pub(super) fn account(name: &ComponentName, site: &Site) -> Account {
    let (serves, is_proven) = serves(site);
    Account {
        component: name.clone(),
        serves,
        is_proven,
        changed: changed(site),
        diagnosis: None,
        diagnosis_of_rollback: None,
    }
}

fn serves(site: &Site) -> (String, bool) {
    let before = site.plan.before.as_ref();
    let manifest = site.plan.manifest.short();
    match &site.phase {
        SitePhase::Proven { answers: 0 } => (format!("{manifest}, with nobody to ask"), false),
        SitePhase::Proven { .. } => (manifest.to_owned(), true),
        SitePhase::RolledBack => (site.goes_back_to().map_or_else(|| "what was live before".to_owned(), words), true),
        SitePhase::Planned | SitePhase::Untouched => {
            (before.map_or_else(|| "what was live before".to_owned(), words), false)
        }
        SitePhase::Stuck { .. } => {
            let before = before.map(|before| format!("; {} was live before", words(before))).unwrap_or_default();
            (format!("unknown: nothing is proven of it{before}"), false)
        }
        SitePhase::Superseded { by } => (format!("what {} published", one_line(by)), false),
        SitePhase::Published | SitePhase::Switched | SitePhase::Live | SitePhase::Failed | SitePhase::SwitchedBack => {
            ("not known: it has not come to an end".to_owned(), false)
        }
    }
}

fn changed(site: &Site) -> String {
    let manifest = site.plan.manifest.short();
    if !site.plan.is_change() {
        return "nothing".to_owned();
    }
    match &site.phase {
        SitePhase::Planned => "nothing".to_owned(),
        SitePhase::Untouched if site.published.is_none() => "nothing".to_owned(),
        SitePhase::Untouched => format!("files of {manifest} were uploaded; nothing that a visitor sees was changed"),
        SitePhase::Published => format!("files of {manifest} were uploaded; whether it was switched is not known"),
        SitePhase::Switched
        | SitePhase::Live
        | SitePhase::Proven { .. }
        | SitePhase::Failed
        | SitePhase::Superseded { .. } => format!("the site was switched to {manifest}"),
        SitePhase::SwitchedBack => format!("the site was switched to {manifest}, and is being switched back"),
        SitePhase::RolledBack => format!("the site was switched to {manifest}, and switched back"),
        SitePhase::Stuck { .. } if site.switch_back.is_some() => {
            format!("the site was switched to {manifest}, then back, which is not proven")
        }
        SitePhase::Stuck { .. } => format!("the site was switched to {manifest}, wholly or in part"),
    }
}

/// What is live, in words: version, manifest.
pub(crate) fn words(live: &LiveSite) -> String {
    let version = live.version.as_ref().map(|version| format!("{version}, ")).unwrap_or_default();
    format!("{version}{}", live.manifest.short())
}
