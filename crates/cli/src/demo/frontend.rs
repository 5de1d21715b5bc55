//! The frontend of a story: where it is published, and what its builds leave for each release.
//!
//! There is nothing to be built: what a bundler would leave is written as it is.

use std::path::Path;

use crate::error::CliError;

/// What a build leaves for a release.
pub(crate) struct Build {
    /// Of which release.
    pub(super) version: &'static str,
    /// Paths and contents.
    files: &'static [(&'static str, &'static str)],
}

/// Where builds are left, below the configuration.
pub(super) const DIRECTORY: &str = "dist";

/// Its bucket behind a distribution that caches.
pub(super) const SCENARIO: &str = r#"
[[buckets]]
name = "shop-web-dev"

[[distributions]]
id = "E123SHOP"
bucket = "shop-web-dev"
default-root-object = "index.html"
listen = "127.0.0.1:0"
"#;

/// Its configuration, up to the component that comes after it; `EDGE` stands for the distribution.
pub(super) const CONFIGURATION: &str = r#"[components.web]
kind = "site"
build = { directory = "dist" }
bucket = "shop-web-{environment}"
distribution = "E123SHOP"
url = "http://EDGE/"

[[components.web.smoke]]
url = "http://EDGE/version.json"
json = { version = "{version}" }
deadline = "20s"

[components.api]"#;

/// A good build, and one that says that it is the one before.
pub(super) const BUILDS: [Build; 2] = [
    Build {
        version: "1.1.0",
        files: &[
            ("index.html", "<!doctype html><script type=\"module\" src=\"/assets/shop-5c1e0b72.js\"></script>"),
            ("assets/shop-5c1e0b72.js", "document.body.textContent = 'Shop 1.1.0';"),
            ("version.json", r#"{"version": "1.1.0"}"#),
        ],
    },
    Build {
        version: "1.2.0",
        files: &[
            ("index.html", "<!doctype html><script type=\"module\" src=\"/assets/shop-90d7fe13.js\"></script>"),
            ("assets/shop-90d7fe13.js", "document.body.textContent = 'Shop 1.1.0, with a new button';"),
            ("version.json", r#"{"version": "1.1.0"}"#),
        ],
    },
];

impl Build {
    /// Leaves its files, and nothing else, in the directory of builds below `folder`.
    pub(super) fn write(&self, folder: &Path) -> Result<(), CliError> {
        let directory = folder.join(DIRECTORY);
        if directory.exists() {
            done(&directory, std::fs::remove_dir_all(&directory))?;
        }
        for (name, content) in self.files {
            let path = directory.join(name);
            let parent = path.parent().unwrap_or(&directory);
            done(parent, std::fs::create_dir_all(parent))?;
            done(&path, std::fs::write(&path, content))?;
        }
        Ok(())
    }
}

fn done(path: &Path, result: std::io::Result<()>) -> Result<(), CliError> {
    result.map_err(|source| CliError::Unwritable { path: path.to_owned(), source })
}
