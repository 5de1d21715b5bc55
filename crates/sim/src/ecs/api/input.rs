//! A checked input, and the questions that operations ask of it.

use serde_json::{Map, Value};

/// The members of a request, whose shapes were checked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Input(pub(crate) Map<String, Value>);

impl Input {
    /// A member.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A string member.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// A boolean member; absent is false.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// An integer member.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        self.get(name)?.as_i64()
    }

    /// The items of a list member; absent is empty.
    pub(crate) fn items(&self, name: &str) -> &[Value] {
        self.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The strings of a list member; absent is empty.
    pub(crate) fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        self.items(name).iter().filter_map(Value::as_str)
    }

    /// Whether `include` asks for tags.
    pub(crate) fn wants_tags(&self) -> bool {
        self.texts("include").any(|item| item == "TAGS")
    }
}
