//! The configuration as a tree in which every value knows its place and its path.
//!
//! A section is read through the table of its keys, so that a default is written once: there. What is right or wrong
//! is said by `check`, and in `read` for what concerns more than one value.

use std::{ops::Range, str::FromStr, time::Duration};

use serde_json::{Number, Value};
use toml::de::{DeTable, DeValue};

use super::{
    duration::parse_duration,
    key::{Key, Need, Table},
};

/// A value with its place.
#[derive(Debug, Clone)]
pub(super) struct Node<'t> {
    pub(super) path: String,
    pub(super) span: Range<usize>,
    pub(super) value: DeValue<'t>,
}

/// A table whose keys are known.
#[derive(Debug, Clone)]
pub(super) struct Section<'t> {
    pub(super) path: String,
    pub(super) span: Range<usize>,
    pub(super) keys: &'static Table,
    table: DeTable<'t>,
}

/// A member of a table: its name, where the name stands, and the value.
pub(super) struct Entry<'t> {
    pub(super) name: String,
    pub(super) name_span: Range<usize>,
    pub(super) node: Node<'t>,
}

impl<'t> Section<'t> {
    pub(super) fn new(path: &str, span: Range<usize>, table: &DeTable<'t>, keys: &'static Table) -> Self {
        Self { path: path.to_owned(), span, keys, table: table.clone() }
    }

    /// The members, in the order of the file.
    pub(super) fn entries(&self) -> Vec<Entry<'t>> {
        entries(&self.table, &self.path)
    }

    /// What the file says for this key.
    pub(super) fn written(&self, name: &str) -> Option<Node<'t>> {
        let value = self.table.get(name)?;
        Some(Node { path: join(&self.path, name), span: value.span(), value: value.get_ref().clone() })
    }

    /// What the file says for this key, otherwise the key's default.
    pub(super) fn get(&self, name: &str) -> Option<Node<'t>> {
        self.written(name).or_else(|| self.default(name))
    }

    fn default(&self, name: &str) -> Option<Node<'t>> {
        let Need::Default(toml) = self.keys.find(name)?.need else {
            return None;
        };
        let value = DeValue::parse(toml).ok()?.into_inner();
        Some(Node { path: join(&self.path, name), span: self.span.clone(), value })
    }

    /// The sections of a table of tables by name, in the order of the file.
    pub(super) fn named(&self, name: &str, keys: &'static Table) -> Vec<(String, Self)> {
        let Some(node) = self.written(name) else {
            return Vec::new();
        };
        node.entries().into_iter().filter_map(|entry| Some((entry.name.clone(), entry.section(keys)?))).collect()
    }

    /// The table under this key.
    pub(super) fn section(&self, name: &str, keys: &'static Table) -> Option<Self> {
        self.entries().into_iter().find(|entry| entry.name == name)?.section(keys)
    }

    /// The value of a key as what it is to be; silent where it is not, because `check` has said so.
    pub(super) fn parse<T: FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.text()?.parse().ok()
    }
}

impl<'t> Entry<'t> {
    /// The member as a section, placed at its name.
    pub(super) fn section(&self, keys: &'static Table) -> Option<Section<'t>> {
        let DeValue::Table(table) = &self.node.value else {
            return None;
        };
        Some(Section::new(&self.node.path, self.name_span.clone(), table, keys))
    }
}

impl<'t> Node<'t> {
    pub(super) fn text(&self) -> Option<&str> {
        self.value.as_str()
    }

    pub(super) fn flag(&self) -> Option<bool> {
        self.value.as_bool()
    }

    pub(super) fn integer(&self) -> Option<i64> {
        let integer = self.value.as_integer()?;
        i64::from_str_radix(integer.as_str(), integer.radix()).ok()
    }

    pub(super) fn duration(&self) -> Option<Duration> {
        parse_duration(self.text()?).ok()
    }

    /// The elements, where it is an array.
    pub(super) fn elements(&self) -> Vec<Self> {
        let DeValue::Array(array) = &self.value else {
            return Vec::new();
        };
        let element = |(index, value): (usize, &toml::Spanned<DeValue<'t>>)| Node {
            path: format!("{}[{index}]", self.path),
            span: value.span(),
            value: value.get_ref().clone(),
        };
        array.iter().enumerate().map(element).collect()
    }

    /// The members, where it is a table.
    pub(super) fn entries(&self) -> Vec<Entry<'t>> {
        let DeValue::Table(table) = &self.value else {
            return Vec::new();
        };
        entries(table, &self.path)
    }

    /// As a section with these keys, placed at the value.
    pub(super) fn section(&self, keys: &'static Table) -> Option<Section<'t>> {
        let DeValue::Table(table) = &self.value else {
            return None;
        };
        Some(Section::new(&self.path, self.span.clone(), table, keys))
    }
}

impl Key {
    /// The key's default as JSON, where it has one.
    pub(super) fn default_json(&self) -> Option<Value> {
        let Need::Default(toml) = self.need else {
            return None;
        };
        to_json(DeValue::parse(toml).ok()?.get_ref())
    }
}

fn entries<'t>(table: &DeTable<'t>, path: &str) -> Vec<Entry<'t>> {
    let entry = |(name, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'t>>)| {
        let text: &str = std::borrow::Borrow::borrow(name);
        let node = Node { path: join(path, text), span: value.span(), value: value.get_ref().clone() };
        Entry { name: text.to_owned(), name_span: name.span(), node }
    };
    let mut entries: Vec<Entry<'t>> = table.iter().map(entry).collect();
    entries.sort_by_key(|entry| entry.name_span.start);
    entries
}

/// `path.name`, quoted where the name is not a bare key.
pub(super) fn join(path: &str, name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let name = if bare { name.to_owned() } else { format!("{name:?}") };
    if path.is_empty() { name } else { format!("{path}.{name}") }
}

/// A TOML value as JSON; nothing for dates and for numbers that JSON has not.
pub(super) fn to_json(value: &DeValue<'_>) -> Option<Value> {
    match value {
        DeValue::String(text) => Some(Value::String(text.to_string())),
        DeValue::Integer(integer) => {
            i64::from_str_radix(integer.as_str(), integer.radix()).ok().map(|integer| Value::Number(integer.into()))
        }
        DeValue::Float(float) => Number::from_f64(float.as_str().parse().ok()?).map(Value::Number),
        DeValue::Boolean(flag) => Some(Value::Bool(*flag)),
        DeValue::Datetime(_) => None,
        DeValue::Array(array) => array.iter().map(|element| to_json(element.get_ref())).collect(),
        DeValue::Table(table) => table
            .iter()
            .map(|(name, value)| Some((name.get_ref().to_string(), to_json(value.get_ref())?)))
            .collect::<Option<serde_json::Map<String, Value>>>()
            .map(Value::Object),
    }
}
