//! What the edge is asked to forget: paths as CloudFront takes them, and the name of the request.

use std::collections::BTreeSet;

use crate::identifier::{ComponentName, InvalidIdentifier, PromotionId};

use super::{EdgeView, SitePath, plan::SitePlan};

/// A path to invalidate: begins with `/`, percent-encoded, with at most one `*`, which is its last character.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InvalidationPath(String);

impl InvalidationPath {
    /// The path as CloudFront takes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it stands for everything that begins so.
    pub fn is_wildcard(&self) -> bool {
        self.0.ends_with('*')
    }
}

impl std::str::FromStr for InvalidationPath {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let before = text.strip_suffix('*').unwrap_or(text);
        if text.len() <= 4000 && before.starts_with('/') && before.bytes().all(is_plain) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidIdentifier {
            what: "a path to invalidate",
            value: text.to_owned(),
            rule: "begin it with `/`, percent-encode all but letters, digits and `-._/`, and use `*` only as its end",
        })
    }
}

crate::identifier::text_forms!(InvalidationPath);

/// What CloudFront takes as it is. It refuses paths with `~`, and ignores them where they are encoded.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._/%".contains(&byte)
}

/// The caller's name of one invalidation: the same name with the same paths is the same invalidation, however often it
/// is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InvalidationReference(String);

impl InvalidationReference {
    /// The reference.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// That of a promotion's component, on its way there.
    pub fn of(promotion: &PromotionId, component: &ComponentName) -> Self {
        Self(format!("towpath-{promotion}-{component}"))
    }

    /// That of a promotion whose first one may have been asked for, nobody knows for which paths: for the whole site.
    pub fn of_all(promotion: &PromotionId, component: &ComponentName) -> Self {
        Self(format!("towpath-{promotion}-{component}-all"))
    }

    /// That of its way back.
    pub fn of_way_back(promotion: &PromotionId, component: &ComponentName) -> Self {
        Self(format!("towpath-{promotion}-{component}-back"))
    }
}

impl std::fmt::Display for InvalidationReference {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// More paths than these are folded: a folder stands for what is in it. CloudFront allows 15 with wildcards at once.
pub const PATHS_LIMIT: usize = 15;

/// What edges must forget of a plan that was carried out; nothing where they have nothing of it. `besides` are files
/// that changed and are not in the plan, as the runtime file.
///
/// Few paths, since each is paid for; and never fewer than needed. Whatever is in doubt is the whole site.
pub fn invalidation(plan: &SitePlan, edge: &EdgeView, besides: &[SitePath]) -> Vec<InvalidationPath> {
    let touched: BTreeSet<&SitePath> = plan.touched().chain(besides).collect();
    if plan.is_after_a_break || edge.kept_fallbacks.iter().any(|page| touched.contains(page)) {
        return vec![everything(edge)];
    }
    fold(&touched.iter().flat_map(|path| urls(path, edge)).collect(), edge)
}

/// The whole site.
pub fn everything(edge: &EdgeView) -> InvalidationPath {
    wildcard(&edge.root)
}

/// The URLs that a file is asked for by: its own, its folder's where it is that folder's index, and `/`.
fn urls(path: &SitePath, edge: &EdgeView) -> Vec<String> {
    let url = edge.url_path(path);
    let folder = url.strip_suffix("/index.html").map(|folder| format!("{folder}/"));
    let slash = (edge.at_slash.as_ref() == Some(path)).then(|| "/".to_owned());
    [Some(url), folder, slash].into_iter().flatten().collect()
}

/// Keeps the paths where they are few; otherwise the folders of the greatest depth that makes them few.
fn fold(urls: &BTreeSet<String>, edge: &EdgeView) -> Vec<InvalidationPath> {
    let deepest = urls.iter().map(|url| url.matches('/').count()).max().unwrap_or(0);
    let depths = std::iter::once(usize::MAX).chain((1..deepest).rev());
    let mut folded = depths.map(|depth| minimal(&urls.iter().map(|url| at_depth(url, depth)).collect()));
    folded.find(|paths| paths.len() <= PATHS_LIMIT).unwrap_or_else(|| vec![everything(edge)])
}

/// The path itself, or the folder at that depth that it is in.
fn at_depth(url: &str, depth: usize) -> InvalidationPath {
    match url.match_indices('/').nth(depth) {
        Some((slash, _)) => wildcard(&url[..=slash]),
        None => exact(url),
    }
}

/// Removes what a wildcard among them stands for.
fn minimal(paths: &BTreeSet<InvalidationPath>) -> Vec<InvalidationPath> {
    let wildcards: BTreeSet<&str> = paths.iter().filter_map(|path| path.0.strip_suffix('*')).collect();
    let is_covered = |path: &&InvalidationPath| {
        let own = path.0.strip_suffix('*');
        let mut above = path.0.match_indices('/').map(|(slash, _)| &path.0[..=slash]);
        above.any(|folder| own != Some(folder) && wildcards.contains(folder))
    };
    paths.iter().filter(|path| !is_covered(path)).cloned().collect()
}

/// The path where CloudFront can be asked for exactly it, otherwise the folder that it is in.
fn exact(url: &str) -> InvalidationPath {
    match url.rsplit_once('/') {
        Some((folder, _)) if !url.chars().all(is_certain) => wildcard(&format!("{folder}/")),
        _ => InvalidationPath(encoded(url)),
    }
}

/// Everything in a folder, or in the nearest one above it that CloudFront can be asked for. Its `*` is never encoded.
fn wildcard(folder: &str) -> InvalidationPath {
    let certain = match folder.find(|character| !is_certain(character)) {
        Some(at) => folder[..at].rsplit_once('/').map_or_else(|| "/".to_owned(), |(above, _)| format!("{above}/")),
        None => folder.to_owned(),
    };
    InvalidationPath(format!("{}*", encoded(&certain)))
}

/// Whether a character is invalidated under one spelling for certain. Of `~`, quotation marks and their like CloudFront
/// refuses one spelling, or takes it and forgets nothing.
fn is_certain(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._/ ".contains(character) || !character.is_ascii()
}

fn encoded(url: &str) -> String {
    let mut text = String::with_capacity(url.len());
    for byte in url.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.extend(['%', hex(byte >> 4), hex(byte & 0xf)]);
        }
    }
    text
}

fn hex(digit: u8) -> char {
    char::from_digit(u32::from(digit), 16).map_or('0', |digit| digit.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::plan::tests_support::nothing_to_do;

    fn edge(root: &str) -> EdgeView {
        let at_slash = (root == "/").then(|| "index.html".parse().unwrap());
        let kept_fallbacks = vec!["404.html".parse().unwrap()];
        EdgeView { root: root.to_owned(), at_slash, kept_fallbacks, fallbacks: Vec::new() }
    }

    fn check_at(root: &str, touched: &[&str], expected: &[&str]) {
        let paths: Vec<SitePath> = touched.iter().map(|path| path.parse().unwrap()).collect();
        let found = invalidation(&nothing_to_do(), &edge(root), &paths);
        let found: Vec<&str> = found.iter().map(InvalidationPath::as_str).collect();
        assert_eq!(found, expected, "{touched:?}");
        assert!(found.iter().all(|path| path.parse::<InvalidationPath>().is_ok()), "{found:?}");
    }

    fn check(touched: &[&str], expected: &[&str]) {
        check_at("/", touched, expected);
    }

    #[test]
    fn a_file_is_forgotten_under_every_url_that_it_is_asked_for_by() {
        check(&[], &[]);
        check(&["index.html"], &["/", "/index.html"]);
        check(&["docs/index.html", "app.js"], &["/app.js", "/docs/", "/docs/index.html"]);
        check_at("/app/", &["index.html"], &["/app/", "/app/index.html"]);
    }

    #[test]
    fn odd_names_are_encoded_and_doubtful_ones_are_their_folder() {
        check(&["a b/ü.js"], &["/a%20b/%C3%BC.js"]);
        check(&["img/~x.png", "img/y.png"], &["/img/*"]);
        check(&["~a/b/c.png", "z.png"], &["/*"]);
        check(&["d/it's.txt"], &["/d/*"]);
        check(&["d/100%.txt", "d/a+b.txt", "d/*"], &["/d/*"]);
        check_at("/app/", &["~x"], &["/app/*"]);
    }

    #[test]
    fn many_paths_are_folded_by_the_deepest_folders_that_make_them_few() {
        let check_many = |paths: &[String], expected: &[&str]| {
            check(&paths.iter().map(String::as_str).collect::<Vec<_>>(), expected);
        };
        let mut many: Vec<String> = (0..20).map(|at| format!("docs/{}/{at}.html", at % 2)).collect();
        many.push("a.css".to_owned());
        check_many(&many, &["/a.css", "/docs/0/*", "/docs/1/*"]);
        check_many(&(0..20).map(|at| format!("docs/{at}/x.html")).collect::<Vec<_>>(), &["/docs/*"]);
        check_many(&(0..3001).map(|at| format!("{at}.html")).collect::<Vec<_>>(), &["/*"]);
    }

    #[test]
    fn a_page_that_edges_keep_for_whatever_is_missing_is_kept_under_any_url() {
        check(&["404.html"], &["/*"]);
        check_at("/app/", &["404.html"], &["/app/*"]);
    }

    #[test]
    fn only_what_cloudfront_takes_and_acts_on_is_a_path() {
        for good in ["/*", "/", "/index.html", "/a%20b/*", "/a*"] {
            assert!(good.parse::<InvalidationPath>().is_ok(), "{good}");
        }
        for bad in ["", "index.html", "*", "/a b", "/~x", "/ü", "/*/x", "/a**", "/'"] {
            assert!(bad.parse::<InvalidationPath>().is_err(), "{bad}");
        }
    }
}
