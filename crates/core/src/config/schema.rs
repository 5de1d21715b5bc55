//! The JSON Schema of `towpath.toml`, for editors.
//!
//! It says less than `parse`: references, cycles and filled placeholders are beyond a schema.

use serde_json::{Map, Value, json};

use super::{
    key::{Form, Key, Kind, Need, Table},
    keys,
};

/// The JSON Schema (2020-12) of `towpath.toml`.
pub fn schema() -> Value {
    let mut schema = table(&keys::ROOT);
    if let Value::Object(members) = &mut schema {
        members.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        members.insert("title".to_owned(), json!("towpath.toml"));
    }
    schema
}

fn table(table: &Table) -> Value {
    let supported = || table.keys().filter(|key| key.is_supported());
    let properties: Map<String, Value> = supported().map(|key| (key.name.to_owned(), described(key))).collect();
    let required: Vec<&str> = supported().filter(|key| key.need == Need::Required).map(|key| key.name).collect();
    json!({
        "type": "object",
        "description": table.meaning,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn described(key: &Key) -> Value {
    let mut value = kind(&key.kind);
    if let Value::Object(members) = &mut value {
        members.insert("description".to_owned(), json!(key.meaning));
        if let Some(default) = key.default_json() {
            members.insert("default".to_owned(), default);
        }
    }
    value
}

fn kind(kind: &Kind) -> Value {
    match kind {
        Kind::Text(form) => text(form),
        // A text with placeholders is of its form only once these are filled.
        Kind::Template(form, _) => {
            json!({ "type": "string", "minLength": 1, "examples": [form.example] })
        }
        Kind::Texts(form) => json!({ "type": "array", "items": text(form), "uniqueItems": true }),
        Kind::Words(form) => json!({ "type": "array", "items": text(form), "minItems": 1 }),
        Kind::Integer { least, most } => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::True => json!({ "const": true }),
        Kind::Table(keys) => table(keys),
        Kind::Named(form, keys) => named(form, keys, 1),
        Kind::Overrides(form, keys) => named(form, keys, 0),
        Kind::Tables(keys) => json!({ "type": "array", "items": table(keys) }),
        Kind::OneOf(_, tables) => {
            let choices: Vec<Value> = tables.iter().map(|keys| table(keys)).collect();
            json!({ "type": "array", "minItems": 1, "items": { "oneOf": choices } })
        }
        Kind::TextTable(..) => {
            json!({ "type": "object", "additionalProperties": { "type": "string" } })
        }
        Kind::Expectations => json!({ "type": "object" }),
        Kind::Later => json!(false),
    }
}

fn text(form: &Form) -> Value {
    let mut text = json!({ "type": "string", "minLength": 1, "examples": [form.example] });
    if let (Value::Object(members), Some(pattern)) = (&mut text, form.pattern) {
        members.insert("pattern".to_owned(), json!(pattern));
    }
    text
}

fn named(form: &Form, keys: &Table, least: u32) -> Value {
    let names = form.pattern.map_or(json!({ "minLength": 1 }), |pattern| json!({ "pattern": pattern }));
    json!({
        "type": "object",
        "minProperties": least,
        "propertyNames": names,
        "additionalProperties": table(keys),
    })
}
