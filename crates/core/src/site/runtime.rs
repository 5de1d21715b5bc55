//! The file with an environment's values, which a build that is the same everywhere reads at its start.
//!
//! It is no part of a release: it is rendered for an environment, and belongs to what is live there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::identifier::{CommitId, InvalidIdentifier, Version};

use super::{Content, HeaderValue, Headers, SitePath};

/// How many bytes it may have: it is kept in the marker, so that it can be put back.
pub const RUNTIME_LIMIT: usize = 16 * 1024;

/// What an environment configures of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeRules {
    /// Where it is, below the site's root. No release has a file there.
    pub path: RuntimePath,
    /// Its values, by name, with `{version}` and `{commit}` still open.
    pub values: BTreeMap<String, String>,
}

/// Where a runtime file is, which says in what form: `….json` as an object, `….js` as a global of the page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuntimePath(SitePath);

impl RuntimePath {
    /// The path.
    pub fn path(&self) -> &SitePath {
        &self.0
    }

    /// The text, for `Display` and serde.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl std::str::FromStr for RuntimePath {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte));
        let is_file = |path: &SitePath| matches!(path.extension(), Some("json" | "js")) && is_plain(path.as_str());
        text.parse().ok().filter(is_file).map(Self).ok_or_else(|| InvalidIdentifier {
            what: "the path of a runtime file",
            value: text.to_owned(),
            rule: "use a path from the site's root of letters, digits and `-._/` that ends with `.json` or `.js`, for example `config.json`",
        })
    }
}

crate::identifier::text_forms!(RuntimePath);

/// The file as it is rendered: what the marker keeps of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RuntimeFile {
    /// Where it is.
    pub path: SitePath,
    /// Its bytes, which are text.
    pub text: String,
    /// What it is served with.
    pub headers: Headers,
}

impl RuntimeFile {
    /// What its bytes are.
    pub fn content(&self) -> Content {
        Content::of(self.text.as_bytes())
    }
}

/// Why it cannot be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the runtime file `{path}` would have {size} bytes, and may have {RUNTIME_LIMIT}")]
pub struct RuntimeTooLarge {
    /// Which.
    pub path: RuntimePath,
    /// How many it would have.
    pub size: usize,
}

impl RuntimeRules {
    /// Renders it for a release: the same release in the same environment has the same bytes.
    ///
    /// # Errors
    ///
    /// Where it would be too large.
    ///
    /// # Panics
    ///
    /// Never: texts by name are JSON.
    pub fn render(&self, version: &Version, commit: &CommitId) -> Result<RuntimeFile, RuntimeTooLarge> {
        let fill = |value: &str| value.replace("{version}", &version.to_string()).replace("{commit}", commit.as_str());
        let values: Map<String, Value> =
            self.values.iter().map(|(name, value)| (name.clone(), Value::String(fill(value)))).collect();
        let object = serde_json::to_string_pretty(&values).expect("texts by name are JSON");
        let (text, content_type) = match self.path.path().extension() {
            Some("js") => (script(&object), "text/javascript; charset=utf-8"),
            _ => (format!("{object}\n"), "application/json"),
        };
        if text.len() > RUNTIME_LIMIT {
            return Err(RuntimeTooLarge { path: self.path.clone(), size: text.len() });
        }
        Ok(RuntimeFile { path: self.path.path().clone(), text, headers: headers(content_type) })
    }
}

/// A script that sets a global. What could end a script element, or a line in an old browser, is written as escapes.
fn script(object: &str) -> String {
    let safe = object.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    format!("globalThis.__CONFIG__ = {safe};\n")
}

fn headers(content_type: &'static str) -> Headers {
    let value = |text: &str| -> HeaderValue { text.parse().expect("a plain text") };
    Headers {
        content_type: value(content_type),
        cache_control: value("no-cache"),
        content_encoding: None,
        content_disposition: None,
        content_language: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(path: &str, value: &str) -> Result<RuntimeFile, RuntimeTooLarge> {
        let values = BTreeMap::from([("api".to_owned(), value.to_owned()), ("v".to_owned(), "{version}".to_owned())]);
        let rules = RuntimeRules { path: path.parse().unwrap(), values };
        rules.render(&"1.4.0".parse().unwrap(), &"a".repeat(40).parse().unwrap())
    }

    #[test]
    fn it_is_json_or_a_script_by_its_name() {
        let json = rendered("config.json", "https://api.dev").unwrap();
        assert_eq!(json.text, "{\n  \"api\": \"https://api.dev\",\n  \"v\": \"1.4.0\"\n}\n");
        assert_eq!(json.headers.content_type.as_str(), "application/json");
        let script = rendered("a/config.js", "</script>\u{2028}").unwrap();
        assert!(script.text.starts_with("globalThis.__CONFIG__ = {"), "{}", script.text);
        assert!(script.text.contains("\\u003c/script>\\u2028"), "{}", script.text);
        assert_eq!(script.headers.cache_control.as_str(), "no-cache");
        assert_eq!(script.content(), Content::of(script.text.as_bytes()));
    }

    #[test]
    fn what_the_marker_cannot_keep_is_refused() {
        let error = rendered("config.json", &"x".repeat(RUNTIME_LIMIT)).unwrap_err();
        assert_eq!(error.to_string(), "the runtime file `config.json` would have 16416 bytes, and may have 16384");
    }

    #[test]
    fn other_forms_are_not_guessed_at() {
        for bad in ["config.yaml", "config", "/config.json", "../config.json", ".towpath/config.json", "[a].json"] {
            assert!(bad.parse::<RuntimePath>().is_err(), "{bad}");
        }
    }
}
