//! Every value by itself: keys that are not known, types, forms, what is missing.
//!
//! What concerns several values (references, cycles, one service twice) is seen in `read`.

use serde_json::Value;
use toml::de::DeValue;

use super::{
    complaint::{example, firsts, missing, no_table, not_yet, quoted, type_name, unknown, wrong_type},
    key::{Form, Key, Kind, Need, Open, Table},
    mistake::{Complaint, Findings},
    template::{self, nearest},
    tree::{Entry, Node, Section, to_json},
};

/// Checks a section and everything below it.
pub(super) fn section(section: &Section<'_>, findings: &mut Findings<'_>) {
    let names: Vec<&str> = section.keys.keys().filter(|key| key.is_supported()).map(|key| key.name).collect();
    let mut meant: Vec<&str> = Vec::new();
    for entry in section.entries() {
        if let Some(key) = section.keys.find(&entry.name) {
            member(key, &entry, findings);
            continue;
        }
        let near = nearest(&entry.name, &names);
        meant.extend(near);
        findings.add_also(&entry.name_span, &section.path, unknown(&entry.name, near, &names));
    }
    let required = section.keys.keys().filter(|key| key.need == Need::Required && !meant.contains(&key.name));
    for key in required.filter(|key| section.written(key.name).is_none()) {
        findings.add_also(&section.span, &section.path, missing(key));
    }
}

fn member(key: &'static Key, entry: &Entry<'_>, findings: &mut Findings<'_>) {
    let node = &entry.node;
    match (&key.kind, &node.value) {
        (Kind::Later, _) => findings.add(&entry.name_span, &node.path, not_yet(key)),
        (Kind::Text(form), DeValue::String(text)) => formed(form, text, node, findings),
        (Kind::Template(_, open), DeValue::String(text)) => placeholders(text, *open, node, findings),
        (Kind::Texts(form), DeValue::Array(_)) => texts(key, form, node, findings),
        (Kind::Words(form), DeValue::Array(_)) => words(key, form, node, findings),
        (Kind::Integer { least, most }, DeValue::Integer(_)) => {
            if !node.integer().is_some_and(|number| (*least..=*most).contains(&number)) {
                findings.add(&node.span, &node.path, Complaint::new("number out of range", example(key)));
            }
        }
        (Kind::Flag, DeValue::Boolean(_)) | (Kind::True, DeValue::Boolean(true)) => {}
        (Kind::True, DeValue::Boolean(false)) => {
            findings.add(
                &node.span,
                &node.path,
                Complaint::new("`false` says nothing", "leave the entry out: what is not listed may not deploy"),
            );
        }
        (Kind::Table(keys), DeValue::Table(_)) => entry.section(keys).iter().for_each(|below| section(below, findings)),
        (Kind::Named(form, keys), DeValue::Table(_)) => named(key, form, keys, entry, findings),
        (Kind::Overrides(form, keys), DeValue::Table(_)) => sections(form, keys, node, findings),
        (Kind::Tables(keys), DeValue::Array(_)) => tables(key, keys, node, findings),
        (Kind::OneOf(noun, tables), DeValue::Array(_)) => one_of(key, (noun, tables), node, findings),
        (Kind::TextTable(form, open), DeValue::Table(_)) => text_table(form, *open, node, findings),
        (Kind::Expectations, DeValue::Table(_)) => expectations(node, findings),
        (
            Kind::Text(_)
            | Kind::Template(..)
            | Kind::Texts(_)
            | Kind::Words(_)
            | Kind::Integer { .. }
            | Kind::Flag
            | Kind::True
            | Kind::Table(_)
            | Kind::Named(..)
            | Kind::Overrides(..)
            | Kind::Tables(_)
            | Kind::OneOf(..)
            | Kind::TextTable(..)
            | Kind::Expectations,
            _,
        ) => findings.add(&node.span, &node.path, wrong_type(key, node)),
    }
}

fn formed(form: &Form, text: &str, node: &Node<'_>, findings: &mut Findings<'_>) {
    if let Err(invalid) = (form.check)(text) {
        findings.add(&node.span, &node.path, invalid.into());
    }
}

fn placeholders(text: &str, open: Open, node: &Node<'_>, findings: &mut Findings<'_>) {
    if let Some(complaint) = template::complaint(text, open) {
        findings.add(&node.span, &node.path, complaint);
    }
}

fn texts(key: &Key, form: &Form, node: &Node<'_>, findings: &mut Findings<'_>) {
    let mut seen: Vec<String> = Vec::new();
    for element in node.elements() {
        let Some(text) = element.text() else {
            let message = format!("expected a text, found {}", type_name(&element.value));
            findings.add(&element.span, &element.path, Complaint::new(message, example(key)));
            continue;
        };
        formed(form, text, &element, findings);
        if seen.iter().any(|known| known == text) {
            findings.add(
                &element.span,
                &element.path,
                Complaint::new(format!("`{text}` is listed twice"), "remove it once"),
            );
        }
        seen.push(text.to_owned());
    }
}

fn words(key: &Key, form: &Form, node: &Node<'_>, findings: &mut Findings<'_>) {
    let words = node.elements();
    if words.is_empty() {
        findings.add(&node.span, &node.path, Complaint::new(format!("`{}` is empty", key.name), example(key)));
    }
    for word in words {
        let Some(text) = word.text() else {
            let message = format!("expected a text, found {}", type_name(&word.value));
            findings.add(&word.span, &word.path, Complaint::new(message, example(key)));
            continue;
        };
        formed(form, text, &word, findings);
    }
}

fn named(key: &Key, form: &Form, keys: &'static Table, entry: &Entry<'_>, findings: &mut Findings<'_>) {
    if entry.node.entries().is_empty() {
        let message = format!("`{}` is empty", key.name);
        findings.add(&entry.name_span, &entry.node.path, Complaint::new(message, example(key)));
    }
    sections(form, keys, &entry.node, findings);
}

fn sections(form: &Form, keys: &'static Table, node: &Node<'_>, findings: &mut Findings<'_>) {
    for entry in node.entries() {
        if let Err(invalid) = (form.check)(&entry.name) {
            findings.add(&entry.name_span, &entry.node.path, invalid.into());
        }
        let Some(below) = entry.section(keys) else {
            let message = format!("expected a table, found {}", type_name(&entry.node.value));
            let remedy = format!("write it as `{}`", keys.heading);
            findings.add(&entry.node.span, &entry.node.path, Complaint::new(message, remedy));
            continue;
        };
        section(&below, findings);
    }
}

fn tables(key: &Key, keys: &'static Table, node: &Node<'_>, findings: &mut Findings<'_>) {
    for element in node.elements() {
        match element.section(keys) {
            Some(below) => section(&below, findings),
            None => findings.add(&element.span, &element.path, no_table(key, &element)),
        }
    }
}

fn one_of(key: &Key, (noun, tables): (&str, &'static [&'static Table]), node: &Node<'_>, findings: &mut Findings<'_>) {
    if node.elements().is_empty() {
        let or = if key.need == Need::Required { "" } else { ", or leave the key out for the default" };
        let remedy = format!("list a {noun}{or}");
        findings.add(&node.span, &node.path, Complaint::new("an empty list lets nothing deploy here", remedy));
    }
    for element in node.elements() {
        match choice(noun, tables, &element) {
            Ok(keys) => element.section(keys).iter().for_each(|below| section(below, findings)),
            Err(Some(complaint)) => findings.add(&element.span, &element.path, complaint),
            Err(None) => findings.add(&element.span, &element.path, no_table(key, &element)),
        }
    }
}

/// Which of the tables an element is: told by the first key of each.
pub(super) fn choice(
    noun: &str,
    tables: &'static [&'static Table],
    element: &Node<'_>,
) -> Result<&'static Table, Option<Complaint>> {
    if !matches!(element.value, DeValue::Table(_)) {
        return Err(None);
    }
    let names: Vec<String> = element.entries().into_iter().map(|entry| entry.name).collect();
    let first = |table: &Table| table.keys().next().map(|key| key.name);
    let fitting: Vec<&'static Table> = tables
        .iter()
        .copied()
        .filter(|table| first(table).is_some_and(|first| names.iter().any(|name| name == first)))
        .collect();
    let firsts = firsts(tables);
    match fitting.as_slice() {
        [table] => Ok(table),
        [] => {
            let near = names.iter().find_map(|name| nearest(name, &firsts));
            let remedy = near
                .map_or_else(|| format!("write one of {}", quoted(&firsts)), |near| format!("did you mean `{near}`?"));
            Err(Some(Complaint::new(format!("names no {noun}"), remedy)))
        }
        [..] => Err(Some(Complaint::new(format!("names more than one {noun}"), "write one table for each"))),
    }
}

fn text_table(form: &Form, open: Open, node: &Node<'_>, findings: &mut Findings<'_>) {
    for entry in node.entries() {
        let Entry { name, name_span, node } = entry;
        if let Err(invalid) = (form.check)(&name) {
            findings.add(&name_span, &node.path, invalid.into());
        }
        match node.text() {
            Some(text) if text.chars().any(char::is_control) && open == Open::Release => {
                findings.add(
                    &node.span,
                    &node.path,
                    Complaint::new("a header holds no control characters", "write it on one line"),
                );
            }
            Some(text) => placeholders(text, open, &node, findings),
            None => {
                let message = format!("expected a text, found {}", type_name(&node.value));
                findings.add(&node.span, &node.path, Complaint::new(message, "put it in quotes"));
            }
        }
    }
}

fn expectations(node: &Node<'_>, findings: &mut Findings<'_>) {
    let Some(value) = to_json(&node.value) else {
        let remedy = "use texts, numbers, `true`, `false`, lists and tables of these; a date or time goes in quotes";
        findings.add(&node.span, &node.path, Complaint::new("holds a value that JSON has not", remedy));
        return;
    };
    if let Some(complaint) = all_texts(&value).into_iter().find_map(|text| template::complaint(text, Open::Release)) {
        findings.add(&node.span, &node.path, complaint);
    }
}

/// Every text in a JSON value.
pub(super) fn all_texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(elements) => elements.iter().flat_map(all_texts).collect(),
        Value::Object(members) => members.values().flat_map(all_texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}
