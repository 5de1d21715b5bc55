//! `[build]`, and how one component's image is built.

use std::{collections::BTreeMap, str::FromStr};

use crate::{
    build::{ArgumentTemplate, BuildRules, ImageTagPattern, Recipe},
    config::{
        Environment, building,
        mistake::{Complaint, Findings},
        tree::{Node, Section},
    },
    identifier::{AccountId, Region, RoleArn, SecretId, StageName, VariableName},
};

use super::scan;

/// `[build]`, or what it says when it is not there: the first environment's registry.
pub(super) fn rules(
    root: &Section<'_>,
    environments: &[Environment],
    findings: &mut Findings<'_>,
) -> Option<BuildRules> {
    let empty = || Section::new("build", root.span.clone(), &toml::de::DeTable::new(), &building::BUILD);
    let section = root.section("build", &building::BUILD).unwrap_or_else(empty);
    let first = environments.first()?;
    let account: AccountId = own_or(&section, "account", &first.account)?;
    let region: Region = own_or(&section, "region", &first.region)?;
    Some(BuildRules {
        tool: section.written("tool").map_or(Some(None), |tool| tool.text()?.parse().ok().map(Some))?,
        role: role(&section, &account, environments, findings)?,
        pull_from: parsed(&section, "pull-from")?,
        attest: parsed(&section, "attest")?,
        parallel: usize::try_from(section.get("parallel")?.integer()?).ok()?,
        timeout: section.get("timeout")?.duration()?,
        scan: scan::of_build(root, &section, findings)?,
        account,
        region,
    })
}

fn own_or<T: FromStr + Clone>(section: &Section<'_>, name: &str, other: &T) -> Option<T> {
    match section.written(name) {
        Some(_) => section.parse(name),
        None => Some(other.clone()),
    }
}

fn parsed<T: FromStr>(section: &Section<'_>, name: &str) -> Option<Vec<T>> {
    section.get(name)?.elements().iter().map(|element| element.text()?.parse().ok()).collect()
}

/// The role, which must be in the account; that of the first environment there where nothing is said.
#[expect(clippy::option_option, reason = "the outer one is whether it could be read, as everywhere here")]
fn role(
    section: &Section<'_>,
    account: &AccountId,
    environments: &[Environment],
    findings: &mut Findings<'_>,
) -> Option<Option<RoleArn>> {
    let Some(node) = section.written("role") else {
        let there = environments.iter().find(|environment| environment.account == *account);
        return Some(there.and_then(|environment| environment.role.clone()));
    };
    let role: RoleArn = section.parse("role")?;
    if role.account() != account.as_str() {
        let message = format!("the role is in account {}, and images are published in {account}", role.account());
        findings.add(&node.span, &node.path, Complaint::new(message, "name a role of that account"));
    }
    Some(Some(role))
}

/// The recipe of an image, where it has a context; nothing at all where something of it is wrong.
#[expect(clippy::option_option, reason = "the outer one is whether it could be read, as everywhere here")]
pub(super) fn recipe(image: &Section<'_>, findings: &mut Findings<'_>) -> Option<Option<Recipe>> {
    let Some(context) = image.written("context") else {
        useless(image, findings);
        return Some(None);
    };
    published(image, &context, findings);
    let context = context.text()?.to_owned();
    let dockerfile =
        image.written("dockerfile").map_or(Some(None), |file| file.text().map(|file| Some(file.to_owned())))?;
    let in_context = || match context.trim_end_matches('/') {
        "." => "Dockerfile".to_owned(),
        folder => format!("{folder}/Dockerfile"),
    };
    let secrets = secrets(image, findings);
    Some(Some(Recipe {
        dockerfile: dockerfile.unwrap_or_else(in_context),
        target: image.written("target").map_or(Some(None), |_| image.parse::<StageName>("target").map(Some))?,
        platforms: image.written("platforms").map_or(Some(Vec::new()), |_| parsed(image, "platforms"))?,
        arguments: texts(image, "build-args", |text| Some(ArgumentTemplate::new(text)))?,
        secrets: secrets?,
        tags: tags(image, findings)?,
        moving_tags: parsed(image, "moving-tags")?,
        context,
    }))
}

/// What says how to build is of no use where nothing is built.
fn useless(image: &Section<'_>, findings: &mut Findings<'_>) {
    for entry in image.entries().into_iter().filter(|entry| entry.name != "repository") {
        let complaint = Complaint::new("nothing is built without `context`", "add `context`, or remove this");
        findings.add(&entry.name_span, &entry.node.path, complaint);
    }
}

fn published(image: &Section<'_>, context: &Node<'_>, findings: &mut Findings<'_>) {
    if image.written("repository").is_none() {
        let message = "what is built here is published nowhere";
        findings.add(&context.span, &context.path, Complaint::new(message, "add `repository` beside it"));
    }
}

/// The tags that stay; one that every build would get would be refused from the second build on.
fn tags(image: &Section<'_>, findings: &mut Findings<'_>) -> Option<Vec<ImageTagPattern>> {
    let tags: Vec<ImageTagPattern> = parsed(image, "tags")?;
    for (node, _) in image.get("tags")?.elements().iter().zip(&tags).filter(|(_, tag)| !tag.is_of_one_build()) {
        let message = format!("`{}` would be the tag of more than one build", node.text().unwrap_or_default());
        let remedy = "add `{sha}`, `{sha7}` or `{version}` to it, or move it to `moving-tags`";
        findings.add(&node.span, &node.path, Complaint::new(message, remedy));
    }
    Some(tags)
}

fn secrets(image: &Section<'_>, findings: &mut Findings<'_>) -> Option<BTreeMap<SecretId, VariableName>> {
    for entry in image.written("secrets").map(|node| node.entries()).unwrap_or_default() {
        if let Some(Err(invalid)) = entry.node.text().map(str::parse::<VariableName>) {
            findings.add(&entry.node.span, &entry.node.path, invalid.into());
        }
    }
    texts(image, "secrets", |text| text.parse().ok())
}

/// A table of texts by name.
fn texts<K: FromStr + Ord, V>(
    image: &Section<'_>,
    name: &str,
    value: impl Fn(&str) -> Option<V>,
) -> Option<BTreeMap<K, V>> {
    let entries = image.written(name).map(|node| node.entries()).unwrap_or_default();
    entries.iter().map(|entry| Some((entry.name.parse().ok()?, value(entry.node.text()?)?))).collect()
}
