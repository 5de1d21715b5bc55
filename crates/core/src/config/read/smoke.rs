//! Smoke checks, with `{version}` and `{commit}` still open.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    config::{
        check::all_texts,
        duration::plain_duration,
        key::Kind,
        keys,
        mistake::{Complaint, Findings},
        template::{Filling, names_release},
        tree::{Entry, Node, Section, to_json},
    },
    smoke::{Check, CheckTemplate, Method},
};

use super::service::{Layers, fill};

/// A component's checks.
#[derive(Debug, Default)]
pub(super) struct Checks {
    /// Those that are asked once it is rolled out.
    pub(super) after: Vec<CheckTemplate>,
    /// Those that are asked before production traffic reaches it.
    pub(super) before_traffic: Vec<CheckTemplate>,
}

/// The checks of a component in one environment.
pub(super) fn all(layers: &Layers<'_, '_>, findings: &mut Findings<'_>) -> Option<Checks> {
    let mut checks = Some(Checks::default());
    for element in layers.get("smoke")?.elements() {
        let section = element.section(&keys::SMOKE);
        let read = section.as_ref().and_then(|section| check(section, &layers.filling, findings));
        let is_before = section.and_then(|section| section.get("before-traffic")?.flag());
        checks = checks.zip(read.zip(is_before)).map(|(mut checks, (check, is_before))| {
            let place = if is_before { &mut checks.before_traffic } else { &mut checks.after };
            place.push(check);
            checks
        });
    }
    checks
}

fn check(section: &Section<'_>, filling: &Filling<'_>, findings: &mut Findings<'_>) -> Option<CheckTemplate> {
    head_has_no_body(section, findings);
    attempts_fit(section, findings);
    let url = template(section, "url", filling, findings);
    let contains = template(section, "contains", filling, findings);
    let json = section.written("json").map(|node| members(&node, filling)).unwrap_or_default();
    let headers = headers(section, filling);
    let consecutive = match section.written("consecutive") {
        Some(node) => u32::try_from(node.integer()?).ok()?,
        None => default_consecutive(&json, &headers, contains.as_deref()),
    };
    let duration = |name: &str| section.get(name)?.duration();
    Some(CheckTemplate(Check {
        url: url?,
        method: method(section)?,
        status: u16::try_from(section.get("status")?.integer()?).ok()?,
        json,
        headers,
        content_type: section.get("content-type").and_then(|node| node.text().map(str::to_ascii_lowercase)),
        contains,
        consecutive,
        interval: duration("interval")?,
        attempt_timeout: duration("attempt-timeout")?,
        deadline: duration("deadline")?,
    }))
}

fn template(section: &Section<'_>, name: &str, filling: &Filling<'_>, findings: &mut Findings<'_>) -> Option<String> {
    let Kind::Template(form, open) = section.keys.find(name)?.kind else {
        return None;
    };
    fill(&section.written(name)?, form, open, filling, findings)
}

fn method(section: &Section<'_>) -> Option<Method> {
    match section.get("method")?.text()? {
        "GET" => Some(Method::Get),
        "HEAD" => Some(Method::Head),
        _ => None,
    }
}

/// A check that tells the new release from the old wants two answers in a row: for a while both answer.
fn default_consecutive(
    json: &BTreeMap<String, Value>,
    headers: &BTreeMap<String, String>,
    contains: Option<&str>,
) -> u32 {
    let mut texts = json.values().flat_map(all_texts).chain(headers.values().map(String::as_str)).chain(contains);
    if texts.any(names_release) { 2 } else { 1 }
}

fn headers(section: &Section<'_>, filling: &Filling<'_>) -> BTreeMap<String, String> {
    let entries = section.written("headers").map(|node| node.entries()).unwrap_or_default();
    let header = |entry: Entry<'_>| Some((entry.name.to_ascii_lowercase(), filling.fill(entry.node.text()?)));
    entries.into_iter().filter_map(header).collect()
}

/// The expected members by dotted path: a table inside stands for the members inside.
fn members(node: &Node<'_>, filling: &Filling<'_>) -> BTreeMap<String, Value> {
    let mut members = BTreeMap::new();
    if let Some(Value::Object(tree)) = to_json(&node.value) {
        for (name, value) in tree {
            flatten(name, value, filling, &mut members);
        }
    }
    members
}

fn flatten(path: String, value: Value, filling: &Filling<'_>, members: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(inside) if !inside.is_empty() => {
            for (name, value) in inside {
                flatten(format!("{path}.{name}"), value, filling, members);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            members.insert(path, filled(value, filling));
        }
    }
}

fn filled(value: Value, filling: &Filling<'_>) -> Value {
    match value {
        Value::String(text) => Value::String(filling.fill(&text)),
        Value::Array(elements) => elements.into_iter().map(|element| filled(element, filling)).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, filled(value, filling))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

fn head_has_no_body(section: &Section<'_>, findings: &mut Findings<'_>) {
    if section.written("method").is_none_or(|method| method.text() != Some("HEAD")) {
        return;
    }
    for node in ["json", "contains"].into_iter().filter_map(|name| section.written(name)) {
        findings.add(&node.span, &node.path, Complaint::new("an answer to HEAD has no body", "use `method = \"GET\"`"));
    }
}

/// An attempt, or the pause between two, that outlasts the whole check is a slip of the pen.
fn attempts_fit(section: &Section<'_>, findings: &mut Findings<'_>) {
    let Some(deadline) = section.get("deadline").and_then(|node| node.duration()) else {
        return;
    };
    for node in ["attempt-timeout", "interval"].into_iter().filter_map(|name| section.get(name)) {
        if let Some(length) = node.duration().filter(|length| *length > deadline) {
            let message =
                format!("{} is longer than the `deadline`, {}", plain_duration(length), plain_duration(deadline));
            findings.add(&node.span, &node.path, Complaint::new(message, "make the deadline longer, or this shorter"));
        }
    }
}
