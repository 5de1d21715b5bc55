//! Environments, with their components' real names.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    config::{
        Environment, OnCancel, ReleaseRules, Service, Site, keys,
        mistake::{Complaint, Findings},
        template::Filling,
        tree::Section,
    },
    identifier::{AccountId, AppName, ComponentName, EnvironmentName, Region, RoleArn},
};

use super::{scan, service, signed, site, trigger};

/// The environments, in the order of the file.
pub(super) fn all(
    root: &Section<'_>,
    release: Option<&ReleaseRules>,
    findings: &mut Findings<'_>,
) -> Option<Vec<Environment>> {
    let sections = root.named("environments", &keys::ENVIRONMENT);
    let mut seen = Seen::default();
    let read = |(name, section): &(String, Section<'_>)| environment(root, name, section, release, &mut seen, findings);
    let environments: Vec<Option<Environment>> = sections.iter().map(read).collect();
    environments.into_iter().collect()
}

fn environment(
    root: &Section<'_>,
    name: &str,
    section: &Section<'_>,
    release: Option<&ReleaseRules>,
    seen: &mut Seen,
    findings: &mut Findings<'_>,
) -> Option<Environment> {
    role_in_account(section, findings);
    soak_needs_upstream(section, findings);
    let deploy_on = trigger::all(section, release, findings);
    let scan = scan::rules(root, section, findings);
    let signed = signed::rules(section, release, findings);
    let name: EnvironmentName = name.parse().ok()?;
    let account: AccountId = section.parse("account")?;
    let region: Region = section.parse("region")?;
    let app: AppName = root.parse("app")?;
    let place = Place { root, section, environment: &name, account: &account, region: &region, app: &app };
    let parts = parts(&place, seen, findings);
    let after = section.get("after")?.elements();
    let Parts { services, sites } = parts?;
    Some(Environment {
        role: section.parse("role"),
        after: after.iter().map(|upstream| upstream.text()?.parse().ok()).collect::<Option<Vec<_>>>()?,
        soak: section.get("soak").map_or(Some(Duration::ZERO), |soak| soak.duration())?,
        deploy_on: deploy_on?,
        on_cancel: match section.get("on-cancel")?.text()? {
            "leave" => OnCancel::Leave,
            "rollback" => OnCancel::Rollback,
            _ => return None,
        },
        drill: section.get("drill")?.flag()?,
        keep_images: section.get("keep-images")?.flag()?,
        scan: scan?,
        signed: signed?,
        services,
        sites,
        name,
        account,
        region,
    })
}

/// An environment's section, and what the placeholders stand for there.
struct Place<'a, 't> {
    root: &'a Section<'t>,
    section: &'a Section<'t>,
    environment: &'a EnvironmentName,
    account: &'a AccountId,
    region: &'a Region,
    app: &'a AppName,
}

/// What is in use already, in whichever environment.
#[derive(Debug, Default)]
struct Seen {
    services: service::Seen,
    homes: site::Taken,
}

/// The components of an environment.
#[derive(Default)]
struct Parts {
    services: BTreeMap<ComponentName, Service>,
    sites: BTreeMap<ComponentName, Site>,
}

fn parts(place: &Place<'_, '_>, seen: &mut Seen, findings: &mut Findings<'_>) -> Option<Parts> {
    let overrides = place.section.named("components", &keys::OVERRIDE);
    let components = place.root.named("components", &keys::COMPONENT);
    let mut parts = Parts::default();
    let mut is_whole = true;
    for (name, base) in components {
        let Ok(component) = name.parse::<ComponentName>() else {
            continue;
        };
        let kind = base.written("kind");
        let kind = kind.as_ref().map_or(Some("service"), |kind| kind.text()).unwrap_or_default().to_owned();
        let over = overrides.iter().find(|(overridden, _)| *overridden == name).map(|(_, section)| section.clone());
        if let Some(over) = &over {
            site::foreign_keys(over, &kind, findings);
        }
        let Place { environment, account, region, app, .. } = *place;
        let filling = Filling { environment, app, component: &component, account, region };
        let layers = service::Layers { base, over, filling };
        is_whole &= match kind.as_str() {
            "service" => layers.read(&mut seen.services, findings).is_some_and(|service| {
                parts.services.insert(component.clone(), service);
                true
            }),
            "site" => site::site(&layers, &mut seen.homes, findings).is_some_and(|site| {
                parts.sites.insert(component.clone(), site);
                true
            }),
            _ => true,
        };
    }
    is_whole.then_some(parts)
}

fn role_in_account(section: &Section<'_>, findings: &mut Findings<'_>) {
    let Some((role, account)) = section.parse::<RoleArn>("role").zip(section.parse::<AccountId>("account")) else {
        return;
    };
    let Some(node) = section.written("role") else {
        return;
    };
    if role.account() != account.as_str() {
        let message = format!("the role is in account {}, and the environment in {account}", role.account());
        findings.add(&node.span, &node.path, Complaint::new(message, "name a role of the environment's account"));
    }
}

fn soak_needs_upstream(section: &Section<'_>, findings: &mut Findings<'_>) {
    let Some(soak) = section.written("soak") else {
        return;
    };
    if section.get("after").is_some_and(|after| after.elements().is_empty()) {
        let message = "there is nowhere to serve first: `after` names no environment";
        findings.add(&soak.span, &soak.path, Complaint::new(message, "add `after`, or remove `soak`"));
    }
}
