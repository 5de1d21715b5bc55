//! Environments, with their components' real names.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    config::{
        Environment, OnCancel, ReleaseRules, Service, keys,
        mistake::{Complaint, Findings},
        template::Filling,
        tree::Section,
    },
    identifier::{AccountId, AppName, ComponentName, EnvironmentName, Region, RoleArn},
};

use super::{scan, service, trigger};

/// The environments, in the order of the file.
pub(super) fn all(
    root: &Section<'_>,
    release: Option<&ReleaseRules>,
    findings: &mut Findings<'_>,
) -> Option<Vec<Environment>> {
    let sections = root.named("environments", &keys::ENVIRONMENT);
    let mut seen = service::Seen::default();
    let read = |(name, section): &(String, Section<'_>)| environment(root, name, section, release, &mut seen, findings);
    let environments: Vec<Option<Environment>> = sections.iter().map(read).collect();
    environments.into_iter().collect()
}

fn environment(
    root: &Section<'_>,
    name: &str,
    section: &Section<'_>,
    release: Option<&ReleaseRules>,
    seen: &mut service::Seen,
    findings: &mut Findings<'_>,
) -> Option<Environment> {
    role_in_account(section, findings);
    soak_needs_upstream(section, findings);
    let deploy_on = trigger::all(section, release, findings);
    let scan = scan::rules(root, section, findings);
    let name: EnvironmentName = name.parse().ok()?;
    let account: AccountId = section.parse("account")?;
    let region: Region = section.parse("region")?;
    let app: AppName = root.parse("app")?;
    let place = Place { root, section, environment: &name, account: &account, region: &region, app: &app };
    let services = services(&place, seen, findings);
    let after = section.get("after")?.elements();
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
        services: services?,
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

fn services(
    place: &Place<'_, '_>,
    seen: &mut service::Seen,
    findings: &mut Findings<'_>,
) -> Option<BTreeMap<ComponentName, Service>> {
    let overrides = place.section.named("components", &keys::OVERRIDE);
    let components = place.root.named("components", &keys::COMPONENT);
    let is_service = |section: &Section<'_>| section.written("kind").is_none_or(|kind| kind.text() == Some("service"));
    let mut services = Some(BTreeMap::new());
    for (name, base) in components.into_iter().filter(|(_, section)| is_service(section)) {
        let Ok(component) = name.parse::<ComponentName>() else {
            continue;
        };
        let over = overrides.iter().find(|(overridden, _)| *overridden == name).map(|(_, section)| section.clone());
        let Place { environment, account, region, app, .. } = *place;
        let filling = Filling { environment, app, component: &component, account, region };
        let service = service::Layers { base, over, filling }.read(seen, findings);
        services = services.zip(service).map(|(mut services, service)| {
            services.insert(component.clone(), service);
            services
        });
    }
    services
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
