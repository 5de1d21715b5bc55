//! What kind of file a file is: this decides when it is written, and how long it may be cached.

use serde::{Deserialize, Serialize};

use super::{HeaderValue, SitePath, naming};

/// What kind of file a file is. Ordered as files are written: what refers to others comes after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileClass {
    /// Its name carries its content's hash, so it never changes under that name.
    Hashed,
    /// Anything else that a document refers to: pictures, fonts, scripts without a hash, `robots.txt`.
    Asset,
    /// HTML, which refers to the others.
    Document,
    /// The document that a visitor gets first.
    Entry,
    /// A service worker, or the list that it works by. It copies documents into the browser, so it comes after them.
    Worker,
}

impl FileClass {
    /// Whether a file of this kind may have other content under the same name in another release.
    pub fn is_mutable(self) -> bool {
        self != Self::Hashed
    }

    /// The class for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hashed => "hashed asset",
            Self::Asset => "asset",
            Self::Document => "document",
            Self::Entry => "entry",
            Self::Worker => "service worker",
        }
    }

    /// How long a file of this kind may be cached where nothing else was configured.
    pub fn cache_control(self) -> &'static str {
        match self {
            Self::Hashed => "public, max-age=31536000, immutable",
            Self::Asset => "public, max-age=0, must-revalidate",
            Self::Document | Self::Entry | Self::Worker => "no-cache",
        }
    }
}

/// The names that service workers and their lists have by the habit of Workbox, Create React App and Angular.
const WORKERS: [&str; 7] = [
    "sw.js",
    "sw.mjs",
    "service-worker.js",
    "serviceworker.js",
    "ngsw-worker.js",
    "ngsw.json",
    "firebase-messaging-sw.js",
];

/// The class of a file, where it is neither the entry nor named by a glob.
pub(super) fn by_name(path: &SitePath, content_type: &HeaderValue) -> FileClass {
    if is_html(content_type) {
        return FileClass::Document;
    }
    if WORKERS.contains(&path.name()) {
        return FileClass::Worker;
    }
    if naming::is_hashed(path) { FileClass::Hashed } else { FileClass::Asset }
}

/// Whether browsers show it as a page.
pub(super) fn is_html(content_type: &HeaderValue) -> bool {
    let media_type = content_type.as_str().split(';').next().unwrap_or_default().trim_end();
    ["text/html", "application/xhtml+xml"].iter().any(|html| media_type.eq_ignore_ascii_case(html))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_a_document_whatever_its_name_and_workers_are_known_by_theirs() {
        let check = |path: &str, content_type: &str, expected| {
            assert_eq!(by_name(&path.parse().unwrap(), &content_type.parse().unwrap()), expected, "{path}");
        };
        check("about.0a1b2c3d.html", "text/html; charset=utf-8", FileClass::Document);
        check("about", "Text/HTML", FileClass::Document);
        check("sw.js", "text/javascript; charset=utf-8", FileClass::Worker);
        check("app/service-worker.js", "text/javascript", FileClass::Worker);
        check("app.0a1b2c3d.js", "text/javascript", FileClass::Hashed);
        check("robots.txt", "text/plain", FileClass::Asset);
    }

    #[test]
    fn only_what_never_changes_under_its_name_is_immutable() {
        let classes = [FileClass::Hashed, FileClass::Asset, FileClass::Document, FileClass::Entry, FileClass::Worker];
        for class in classes {
            assert_eq!(class.cache_control().contains("immutable"), !class.is_mutable(), "{}", class.word());
            assert!(class.cache_control().parse::<HeaderValue>().is_ok());
        }
    }
}
