//! How bundlers write a content's hash into a name, and how that is told from words, dates, sizes and versions.
//!
//! To take a name for a hashed one that is none would let browsers keep old bytes for a year; the other way round costs
//! a question per visit. So whatever is in doubt has no hash.

use super::SitePath;

/// Folders into which nothing but a bundler writes (`SvelteKit`, Next, Nuxt, Astro, Create React App).
const GENERATED: [&str; 5] = ["_app/immutable/", "_next/static/", "_nuxt/", "_astro/", "static/js/"];

/// What bundlers put between the hash and the extension.
const MARKS: [&str; 8] = ["js", "css", "mjs", "chunk", "bundle", "min", "module", "p"];

/// Whether the name carries its content's hash, by the naming of webpack, Vite, Rollup, esbuild, Parcel, Next and such.
pub(super) fn is_hashed(path: &SitePath) -> bool {
    let Some((stem, extension)) = path.name().rsplit_once('.') else {
        return false;
    };
    let stem = without_marks(stem);
    let is_code = matches!(extension, "js" | "mjs" | "css" | "map" | "wasm" | "woff" | "woff2");
    let is_generated = GENERATED.iter().any(|folder| path.as_str().contains(folder));
    let is_built = is_generated || is_code || path.folder().is_some_and(|folder| folder.ends_with("assets"));
    if is_uuid(stem) {
        return false;
    }
    has_hex(stem) || (is_built && has_word(stem, if is_code || is_generated { 2 } else { 4 }, is_generated))
}

fn without_marks(mut stem: &str) -> &str {
    while let Some((before, _)) = stem.rsplit_once('.').filter(|(_, mark)| MARKS.contains(mark)) {
        stem = before;
    }
    stem
}

/// Whether the last part is hexadecimal, with digits and letters, so that neither dates nor words pass. A name that is
/// nothing but that must be long.
fn has_hex(stem: &str) -> bool {
    let (has_more, last) = split(stem);
    let shortest = if has_more { 8 } else { 16 };
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (shortest..=64).contains(&last.len())
        && last.bytes().all(is_hex)
        && last.bytes().any(|byte| byte.is_ascii_digit())
        && last.bytes().any(|byte| byte.is_ascii_lowercase())
}

fn split(stem: &str) -> (bool, &str) {
    stem.rsplit_once(['.', '-', '_', '~', '@']).map_or((false, stem), |(_, last)| (true, last))
}

/// Whether the last eight characters, behind a dot or hyphen, are base64 or base32 as Vite, Rollup, Astro and esbuild
/// write it: letters of both cases, or capitals with digits, in a jumble.
fn has_word(stem: &str, least_changes: usize, may_be_all: bool) -> bool {
    let Some(at) = stem.len().checked_sub(8) else {
        return false;
    };
    let (Some(before), Some(word)) = (stem.get(..at), stem.get(at..)) else {
        return false;
    };
    let stands_alone = before.ends_with(['.', '-']) || (before.is_empty() && may_be_all);
    let has = |kind: Kind| word.bytes().any(|byte| kind_of(byte) == Some(kind));
    let is_base32 = word.bytes().all(|byte| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte));
    let is_mixed = (has(Kind::Upper) && has(Kind::Lower)) || (is_base32 && has(Kind::Digit));
    let is_jumble = changes(word) >= 5 || (has(Kind::Digit) || has(Kind::Mark)) && changes(word) >= least_changes;
    stands_alone && is_mixed && is_jumble && word.bytes().all(|byte| kind_of(byte).is_some())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Upper,
    Lower,
    Digit,
    Mark,
}

fn kind_of(byte: u8) -> Option<Kind> {
    match byte {
        b'A'..=b'Z' => Some(Kind::Upper),
        b'a'..=b'z' => Some(Kind::Lower),
        b'0'..=b'9' => Some(Kind::Digit),
        b'-' | b'_' => Some(Kind::Mark),
        _ => None,
    }
}

/// How often a letter of one kind follows one of another. Words in capitals and camel case have few of these.
fn changes(word: &str) -> usize {
    word.as_bytes().windows(2).filter(|pair| kind_of(pair[0]) != kind_of(pair[1])).count()
}

/// Names of uploads, which may change under their name.
fn is_uuid(stem: &str) -> bool {
    let lengths = stem.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && stem.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: bool) {
        assert_eq!(is_hashed(&path.parse().unwrap()), expected, "{path}");
    }

    #[test]
    fn names_as_bundlers_write_them_are_hashed() {
        for path in [
            "assets/index-BfX3k9aQ.js",
            "assets/logo-D4k_9zQa.svg",
            "assets/index-B-X3k9aQ.css",
            "static/js/main.4f3a9c21.js",
            "static/js/main.4f3a9c21.js.map",
            "static/js/2.0a1b2c3d.chunk.js",
            "static/media/logo.6ce24c58023cc2f8fd88fe9d219db6c6.svg",
            "_next/static/css/0a1b2c3d4e5f6071.css",
            "_next/static/chunks/123-0f1e2d3c4b5a6978.js",
            "_next/static/media/c9a5bc6a7c948fb0.p.woff2",
            "_nuxt/BfX3k9aQ.js",
            "_astro/hero.BfX3k9aQ.webp",
            "_app/immutable/entry/start.BfX3k9aQ.mjs",
            "main-5KQ2XN7A.js",
            "main.4f3a9c21b0d8e7f6.css",
            "component---src-pages-index-js-0f1e2d3c4b5a69788796.js",
        ] {
            check(path, true);
        }
    }

    #[test]
    fn words_dates_sizes_versions_and_uploads_are_not() {
        for path in [
            "assets/app.js",
            "assets/background-mountains.jpg",
            "logo-facebook.svg",
            "logo-Facebook.svg",
            "photo-20240115.jpg",
            "assets/image-1024x768.png",
            "assets/photo-iPhone15.jpg",
            "jquery-3.6.0.min.js",
            "js/jquery.min.js",
            "fonts/Inter-SemiBold.woff2",
            "files/123e4567-e89b-12d3-a456-4266a4174000.pdf",
            "deadbeef.png",
            "a/cafe-facade.png",
            "robots.txt",
            "CNAME",
            "漢字漢字漢字.js",
            "assets/IMG-DSC01234.jpg",
        ] {
            check(path, false);
        }
    }
}
