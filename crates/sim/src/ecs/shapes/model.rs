//! Reads `inputs.txt` into a table of shapes.
//!
//! It does not check values; `validate` does.

use std::{collections::HashMap, sync::LazyLock};

/// The model, read once.
pub(super) static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("inputs.txt")));

/// The operations and shapes that the simulator knows.
#[derive(Debug, Default)]
pub(super) struct Model {
    operations: HashMap<&'static str, &'static str>,
    shapes: HashMap<&'static str, Shape>,
}

/// A shape with a name.
#[derive(Debug)]
pub(super) enum Shape {
    /// An object with these members.
    Structure(Vec<Member>),
    /// A string with one of these values.
    Enum(Vec<&'static str>),
}

/// A member of a structure.
#[derive(Debug)]
pub(super) struct Member {
    /// Its name.
    pub(super) name: &'static str,
    /// Whether it must be there.
    pub(super) required: bool,
    /// What it holds.
    pub(super) kind: Kind,
}

/// The type of a value.
#[derive(Debug)]
pub(super) enum Kind {
    /// A string.
    String,
    /// A 32-bit integer.
    Integer,
    /// A 64-bit integer.
    Long,
    /// A boolean.
    Boolean,
    /// A number.
    Double,
    /// Epoch seconds.
    Timestamp,
    /// A list.
    List(Box<Self>),
    /// A map from string.
    Map(Box<Self>),
    /// A shape with a name.
    Named(&'static str),
}

impl Model {
    /// The name of an operation's input structure.
    pub(super) fn input(&self, operation: &str) -> Option<&'static str> {
        self.operations.get(operation).copied()
    }

    /// The shape called `name`.
    pub(super) fn shape(&self, name: &str) -> Option<&Shape> {
        self.shapes.get(name)
    }

    fn read(text: &'static str) -> Self {
        let mut model = Self::default();
        let mut structure = None;
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let mut words = line.split_whitespace();
            let (Some(first), Some(second)) = (words.next(), words.next()) else {
                continue;
            };
            match first {
                "operation" => {
                    model.operations.insert(second, words.next().unwrap_or_default());
                }
                "enum" => {
                    model.shapes.insert(second, Shape::Enum(words.collect()));
                }
                "structure" => {
                    model.shapes.insert(second, Shape::Structure(Vec::new()));
                    structure = Some(second);
                }
                member => model.add_member(structure, member, second),
            }
        }
        model
    }

    fn add_member(&mut self, structure: Option<&'static str>, name: &'static str, kind: &'static str) {
        let Some(Shape::Structure(members)) = structure.and_then(|structure| self.shapes.get_mut(structure)) else {
            return;
        };
        members.push(Member {
            name: name.trim_end_matches('!'),
            required: name.ends_with('!'),
            kind: Kind::read(kind),
        });
    }
}

impl Kind {
    fn read(text: &'static str) -> Self {
        let inner = |open, close| text.strip_prefix(open).and_then(|rest: &'static str| rest.strip_suffix(close));
        if let Some(item) = inner('[', ']') {
            return Self::List(Box::new(Self::read(item)));
        }
        if let Some(value) = inner('{', '}') {
            return Self::Map(Box::new(Self::read(value)));
        }
        match text {
            "string" => Self::String,
            "integer" => Self::Integer,
            "long" => Self::Long,
            "boolean" => Self::Boolean,
            "double" => Self::Double,
            "timestamp" => Self::Timestamp,
            name => Self::Named(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_in_the_file_is_defined_in_the_file() {
        fn name(kind: &Kind) -> Option<&'static str> {
            match kind {
                Kind::List(inner) | Kind::Map(inner) => name(inner),
                Kind::Named(name) => Some(name),
                _ => None,
            }
        }
        for input in MODEL.operations.values() {
            assert!(MODEL.shape(input).is_some(), "{input}");
        }
        for shape in MODEL.shapes.values() {
            let Shape::Structure(members) = shape else {
                continue;
            };
            for shape in members.iter().filter_map(|member| name(&member.kind)) {
                assert!(MODEL.shape(shape).is_some(), "{shape}");
            }
        }
    }
}
