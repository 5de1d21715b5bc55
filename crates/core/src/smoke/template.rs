//! A smoke check before the release is known: `{version}` and `{commit}` are still open.
//!
//! They are filled in the address, header values, JSON string values and the contained text; other braces are left.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::identifier::{CommitId, Version};

use super::Check;

/// A check whose texts may hold `{version}` and `{commit}`.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckTemplate(
    /// The check with its placeholders.
    pub Check,
);

/// What the placeholders of a check stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected<'a> {
    /// The version that must serve.
    pub version: &'a Version,
    /// The commit that must serve.
    pub commit: &'a CommitId,
}

/// A template with its placeholders filled, as far as they could be.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "what was dropped is not checked, and somebody should know"]
pub struct Filled {
    /// The check; none where its very address needs a version that nobody knows.
    pub check: Option<Check>,
    /// The expectations that were dropped.
    pub dropped: Vec<Dropped>,
    /// What passing would prove.
    pub proof: Proof,
}

/// An expectation that names the version or commit, and was dropped because these are unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dropped {
    /// The whole check: its address needs them.
    Address,
    /// A header.
    Header(
        /// Its name.
        String,
    ),
    /// A member of the JSON body.
    Json(
        /// Its dotted path.
        String,
    ),
    /// The contained text.
    Contains,
}

/// What a check proves when it passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// That this very release serves.
    ReleaseServes,
    /// That something healthy serves, perhaps the old release.
    HealthOnly,
}

impl CheckTemplate {
    /// Fills the placeholders. Without `expected` (a rollback to a baseline whose version nobody knows) the expectations
    /// that name them are dropped, and the rest of the check, at least its status, stays.
    pub fn fill(&self, expected: Option<Expected<'_>>) -> Filled {
        let proof = match expected {
            Some(_) if self.names_release() => Proof::ReleaseServes,
            Some(_) | None => Proof::HealthOnly,
        };
        match expected {
            Some(expected) => Filled { check: Some(self.filled(expected)), dropped: Vec::new(), proof },
            None => self.without_release(proof),
        }
    }

    /// Whether an expectation of the answer (its address does not count) names the release.
    pub fn names_release(&self) -> bool {
        !self.expectations_of_release().is_empty()
    }

    fn filled(&self, expected: Expected<'_>) -> Check {
        let fill = |text: &str| fill_text(text, expected);
        Check {
            url: fill(&self.0.url),
            headers: self.0.headers.iter().map(|(name, value)| (name.clone(), fill(value))).collect(),
            json: self.0.json.iter().map(|(path, value)| (path.clone(), map_strings(value, &fill))).collect(),
            contains: self.0.contains.as_deref().map(fill),
            ..self.0.clone()
        }
    }

    fn without_release(&self, proof: Proof) -> Filled {
        if is_open(&self.0.url) {
            return Filled { check: None, dropped: vec![Dropped::Address], proof };
        }
        let check = Check {
            headers: kept(&self.0.headers, |value| !is_open(value)),
            json: kept(&self.0.json, |value| !any_open(value)),
            contains: self.0.contains.clone().filter(|text| !is_open(text)),
            ..self.0.clone()
        };
        Filled { check: Some(check), dropped: self.expectations_of_release(), proof }
    }

    fn expectations_of_release(&self) -> Vec<Dropped> {
        let headers =
            self.0.headers.iter().filter(|(_, value)| is_open(value)).map(|(name, _)| Dropped::Header(name.clone()));
        let json = self.0.json.iter().filter(|(_, value)| any_open(value)).map(|(path, _)| Dropped::Json(path.clone()));
        let contains = self.0.contains.as_deref().filter(|text| is_open(text)).map(|_| Dropped::Contains);
        headers.chain(json).chain(contains).collect()
    }
}

impl fmt::Display for Dropped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => formatter.write_str("the whole check, whose address names the release"),
            Self::Header(name) => write!(formatter, "the header {name:?}"),
            Self::Json(path) => write!(formatter, "the JSON member {path:?}"),
            Self::Contains => formatter.write_str("the contained text"),
        }
    }
}

const VERSION: &str = "{version}";
const COMMIT: &str = "{commit}";

fn is_open(text: &str) -> bool {
    text.contains(VERSION) || text.contains(COMMIT)
}

fn any_open(value: &Value) -> bool {
    match value {
        Value::String(text) => is_open(text),
        Value::Array(elements) => elements.iter().any(any_open),
        Value::Object(members) => members.values().any(any_open),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

impl Expected<'_> {
    /// The text with the release's placeholders filled.
    pub fn fill(self, text: &str) -> String {
        fill_text(text, self)
    }
}

/// Neither a version nor a commit can hold a brace, so the order does not matter.
fn fill_text(text: &str, expected: Expected<'_>) -> String {
    text.replace(VERSION, &expected.version.to_string()).replace(COMMIT, expected.commit.as_str())
}

fn map_strings(value: &Value, map: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(map(text)),
        Value::Array(elements) => elements.iter().map(|element| map_strings(element, map)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, member)| (name.clone(), map_strings(member, map))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn kept<V: Clone>(all: &BTreeMap<String, V>, keep: impl Fn(&V) -> bool) -> BTreeMap<String, V> {
    all.iter().filter(|(_, value)| keep(value)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::smoke::check::examples::check as example;

    use super::*;

    fn template() -> CheckTemplate {
        CheckTemplate(Check {
            json: BTreeMap::from([
                ("build".to_owned(), json!({"all": ["{version}", 1], "commit": "{commit}"})),
                ("status".to_owned(), json!("ok")),
            ]),
            headers: BTreeMap::from([
                ("x-version".to_owned(), "v{version}".to_owned()),
                ("server".to_owned(), "a".to_owned()),
            ]),
            contains: Some("{commit} {other}".to_owned()),
            ..example()
        })
    }

    #[test]
    fn every_text_is_filled() {
        let (version, commit) = ("1.2.3".parse().unwrap(), "a".repeat(40).parse::<CommitId>().unwrap());
        let mut template = template();
        template.0.url = "https://x/{version}/{commit}".to_owned();
        let filled = template.fill(Some(Expected { version: &version, commit: &commit }));
        let check = filled.check.unwrap();
        assert_eq!(check.url, format!("https://x/1.2.3/{commit}"));
        assert_eq!(check.json["build"], json!({"all": ["1.2.3", 1], "commit": commit.as_str()}));
        assert_eq!(check.headers["x-version"], "v1.2.3");
        assert_eq!(check.contains.unwrap(), format!("{commit} {{other}}"));
        assert_eq!((filled.dropped, filled.proof), (Vec::new(), Proof::ReleaseServes));
    }

    #[test]
    fn an_unknown_release_drops_just_what_names_it() {
        let filled = template().fill(None);
        let check = filled.check.unwrap();
        assert_eq!(check.json.keys().collect::<Vec<_>>(), ["status"]);
        assert_eq!(check.headers.keys().collect::<Vec<_>>(), ["server"]);
        assert_eq!((check.contains, check.status), (None, 200));
        assert_eq!(
            filled.dropped,
            [Dropped::Header("x-version".to_owned()), Dropped::Json("build".to_owned()), Dropped::Contains]
        );
        assert_eq!(filled.proof, Proof::HealthOnly);
    }

    #[test]
    fn an_address_that_names_an_unknown_release_cannot_be_asked() {
        let mut template = template();
        template.0.url = "https://x/{version}".to_owned();
        let filled = template.fill(None);
        assert_eq!((filled.check, filled.dropped), (None, vec![Dropped::Address]));
    }

    #[test]
    fn a_check_that_names_no_release_proves_health_only() {
        let (version, commit) = ("1.2.3".parse().unwrap(), "a".repeat(40).parse().unwrap());
        let filled = CheckTemplate(example()).fill(Some(Expected { version: &version, commit: &commit }));
        assert_eq!((filled.check, filled.proof), (Some(example()), Proof::HealthOnly));
    }
}
