//! The application as a whole.

use crate::config::{
    Application, Component, Environment, LedgerLocation, ReleaseRules, keys, mistake::Findings, tree::Section,
};

use super::{build, component, environment, reference, scan};

/// The application, where nothing stands in the way.
pub(in crate::config) fn application(root: &Section<'_>, findings: &mut Findings<'_>) -> Option<Application> {
    let release = release(root);
    let mut components = component::all(root, findings);
    let environments = environment::all(root, release.as_ref(), findings);
    leave_out_runtime_files(components.as_deref_mut().unwrap_or_default(), environments.as_deref().unwrap_or_default());
    let build = build::rules(root, environments.as_deref().unwrap_or_default(), findings);
    reference::check(root, findings);
    scan::useless(root, findings);
    Some(Application {
        app: root.parse("app")?,
        ledger: ledger(root)?,
        release: release?,
        build: build?,
        scanners: scan::scanners(root)?,
        environments: environments?,
        components: components?,
    })
}

/// What an environment puts beside a release is part of none, though a build may have one for its developers.
fn leave_out_runtime_files(components: &mut [Component], environments: &[Environment]) {
    for component in components {
        let Component { name, site: Some(source), .. } = component else {
            continue;
        };
        let sites = environments.iter().filter_map(|environment| environment.sites.get(name));
        let paths =
            sites.filter_map(|site| site.runtime.as_ref()).filter_map(|runtime| runtime.path.as_str().parse().ok());
        source.rules.survey.exclude.extend(paths);
        source.rules.survey.exclude.dedup();
    }
}

fn ledger(root: &Section<'_>) -> Option<LedgerLocation> {
    let path = root.get("ledger")?.text()?.strip_prefix("file:")?.to_owned();
    Some(LedgerLocation::Directory(path))
}

/// `[release]`, or what it says when it is not there.
fn release(root: &Section<'_>) -> Option<ReleaseRules> {
    let empty = || Section::new("release", root.span.clone(), &toml::de::DeTable::new(), &keys::RELEASE);
    let section = root.section("release", &keys::RELEASE).unwrap_or_else(empty);
    let tags = section.get("tags")?.elements();
    Some(ReleaseRules {
        branch: section.parse("branch")?,
        tags: tags.iter().map(|tag| tag.text()?.parse().ok()).collect::<Option<Vec<_>>>()?,
    })
}
