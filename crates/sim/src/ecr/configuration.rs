//! What an image's configuration says that others want to know: its platform, and its version and commit.
//!
//! The rest of it is for container runtimes.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is known of an image's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Configuration {
    /// The operating system and the processor, as `linux/amd64`.
    pub(crate) platform: String,
    /// The label `org.opencontainers.image.version`.
    pub(crate) version: Option<String>,
    /// The label `org.opencontainers.image.revision`.
    pub(crate) revision: Option<String>,
}

impl Configuration {
    /// The largest document that is taken for a configuration.
    pub(crate) const LARGEST: u64 = 1024 * 1024;

    /// Reads a configuration; anything else is none.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let document: Value = serde_json::from_slice(bytes).ok()?;
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let label = |name: &str| document.get("config")?.get("Labels").and_then(|labels| text(labels, name));
        Some(Self {
            platform: format!("{}/{}", text(&document, "os")?, text(&document, "architecture")?),
            version: label("org.opencontainers.image.version"),
            revision: label("org.opencontainers.image.revision"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_tells_its_platform_and_its_labels() {
        let text =
            r#"{"architecture":"arm64","os":"linux","config":{"Labels":{"org.opencontainers.image.version":"1.2"}}}"#;
        let read = Configuration::read(text.as_bytes()).unwrap();
        assert_eq!(
            (read.platform.as_str(), read.version.as_deref(), read.revision),
            ("linux/arm64", Some("1.2"), None)
        );
    }

    #[test]
    fn what_names_no_platform_is_no_configuration() {
        for text in ["{}", "[]", "{\"os\": \"linux\"}", "\u{1f}\u{8b}"] {
            assert_eq!(Configuration::read(text.as_bytes()), None, "{text}");
        }
    }
}
