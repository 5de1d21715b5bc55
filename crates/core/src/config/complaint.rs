//! What is said of a single value that is wrong.
//!
//! Whether it is wrong is `check`'s to say.

use toml::de::DeValue;

use super::{
    key::{Key, Kind, Table},
    mistake::Complaint,
    tree::Node,
};

pub(super) fn unknown(name: &str, near: Option<&str>, names: &[&str]) -> Complaint {
    let remedy = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {}", quoted(names)),
    };
    Complaint::new(format!("unknown key `{}`", name.escape_debug()), remedy)
}

pub(super) fn missing(key: &Key) -> Complaint {
    Complaint::new(format!("missing `{}`", key.name), example(key))
}

pub(super) fn not_yet(key: &Key) -> Complaint {
    let message = format!("`{}` is not supported in this version", key.name);
    Complaint::new(message, format!("remove it: {}, and Towpath ignores nothing silently", key.meaning))
}

pub(super) fn wrong_type(key: &Key, node: &Node<'_>) -> Complaint {
    let in_quotes = match (&key.kind, &node.value) {
        (Kind::Text(form), DeValue::Integer(number)) => {
            Some(number.to_string()).filter(|text| (form.check)(text).is_ok())
        }
        _ => None,
    };
    let remedy = match in_quotes {
        Some(text) => format!("put it in quotes: `{} = \"{text}\"`", key.name),
        None => example(key),
    };
    Complaint::new(format!("expected {}, found {}", wanted(&key.kind), type_name(&node.value)), remedy)
}

pub(super) fn no_table(key: &Key, element: &Node<'_>) -> Complaint {
    Complaint::new(format!("expected a table, found {}", type_name(&element.value)), example(key))
}

/// How the key is written, as a remedy.
pub(super) fn example(key: &Key) -> String {
    match &key.kind {
        Kind::Text(form) | Kind::Template(form, _) => {
            format!("write {}, for example `{} = \"{}\"`", article(form.name), key.name, form.example)
        }
        Kind::Texts(form) | Kind::Words(form) => {
            format!("write a list, for example `{} = [\"{}\"]`", key.name, form.example)
        }
        Kind::Integer { least, most } => format!("write a whole number from {least} to {most}"),
        Kind::Flag => "write `true` or `false`, without quotes".to_owned(),
        Kind::True => "write `true`, or leave the entry out".to_owned(),
        Kind::Table(table) | Kind::Tables(table) => format!("write it as `{}`", table.heading),
        Kind::Named(form, table) | Kind::Overrides(form, table) => {
            format!("write `{}`", table.heading.replacen("NAME", form.example, 1))
        }
        Kind::OneOf(_, tables) => format!("write a list of tables, each with one of {}", quoted(&firsts(tables))),
        Kind::TextTable(..) => format!("write `{} = {{ name = \"text\" }}`", key.name),
        Kind::Expectations => format!("write `{} = {{ status = \"ok\" }}`", key.name),
        Kind::Later => "remove it".to_owned(),
    }
}

fn wanted(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text(_) | Kind::Template(..) => "a text",
        Kind::Texts(_) | Kind::Words(_) => "a list of texts",
        Kind::Integer { .. } => "a whole number",
        Kind::Flag | Kind::True => "`true` or `false`",
        Kind::Table(_) | Kind::Named(..) | Kind::Overrides(..) | Kind::TextTable(..) | Kind::Expectations => "a table",
        Kind::Tables(_) | Kind::OneOf(..) => "a list of tables",
        Kind::Later => "nothing",
    }
}

pub(super) fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn article(noun: &str) -> String {
    let vowel = noun.trim_start_matches('`').starts_with(['a', 'e', 'i', 'o', 'A']);
    format!("{} {noun}", if vowel { "an" } else { "a" })
}

pub(super) fn firsts(tables: &[&Table]) -> Vec<&'static str> {
    tables.iter().filter_map(|table| table.keys().next().map(|key| key.name)).collect()
}

pub(super) fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
