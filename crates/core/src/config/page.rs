//! The reference page of `towpath.toml`, as Markdown.
//!
//! It is written from the one table of keys; nobody edits it by hand.

use super::{
    key::{Key, Kind, Need, Table},
    keys,
};

/// The reference page: every table with its keys, their types, defaults and meanings.
pub fn reference_markdown() -> String {
    let mut page =
        "# `towpath.toml`\n\nOne file describes the whole application.\nUnknown keys are mistakes.\n".to_owned();
    for table in tables(&keys::ROOT) {
        page.push_str(&section(table));
    }
    page
}

/// The table and every table below it, each once, in the order of the file.
fn tables(table: &'static Table) -> Vec<&'static Table> {
    let mut all = vec![table];
    for below in table.keys().flat_map(below) {
        for table in tables(below) {
            if !all.iter().any(|known| known.heading == table.heading) {
                all.push(table);
            }
        }
    }
    all
}

fn below(key: &'static Key) -> Vec<&'static Table> {
    match &key.kind {
        Kind::Table(table) | Kind::Named(_, table) | Kind::Overrides(_, table) | Kind::Tables(table) => vec![*table],
        Kind::OneOf(_, tables) => tables.to_vec(),
        Kind::Text(_)
        | Kind::Template(..)
        | Kind::Texts(_)
        | Kind::Words(_)
        | Kind::Integer { .. }
        | Kind::Flag
        | Kind::True
        | Kind::TextTable(..)
        | Kind::Expectations
        | Kind::Later => Vec::new(),
    }
}

fn section(table: &Table) -> String {
    let heading =
        if table.heading.is_empty() { "The top of the file".to_owned() } else { format!("`{}`", table.heading) };
    let rows: String = table.keys().filter(|key| key.is_supported()).map(row).collect();
    let later: Vec<String> =
        table.keys().filter(|key| !key.is_supported()).map(|key| format!("`{}` ({})", key.name, key.meaning)).collect();
    let later = if later.is_empty() {
        String::new()
    } else {
        format!("\nNot in this version, and refused: {}.\n", later.join(", "))
    };
    format!(
        "\n## {heading}\n\n{}\n\n| key | type | default | meaning |\n|---|---|---|---|\n{rows}{later}",
        table.meaning
    )
}

fn row(key: &Key) -> String {
    let cells = [format!("`{}`", key.name), key.kind.words(), need(key.need), key.meaning.to_owned()];
    let cells = cells.map(|cell| cell.replace('|', "\\|"));
    format!("| {} |\n", cells.join(" | "))
}

fn need(need: Need) -> String {
    match need {
        Need::Required => "required".to_owned(),
        Need::Optional => "none".to_owned(),
        Need::Default(toml) => format!("`{toml}`"),
        Need::Otherwise(words) => words.to_owned(),
    }
}
