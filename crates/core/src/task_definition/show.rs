//! Which values of a document people may see in a diff, and how (invariant 8).
//!
//! Plaintext environment values are never shown. Nor is what is named or looks like a secret: that is a guess on the
//! safe side, since nobody can tell a password by its form. References to secrets (`valueFrom`) are shown.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::smoke::Excerpt;

use super::{diff::Side, normal::Node};

/// Words in names that speak of secrets.
const TELLING: [&str; 9] =
    ["password", "passwd", "passphrase", "secret", "token", "credential", "apikey", "api_key", "api-key"];

/// Members that refer to secrets rather than hold them.
const REFERENCES: [&str; 3] = ["secrets", "secretOptions", "repositoryCredentials"];

/// Whether values below a member may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visibility {
    /// They may, unless they look like secrets.
    Open,
    /// They refer to secrets.
    References,
    /// They may not.
    Hidden,
}

impl Visibility {
    /// The visibility below a member of that name, of objects as they were and are.
    pub(super) fn below(self, name: &str, objects: [&BTreeMap<String, Node>; 2]) -> Self {
        let is_named_secret =
            name == "value" && objects.into_iter().any(|object| object.get("name").is_some_and(names_a_secret));
        match self {
            Self::Open if REFERENCES.contains(&name) => Self::References,
            Self::Open if name.eq_ignore_ascii_case("environment") || tells(name) || is_named_secret => Self::Hidden,
            Self::Open | Self::References | Self::Hidden => self,
        }
    }

    /// A node as one side of a change.
    pub(super) fn side(self, node: &Node) -> Side {
        match (self, text(node)) {
            (Self::Hidden, _) | (_, None) => Side::NotShown,
            (Self::Open, Some(text)) if looks_secret(node, &text) => Side::NotShown,
            (Self::Open | Self::References, Some(text)) => Side::Shown(Excerpt::of(&text)),
        }
    }
}

/// A leaf, or a list of leaves, as text. What has parts of its own is never shown whole: its parts may be hidden.
fn text(node: &Node) -> Option<String> {
    match node {
        Node::Leaf(Value::String(text)) if is_plain(text) => Some(text.clone()),
        Node::Leaf(value) => Some(value.to_string()),
        Node::List(nodes) | Node::Bag(nodes) => {
            let leaves = nodes.iter().map(|node| matches!(node, Node::Leaf(_)).then(|| node.canonical()));
            leaves.collect::<Option<Vec<_>>>().map(|leaves| format!("[{}]", leaves.join(", ")))
        }
        Node::Members(_) | Node::Named(_) => None,
    }
}

/// Whether a text can be read without quotes.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.contains(|character: char| character.is_whitespace() || character == '"')
}

fn looks_secret(node: &Node, text: &str) -> bool {
    let user_in_url =
        text.split("://").skip(1).any(|rest| rest.split(['/', '"', ' ']).next().is_some_and(|host| host.contains('@')));
    let telling = match node {
        Node::List(_) | Node::Bag(_) => tells(text),
        Node::Leaf(_) | Node::Members(_) | Node::Named(_) => text.split(['&', ' ', ';', ',']).any(is_assignment),
    };
    user_in_url || telling
}

fn names_a_secret(node: &Node) -> bool {
    matches!(node, Node::Leaf(Value::String(name)) if tells(name))
}

fn is_assignment(part: &str) -> bool {
    part.split_once('=').is_some_and(|(name, _)| tells(name))
}

fn tells(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TELLING.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(visibility: Visibility, value: &Value, expected: Option<&str>) {
        let leaves = |list: &Vec<Value>| list.iter().cloned().map(Node::Leaf).collect();
        let node = value.as_array().map(leaves).map_or(Node::Leaf(value.clone()), Node::List);
        let expected = expected.map_or(Side::NotShown, |text| Side::Shown(Excerpt::of(text)));
        assert_eq!(visibility.side(&node), expected, "{node:?}");
    }

    #[test]
    fn ordinary_values_are_shown() {
        check(Visibility::Open, &json!("ghcr.io/o/token-service:1"), Some("ghcr.io/o/token-service:1"));
        check(Visibility::Open, &json!(""), Some("\"\""));
        check(Visibility::Open, &json!(" a "), Some("\" a \""));
        check(Visibility::Open, &json!(256), Some("256"));
        check(Visibility::Open, &json!(["sh", "-c"]), Some(r#"["sh", "-c"]"#));
    }

    #[test]
    fn what_looks_like_a_secret_is_not_shown() {
        for value in [json!("postgres://user:hush@db/x"), json!("a=1&token=hush"), json!(["run", "--password", "hush"])]
        {
            check(Visibility::Open, &value, None);
        }
    }

    #[test]
    fn names_decide_what_is_hidden() {
        let empty = BTreeMap::new();
        let below = |path: &[&str]| {
            path.iter().fold(Visibility::Open, |visibility, name| visibility.below(name, [&empty, &empty]))
        };
        assert_eq!(below(&["environment", "value"]), Visibility::Hidden);
        assert_eq!(below(&["logConfiguration", "options", "splunk-token"]), Visibility::Hidden);
        assert_eq!(below(&["secrets", "valueFrom"]), Visibility::References);
        check(Visibility::Hidden, &json!(1), None);
    }
}
