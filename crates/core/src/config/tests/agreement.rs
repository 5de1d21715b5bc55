//! The table of keys, the reader, the schema and the reference page say the same.

use crate::config::{
    key::{Key, Kind, Need, Table},
    keys, parse, reference_markdown, schema,
};

use super::values::{FULL, LEAST, read};

#[test]
fn no_key_is_read_and_ignored() {
    let whole = read(FULL);
    for line in FULL.lines().filter(|line| line.contains(" = ") && !line.starts_with("  ") && !line.ends_with('[')) {
        let without = FULL.replacen(line, "", 1);
        assert!(parse(&without, "f").ok().as_ref() != Some(&whole), "{line}");
    }
}

#[test]
fn the_full_configuration_has_every_key() {
    each_key(&keys::ROOT, &mut |key| assert!(mentions(FULL, key.name), "{}", key.name));
}

fn mentions(text: &str, name: &str) -> bool {
    [" =", "]", "."].iter().any(|after| text.contains(&format!("{name}{after}")))
}

fn each_key(table: &'static Table, visit: &mut dyn FnMut(&Key)) {
    for key in table.keys().filter(|key| key.is_supported()) {
        visit(key);
        match &key.kind {
            Kind::Table(below) | Kind::Named(_, below) | Kind::Overrides(_, below) | Kind::Tables(below) => {
                each_key(below, visit);
            }
            Kind::OneOf(_, tables) => tables.iter().for_each(|below| each_key(below, visit)),
            Kind::Text(_)
            | Kind::Template(..)
            | Kind::Texts(_)
            | Kind::Words(_)
            | Kind::Integer { .. }
            | Kind::Flag
            | Kind::True
            | Kind::TextTable(..)
            | Kind::Expectations
            | Kind::Later => {}
        }
    }
}

#[test]
fn the_schema_and_the_reference_have_every_key() {
    let (schema, page) = (schema().to_string(), reference_markdown());
    each_key(&keys::ROOT, &mut |key| {
        let name = key.name;
        assert!(schema.contains(&format!("\"{name}\":{{")), "{name}");
        assert!(page.contains(&format!("| `{name}` |")), "{name}");
    });
}

#[test]
fn every_form_takes_its_own_example() {
    each_key(&keys::ROOT, &mut |Key { name, kind, .. }| match kind {
        Kind::Text(form) | Kind::Texts(form) | Kind::Words(form) | Kind::Named(form, _) | Kind::Overrides(form, _) => {
            assert!((form.check)(form.example).is_ok(), "{name}: {}", form.example);
        }
        Kind::Template(form, _) => {
            let filled = form
                .example
                .replace("{account}", "111111111111")
                .replace("{region}", "us-west-2")
                .replace("{environment}", "dev");
            assert!((form.check)(&filled).is_ok(), "{name}: {filled}");
        }
        Kind::Integer { .. }
        | Kind::Flag
        | Kind::True
        | Kind::Table(_)
        | Kind::Tables(_)
        | Kind::OneOf(..)
        | Kind::TextTable(..)
        | Kind::Expectations
        | Kind::Later => {}
    });
}

#[test]
fn every_default_is_a_value() {
    each_key(&keys::ROOT, &mut |key| {
        assert_eq!(matches!(key.need, Need::Default(_)), key.default_json().is_some(), "{}", key.name);
    });
}

#[test]
fn every_required_key_is_missed() {
    for (line, missing) in [("app = ", "app"), ("account = ", "account"), ("region = ", "region"), ("kind = ", "kind")]
    {
        let without: String =
            LEAST.lines().filter(|text| !text.starts_with(line)).fold(String::new(), |all, line| all + line + "\n");
        let mistakes = parse(&without, "f").unwrap_err().to_string();
        assert!(mistakes.contains(&format!("missing `{missing}`")), "{mistakes}");
    }
}

#[test]
fn the_schema_refuses_unknown_keys_and_says_where_it_comes_from() {
    let schema = schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["properties"]["release"]["properties"]["branch"]["default"], "main");
    assert_eq!(schema["required"], serde_json::json!(["app", "environments", "components"]));
}

#[test]
fn the_reference_page_says_type_default_and_meaning() {
    let page = reference_markdown();
    let soak: Vec<&str> =
        page.lines().filter(|line| line.starts_with("| `soak`") || line.contains("Not in this version")).collect();
    insta::assert_snapshot!(soak.join("\n"), @"
    | `soak` | text: duration | no soak time | How long the release must have served in each environment of `after`. |
    Not in this version, and refused: `freeze` (no freeze window would be kept), `approval` (no approval would be asked for).
    Not in this version, and refused: `migrate` (no migration would be run).
    Not in this version, and refused: `migrate` (no migration would be run).
    ");
}
