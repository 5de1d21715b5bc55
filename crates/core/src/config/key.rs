//! What is said of a key: its name, its kind, whether it is needed, and what it means.
//!
//! One table of keys feeds the reader, the JSON Schema and the reference page, so that they cannot disagree.

use crate::identifier::InvalidIdentifier;

/// A table of the file and its keys.
#[derive(Debug)]
pub(super) struct Table {
    /// How the file names it, for example `[environments.NAME]`; empty for the top of the file.
    pub(super) heading: &'static str,
    /// What it is, as a sentence.
    pub(super) meaning: &'static str,
    /// Its keys, in groups that several tables share.
    pub(super) groups: &'static [&'static [Key]],
}

/// A key.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) need: Need,
    /// What it means, as a sentence. Of a key of a later version: what is not done yet, as a fragment.
    pub(super) meaning: &'static str,
}

/// What a key's value is.
#[derive(Debug)]
pub(super) enum Kind {
    /// A text of this form.
    Text(&'static Form),
    /// A text that is of this form once its placeholders are filled.
    Template(&'static Form, Open),
    /// A list of texts of this form, none twice.
    Texts(&'static Form),
    /// A list of texts of this form, at least one, in their order.
    Words(&'static Form),
    /// A whole number.
    Integer { least: i64, most: i64 },
    /// `true` or `false`.
    Flag,
    /// `true`.
    True,
    /// A table.
    Table(&'static Table),
    /// Tables by names of this form, at least one.
    Named(&'static Form, &'static Table),
    /// Tables by names of this form, none as well.
    Overrides(&'static Form, &'static Table),
    /// A list of tables.
    Tables(&'static Table),
    /// A list of such things, each of which is one of these tables, told apart by its first key; at least one.
    OneOf(&'static str, &'static [&'static Table]),
    /// Texts with placeholders, by names of this form.
    TextTable(&'static Form, Open),
    /// Values with placeholders, by dotted path.
    Expectations,
    /// A key of a later version.
    Later,
}

/// Which placeholders a text may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    /// Those that are known of an environment.
    Environment,
    /// Those of an environment, and `{version}` and `{commit}`.
    Release,
    /// Those that are the same in every environment: `{app}`, `{component}`, `{version}` and `{commit}`.
    Build,
}

/// Whether a key must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    Optional,
    /// Absent means this value, written as TOML.
    Default(&'static str),
    /// Absent means this, in words.
    Otherwise(&'static str),
}

/// What a text must be.
#[derive(Debug)]
pub(super) struct Form {
    /// In a few words, for example "account id".
    pub(super) name: &'static str,
    /// One that is right.
    pub(super) example: &'static str,
    /// A regular expression for editors, where one says it all.
    pub(super) pattern: Option<&'static str>,
    /// Whether a text is of this form.
    pub(super) check: fn(&str) -> Result<(), InvalidIdentifier>,
}

impl Table {
    /// Its keys.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'static Key> + use<> {
        self.groups.iter().flat_map(|group| group.iter())
    }

    /// The key of that name.
    pub(super) fn find(&self, name: &str) -> Option<&'static Key> {
        self.keys().find(|key| key.name == name)
    }
}

impl Key {
    /// Whether this version has it.
    pub(super) fn is_supported(&self) -> bool {
        !matches!(self.kind, Kind::Later)
    }
}

impl Kind {
    /// In words, for people.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Text(form) => format!("text: {}", form.name),
            Self::Template(form, Open::Environment) => {
                format!("text with placeholders: {}", form.name)
            }
            Self::Template(form, Open::Release) => {
                format!("text with placeholders, also `{{version}}` and `{{commit}}`: {}", form.name)
            }
            Self::Template(form, Open::Build) => {
                format!("text with placeholders, none of an environment: {}", form.name)
            }
            Self::Texts(form) => format!("list of texts: {}", form.name),
            Self::Words(form) => format!("list of texts in their order: {}", form.name),
            Self::Integer { least, most } => format!("whole number from {least} to {most}"),
            Self::Flag => "`true` or `false`".to_owned(),
            Self::True => "`true`".to_owned(),
            Self::Table(_) => "table".to_owned(),
            Self::Named(form, _) | Self::Overrides(form, _) => format!("tables by {}", form.name),
            Self::Tables(_) => "list of tables".to_owned(),
            Self::OneOf(..) => "list of tables, each of one kind".to_owned(),
            Self::TextTable(form, _) => {
                format!("table of texts with placeholders by {}", form.name)
            }
            Self::Expectations => "table of values by dotted path".to_owned(),
            Self::Later => "not in this version".to_owned(),
        }
    }
}
