//! A document's fingerprint: equal exactly where the semantic diff is empty.
//!
//! Fingerprints are kept in records, so the canonical text begins with the version of this form.
//! Whoever changes the normal form raises the version, and old fingerprints then match nothing.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::identifier::Sha256;

use super::{Document, normal::Node};

const VERSION: &str = "towpath task definition 1\n";

impl Document {
    /// The hash of what the document means; its tags and the order of members have no part in it.
    pub fn fingerprint(&self) -> Sha256 {
        Sha256::of(format!("{VERSION}{}", self.normal().canonical()).as_bytes())
    }
}

impl Node {
    /// A text that is equal exactly where nodes are.
    pub(super) fn canonical(&self) -> String {
        let list = |nodes: &[Self]| nodes.iter().map(Self::canonical).collect::<Vec<_>>().join(",");
        match self {
            Self::Leaf(value) => value.to_string(),
            Self::Members(members) => format!("{{{}}}", entries(members)),
            Self::Named(named) => format!("named{{{}}}", entries(named)),
            Self::Bag(nodes) => format!("bag[{}]", list(nodes)),
            Self::List(nodes) => format!("[{}]", list(nodes)),
        }
    }
}

fn entries(nodes: &BTreeMap<String, Node>) -> String {
    let entry = |(name, node): (&String, &Node)| format!("{}:{}", Value::from(name.as_str()), node.canonical());
    nodes.iter().map(entry).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_fingerprints_is_kept() {
        let text = r#"{"family":"shop","cpu":"1 vCPU","containerDefinitions":[{"name":"api","image":"i:1","command":["a"],"links":["b"]}]}"#;
        let document = Document::parse(text, "").unwrap();
        assert_eq!(
            document.normal().canonical(),
            r#"{"containerDefinitions":named{"api":{"command":["a"],"image":"i:1","links":bag["b"],"name":"api"}},"cpu":"1024","family":"shop"}"#
        );
    }
}
