//! From what a directory holds to its manifest: classes and headers, by the built-in habits and the configured rules.

use std::collections::BTreeMap;

use crate::policy::PathGlob;

use super::{
    FileClass, HeaderValue, Headers, Manifest, ManifestFile, SitePath, Survey, SurveyRules,
    class::{by_name, is_html},
    types,
};

/// What a component's configuration says of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRules {
    /// What is looked for, and what is left out.
    pub survey: SurveyRules,
    /// Files whose names carry their content's hash although they do not look so.
    pub hashed: Vec<PathGlob>,
    /// Files whose names only look so. They win over [`SiteRules::hashed`].
    pub mutable: Vec<PathGlob>,
    /// Headers by pattern, in order; what a later one says wins.
    pub headers: Vec<HeaderRule>,
}

/// The headers of the files that a glob matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderRule {
    /// Which files.
    pub files: PathGlob,
    /// Their `Content-Type`, where it is to be another one.
    pub content_type: Option<HeaderValue>,
    /// Their `Cache-Control`, where it is to be another one.
    pub cache_control: Option<HeaderValue>,
    /// Their `Content-Encoding`.
    pub content_encoding: Option<HeaderValue>,
    /// Their `Content-Disposition`.
    pub content_disposition: Option<HeaderValue>,
    /// Their `Content-Language`.
    pub content_language: Option<HeaderValue>,
}

/// Something about a manifest that is allowed and likely wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum SiteLint {
    /// A document that browsers may keep without asking: a new release, and the way back, do not reach who has it.
    #[error("`{path}` may be kept for long (`{cache_control}`): neither a release nor its way back reaches who has it")]
    KeptDocument {
        /// The document.
        path: SitePath,
        /// What it is served with.
        cache_control: HeaderValue,
    },
    /// A file that may change under its name, and that browsers may keep for ever.
    #[error("`{path}` is served as immutable, and nothing says that its name carries its content's hash")]
    KeptAsset {
        /// The file.
        path: SitePath,
    },
    /// A file whose content type nobody knows: browsers offer to save it.
    #[error("`{path}` is of no known type, and is served as {}", types::UNKNOWN)]
    UnknownType {
        /// The file.
        path: SitePath,
    },
}

impl SiteRules {
    /// The rules of a component that configures nothing.
    pub fn usual(entry: SitePath) -> Self {
        let survey = SurveyRules { entry, exclude: Vec::new() };
        Self { survey, hashed: Vec::new(), mutable: Vec::new(), headers: Vec::new() }
    }

    /// The manifest of what a directory holds. The same files and rules make the same manifest.
    ///
    /// # Panics
    ///
    /// Never: a survey has at least one file.
    pub fn manifest(&self, survey: &Survey) -> Manifest {
        let file = |path: &SitePath, content: &super::Content| {
            let (class, headers) = match variant(path, survey) {
                Some((of, encoding)) => self.of_variant(path, &of, encoding),
                None => self.of_file(path),
            };
            ManifestFile { sha256: content.sha256.clone(), size: content.size, class, headers }
        };
        let files: BTreeMap<_, _> =
            survey.files().iter().map(|(path, content)| (path.clone(), file(path, content))).collect();
        Manifest::new(files).expect("a survey has at least one file")
    }

    /// What is likely wrong with a manifest, whoever made it.
    pub fn lint(manifest: &Manifest) -> Vec<SiteLint> {
        let mut lints: Vec<_> = manifest.files().iter().filter_map(|(path, file)| lint(path, file)).collect();
        lints.sort();
        lints
    }

    fn of_file(&self, path: &SitePath) -> (FileClass, Headers) {
        let content_type = self.content_type(path);
        let class = self.class(path, &content_type);
        (class, self.headers(path, content_type, class))
    }

    /// A variant is what its file is, in other bytes; rules that name the variant itself win.
    fn of_variant(&self, path: &SitePath, of: &SitePath, encoding: &'static str) -> (FileClass, Headers) {
        let (class, mut headers) = self.of_file(of);
        headers.content_encoding = Some(value(encoding));
        let own = |header: for<'a> fn(&'a HeaderRule) -> Option<&'a HeaderValue>| self.last(path, header).cloned();
        headers.content_type = own(|rule| rule.content_type.as_ref()).unwrap_or(headers.content_type);
        headers.cache_control = own(|rule| rule.cache_control.as_ref()).unwrap_or(headers.cache_control);
        headers.content_encoding = own(|rule| rule.content_encoding.as_ref()).or(headers.content_encoding);
        // There is one entry: what visitors get first by its own name.
        (if class == FileClass::Entry { FileClass::Document } else { class }, headers)
    }

    fn class(&self, path: &SitePath, content_type: &HeaderValue) -> FileClass {
        let matches = |globs: &[PathGlob]| globs.iter().any(|glob| glob.matches(path.as_str()));
        if *path == self.survey.entry {
            return FileClass::Entry;
        }
        match by_name(path, content_type) {
            FileClass::Hashed if matches(&self.mutable) => FileClass::Asset,
            FileClass::Asset if matches(&self.hashed) && !matches(&self.mutable) => FileClass::Hashed,
            class @ (FileClass::Hashed
            | FileClass::Asset
            | FileClass::Document
            | FileClass::Entry
            | FileClass::Worker) => class,
        }
    }

    fn content_type(&self, path: &SitePath) -> HeaderValue {
        let configured = self.last(path, |rule| rule.content_type.as_ref());
        configured.cloned().unwrap_or_else(|| value(by_table(path).unwrap_or(types::UNKNOWN)))
    }

    fn headers(&self, path: &SitePath, content_type: HeaderValue, class: FileClass) -> Headers {
        let cache_control = self.last(path, |rule| rule.cache_control.as_ref());
        Headers {
            content_type,
            cache_control: cache_control.cloned().unwrap_or_else(|| value(class.cache_control())),
            content_encoding: self.last(path, |rule| rule.content_encoding.as_ref()).cloned(),
            content_disposition: self.last(path, |rule| rule.content_disposition.as_ref()).cloned(),
            content_language: self.last(path, |rule| rule.content_language.as_ref()).cloned(),
        }
    }

    fn last<'a>(
        &'a self,
        path: &SitePath,
        header: impl Fn(&'a HeaderRule) -> Option<&'a HeaderValue>,
    ) -> Option<&'a HeaderValue> {
        self.headers.iter().rev().filter(|rule| rule.files.matches(path.as_str())).find_map(header)
    }
}

/// The file that this one is a compressed variant of, where it stands beside it, and how it is compressed.
fn variant(path: &SitePath, survey: &Survey) -> Option<(SitePath, &'static str)> {
    let (of, extension) = path.as_str().rsplit_once('.')?;
    let encoding = match extension {
        "br" => "br",
        "gz" => "gzip",
        _ => return None,
    };
    let of: SitePath = of.parse().ok()?;
    survey.files().contains_key(&of).then_some((of, encoding))
}

fn by_table(path: &SitePath) -> Option<&'static str> {
    let extension = path.extension().map(str::to_ascii_lowercase);
    types::by_name(path.name()).or_else(|| types::by_extension(extension.as_deref()?))
}

fn value(text: &'static str) -> HeaderValue {
    text.parse().expect("tables and presets hold values that can be sent")
}

fn lint(path: &SitePath, file: &ManifestFile) -> Option<SiteLint> {
    let cache_control = &file.headers.cache_control;
    let is_page = is_html(&file.headers.content_type) || file.class == FileClass::Worker;
    if is_page && keeps_for(cache_control) > 3600 {
        return Some(SiteLint::KeptDocument { path: path.clone(), cache_control: cache_control.clone() });
    }
    if file.class.is_mutable() && has_directive(cache_control, "immutable") {
        return Some(SiteLint::KeptAsset { path: path.clone() });
    }
    let is_unknown = by_table(path).is_none() && file.headers.content_type.as_str() == types::UNKNOWN;
    is_unknown.then(|| SiteLint::UnknownType { path: path.clone() })
}

/// For how many seconds a browser need not ask; more than anything for what is immutable.
fn keeps_for(cache_control: &HeaderValue) -> u64 {
    if has_directive(cache_control, "no-cache") || has_directive(cache_control, "no-store") {
        return 0;
    }
    if has_directive(cache_control, "immutable") {
        return u64::MAX;
    }
    let directives = cache_control.as_str().split(',').map(str::trim);
    directives.filter_map(|directive| directive.strip_prefix("max-age=")?.parse().ok()).max().unwrap_or(0)
}

fn has_directive(cache_control: &HeaderValue, wanted: &str) -> bool {
    cache_control.as_str().split(',').any(|directive| directive.trim().eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::{Content, Gathering};

    fn survey(paths: &[&str]) -> Survey {
        let mut gathering = Gathering::new();
        for path in paths.iter().copied().chain(["index.html"]) {
            gathering.file(path.parse().unwrap(), Content::of(path.as_bytes()));
        }
        gathering.finish("dist", &SiteRules::usual("index.html".parse().unwrap()).survey).unwrap()
    }

    fn rules() -> SiteRules {
        let rule = |files: &str, content_type: Option<&str>, cache_control: Option<&str>| HeaderRule {
            files: files.parse().unwrap(),
            content_type: content_type.map(|value| value.parse().unwrap()),
            cache_control: cache_control.map(|value| value.parse().unwrap()),
            content_encoding: None,
            content_disposition: None,
            content_language: None,
        };
        SiteRules {
            hashed: vec!["vendor/**".parse().unwrap()],
            mutable: vec!["**/legacy-*".parse().unwrap()],
            headers: vec![
                rule("pages/*", Some("text/html; charset=utf-8"), None),
                rule("pages/kept", None, Some("public, max-age=31536000")),
                rule("**/*.png", None, Some("public, max-age=60")),
                rule("img/**", None, Some("public, max-age=31536000, immutable")),
            ],
            ..SiteRules::usual("index.html".parse().unwrap())
        }
    }

    fn check(path: &str, class: FileClass, content_type: &str, cache_control: &str) {
        let manifest = rules().manifest(&survey(&[path]));
        let file = manifest.file(&path.parse().unwrap()).unwrap();
        let told = (file.class, file.headers.content_type.as_str(), file.headers.cache_control.as_str());
        assert_eq!(told, (class, content_type, cache_control), "{path}");
    }

    const IMMUTABLE: &str = "public, max-age=31536000, immutable";
    const ASKED: &str = "public, max-age=0, must-revalidate";

    #[test]
    fn classes_come_from_names_and_globs_and_bring_their_headers() {
        let html = "text/html; charset=utf-8";
        check("index.html", FileClass::Entry, html, "no-cache");
        check("sub/index.html", FileClass::Document, html, "no-cache");
        check("app.0a1b2c3d.js", FileClass::Hashed, "text/javascript; charset=utf-8", IMMUTABLE);
        check("vendor/lib.js", FileClass::Hashed, "text/javascript; charset=utf-8", IMMUTABLE);
        check("vendor/legacy-lib.js", FileClass::Asset, "text/javascript; charset=utf-8", ASKED);
        check("x/legacy-0a1b2c3d.css", FileClass::Asset, "text/css; charset=utf-8", ASKED);
        check("sw.js", FileClass::Worker, "text/javascript; charset=utf-8", "no-cache");
        check("data.BIN", FileClass::Asset, "application/octet-stream", ASKED);
    }

    #[test]
    fn of_several_rules_the_last_that_says_something_wins() {
        check("pages/about", FileClass::Document, "text/html; charset=utf-8", "no-cache");
        check("pages/kept", FileClass::Document, "text/html; charset=utf-8", "public, max-age=31536000");
        check("img/logo.png", FileClass::Asset, "image/png", IMMUTABLE);
        check("logo.PNG", FileClass::Asset, "image/png", ASKED);
        check("logo.png", FileClass::Asset, "image/png", "public, max-age=60");
    }

    #[test]
    fn a_compressed_variant_is_served_as_the_file_beside_it() {
        let manifest = rules().manifest(&survey(&[
            "app.0a1b2c3d.js",
            "app.0a1b2c3d.js.br",
            "index.html.gz",
            "pages/kept",
            "pages/kept.br",
            "download.gz",
            "strange.br",
        ]));
        let check = |path: &str, class: FileClass, content_type: &str, encoding: Option<&str>| {
            let file = manifest.file(&path.parse().unwrap()).unwrap();
            let told = file.headers.content_encoding.as_ref().map(HeaderValue::as_str);
            assert_eq!(
                (file.class, file.headers.content_type.as_str(), told),
                (class, content_type, encoding),
                "{path}"
            );
        };
        let html = "text/html; charset=utf-8";
        check("app.0a1b2c3d.js.br", FileClass::Hashed, "text/javascript; charset=utf-8", Some("br"));
        check("index.html", FileClass::Entry, html, None);
        check("index.html.gz", FileClass::Document, html, Some("gzip"));
        check("pages/kept.br", FileClass::Document, html, Some("br"));
        check("download.gz", FileClass::Asset, "application/gzip", None);
        check("strange.br", FileClass::Asset, types::UNKNOWN, None);
    }

    #[test]
    fn what_browsers_would_keep_too_long_is_told() {
        let manifest = rules().manifest(&survey(&["pages/kept", "img/logo.png", "strange.xyz", "app.0a1b2c3d.js"]));
        let told: Vec<_> = SiteRules::lint(&manifest).iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(told.join("\n"), @"
        `pages/kept` may be kept for long (`public, max-age=31536000`): neither a release nor its way back reaches who has it
        `img/logo.png` is served as immutable, and nothing says that its name carries its content's hash
        `strange.xyz` is of no known type, and is served as application/octet-stream
        ");
    }
}
