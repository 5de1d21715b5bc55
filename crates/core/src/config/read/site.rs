//! A component as a site: what its files are, and where it lives in one environment.

use std::collections::BTreeMap;

use crate::{
    config::{
        Site, SiteBuild, SiteSource, keys,
        mistake::{Complaint, Findings},
        publishing,
        template::Filling,
        tree::{Node, Section},
    },
    identifier::DistributionId,
    policy::PathGlob,
    site::{HeaderRule, Home, PublishSettings, RuntimePath, RuntimeRules, SitePrefix, SiteRules, SurveyRules},
};

use super::{service::Layers, smoke};

/// Where sites live so far, with whose each is: two must not be in one place, nor one inside of another.
#[derive(Debug, Default)]
pub(super) struct Taken(Vec<(Home, String)>);

/// What is the same in every environment.
pub(super) fn source(section: &Section<'_>, findings: &mut Findings<'_>) -> Option<SiteSource> {
    let globs = |name: &str| -> Option<Vec<PathGlob>> {
        section.get(name)?.elements().iter().map(|glob| glob.text()?.parse().ok()).collect()
    };
    let headers = section.get("headers")?.elements();
    let survey = SurveyRules { entry: section.parse("entry")?, exclude: globs("exclude")? };
    Some(SiteSource {
        build: build(section, findings)?,
        rules: SiteRules {
            survey,
            hashed: globs("hashed")?,
            mutable: globs("mutable")?,
            headers: headers.iter().map(header_rule).collect::<Option<Vec<_>>>()?,
        },
    })
}

fn build(section: &Section<'_>, findings: &mut Findings<'_>) -> Option<SiteBuild> {
    let Some(build) = section.section("build", &publishing::SITE_BUILD) else {
        if section.written("build").is_none() {
            let message = "missing `build`, since this is a site";
            let complaint = Complaint::new(message, "write `build = { directory = \"frontend/dist\" }`");
            findings.add_also(&section.span, &section.path, complaint);
        }
        return None;
    };
    let words = build.written("command").map(|node| node.elements()).unwrap_or_default();
    Some(SiteBuild {
        command: words.iter().map(|word| word.text().map(str::to_owned)).collect::<Option<Vec<_>>>()?,
        directory: build.get("directory")?.text()?.to_owned(),
    })
}

fn header_rule(node: &Node<'_>) -> Option<HeaderRule> {
    let section = node.section(&publishing::SITE_HEADERS)?;
    Some(HeaderRule {
        files: section.parse("files")?,
        content_type: section.parse("content-type"),
        cache_control: section.parse("cache-control"),
        content_encoding: section.parse("content-encoding"),
        content_disposition: section.parse("content-disposition"),
        content_language: section.parse("content-language"),
    })
}

/// The site in one environment, where nothing stands in the way.
pub(super) fn site(layers: &Layers<'_, '_>, taken: &mut Taken, findings: &mut Findings<'_>) -> Option<Site> {
    let bucket = layers.required("bucket", findings);
    let prefix = match layers.get("prefix") {
        Some(_) => layers.filled("prefix", findings)?.parse().ok()?,
        None => SitePrefix::default(),
    };
    let url = layers.filled("url", findings);
    let runtime = runtime(layers, findings);
    let checks = smoke::all(layers, findings);
    no_hooks(layers, findings);
    let home = Home { bucket: bucket?, prefix };
    taken.take(&home, layers, findings);
    let runtime = runtime?;
    let bucket_account = match layers.get("bucket-account") {
        Some(node) => node.text()?.parse().ok()?,
        None => layers.filling.account.clone(),
    };
    Some(Site {
        home,
        bucket_account,
        distribution: layers.get("distribution").and_then(|node| node.text()?.parse::<DistributionId>().ok()),
        url,
        settings: PublishSettings {
            keep: layers.get("keep")?.integer()?.to_string().parse().ok()?,
            largest_share: layers.get("largest-share")?.integer()?.to_string().parse().ok()?,
            runtime: runtime.as_ref().map(|runtime| runtime.path.path().clone()),
        },
        runtime,
        wait: layers.get("wait")?.flag()?,
        smoke: checks?.after,
    })
}

/// The component's runtime file, and the environment's over it.
#[expect(clippy::option_option, reason = "the outer says that a mistake was found, as everywhere here")]
fn runtime(layers: &Layers<'_, '_>, findings: &mut Findings<'_>) -> Option<Option<RuntimeRules>> {
    let sections: Vec<Section<'_>> = [Some(&layers.base), layers.over.as_ref()]
        .into_iter()
        .flatten()
        .filter_map(|layer| layer.section("runtime", &publishing::SITE_RUNTIME))
        .collect();
    let Some(last) = sections.last() else {
        return Some(None);
    };
    let Some(path) = sections.iter().rev().find_map(|section| section.written("path")) else {
        let complaint = Complaint::new("missing `path`", "write, for example, `path = \"config.json\"`");
        findings.add_also(&last.span, &last.path, complaint);
        return None;
    };
    let path: RuntimePath = path.text()?.parse().ok()?;
    let entries = sections.iter().filter_map(|section| section.written("values")).flat_map(|node| node.entries());
    let value = |node: &Node<'_>| node.text().map(|text| layers.filling.fill(text));
    let values: BTreeMap<String, String> =
        entries.filter_map(|entry| Some((entry.name.clone(), value(&entry.node)?))).collect();
    Some(Some(RuntimeRules { path, values }))
}

/// Nothing waits for a check of a site before its visitors see it.
fn no_hooks(layers: &Layers<'_, '_>, findings: &mut Findings<'_>) {
    for check in layers.get("smoke").map(|node| node.elements()).unwrap_or_default() {
        let hook = check.section(&keys::SMOKE).and_then(|section| section.written("before-traffic"));
        if let Some(node) = hook.filter(|node| node.flag() == Some(true)) {
            let complaint = Complaint::new("a site has no hook before its traffic", "remove `before-traffic`");
            findings.add(&node.span, &node.path, complaint);
        }
    }
}

impl Taken {
    fn take(&mut self, home: &Home, layers: &Layers<'_, '_>, findings: &mut Findings<'_>) {
        let Filling { environment, component, .. } = layers.filling;
        let here = format!("{component} in {environment}");
        let clash = self.0.iter().find(|(other, _)| overlap(home, other));
        if let Some(((other, whose), node)) = clash.zip(layers.get("bucket")) {
            let message = format!("{here} would live in {home}, and {whose} lives in {other}");
            let remedy = "give each site a bucket, or a `prefix` that is not inside of another's";
            findings.add(&node.span, &node.path, Complaint::new(message, remedy));
            return;
        }
        self.0.push((home.clone(), here));
    }
}

fn overlap(one: &Home, other: &Home) -> bool {
    let (first, second) = (one.prefix.as_str(), other.prefix.as_str());
    one.bucket == other.bucket && (first.starts_with(second) || second.starts_with(first))
}

/// Complains of keys that are of the other kind of component: they would do nothing.
pub(super) fn foreign_keys(section: &Section<'_>, kind: &str, findings: &mut Findings<'_>) {
    let (foreign, own): (&[&[_]], _) = match kind {
        "site" => (&[keys::SERVICE_KEYS, keys::IMAGE_KEYS], "a site"),
        "service" => (&[publishing::SITE_COMPONENT_KEYS, publishing::SITE_KEYS], "a service"),
        _ => return,
    };
    for entry in section.entries() {
        if foreign.iter().flat_map(|group| group.iter()).any(|key| key.name == entry.name) {
            let message = format!("`{}` is no key of {own}", entry.name);
            findings.add(&entry.name_span, &entry.node.path, Complaint::new(message, "remove it"));
        }
    }
}
