//! What a document refers to, as far as its HTML alone says it.
//!
//! It is no parser of HTML: it finds tags and their addresses, and overlooks what scripts and style sheets refer to.

use std::collections::BTreeSet;

use super::SitePath;

/// What loads a page: scripts and style sheets, or anything else that it shows or links to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReferenceKind {
    /// A script, or a module that is loaded beforehand.
    Script,
    /// A style sheet.
    Style,
    /// Pictures, links to pages, icons.
    Other,
}

/// A file of the same site that a document refers to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// What for.
    pub kind: ReferenceKind,
    /// Which.
    pub path: SitePath,
}

/// The files of the same site that a document refers to, in order and once each.
///
/// `root` is the path that the site's URLs begin with, `/` or a folder. Addresses of other sites, and links to folders,
/// are left out.
pub fn references(html: &str, document: &SitePath, root: &str) -> Vec<Reference> {
    let base = format!("{root}{document}");
    let mut seen = BTreeSet::new();
    let found = tags(html).filter_map(|tag| reference(&tag, &base, root));
    found.filter(|reference| seen.insert(reference.clone())).collect()
}

/// A tag: its name and what is in it.
struct Tag<'h> {
    name: String,
    rest: &'h str,
}

/// Every opening tag outside of comments and of the text of scripts and styles.
fn tags(html: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut rest = html;
    std::iter::from_fn(move || {
        loop {
            rest = &rest[rest.find('<')? + 1..];
            if let Some(comment) = rest.strip_prefix("!--") {
                rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
                continue;
            }
            if !rest.starts_with(|first: char| first.is_ascii_alphabetic()) {
                continue;
            }
            let end = tag_end(rest);
            let (tag, after) = rest.split_at(end);
            let name_end =
                tag.find(|character: char| character.is_ascii_whitespace() || character == '/').unwrap_or(end);
            let name = tag[..name_end].to_ascii_lowercase();
            rest = if matches!(name.as_str(), "script" | "style") { behind_text(after, &name) } else { after };
            return Some(Tag { name, rest: &tag[name_end..] });
        }
    })
}

/// Where a tag ends: at its `>`, but for one in quotation marks.
fn tag_end(tag: &str) -> usize {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    tag.len()
}

fn behind_text<'h>(html: &'h str, name: &str) -> &'h str {
    let closing = format!("</{name}");
    let at = html.as_bytes().windows(closing.len()).position(|part| part.eq_ignore_ascii_case(closing.as_bytes()));
    at.map_or("", |at| &html[at..])
}

fn reference(tag: &Tag<'_>, base: &str, root: &str) -> Option<Reference> {
    let relation = attribute(tag.rest, "rel").unwrap_or_default().to_ascii_lowercase();
    let has = |word: &str| relation.split_ascii_whitespace().any(|one| one == word);
    let (kind, address) = match tag.name.as_str() {
        "script" => (ReferenceKind::Script, attribute(tag.rest, "src")?),
        "link" if has("canonical") || has("alternate") || has("preconnect") || has("dns-prefetch") => return None,
        "link" if has("stylesheet") => (ReferenceKind::Style, attribute(tag.rest, "href")?),
        "link" if has("modulepreload") => (ReferenceKind::Script, attribute(tag.rest, "href")?),
        "link" => (ReferenceKind::Other, attribute(tag.rest, "href")?),
        "img" | "source" | "audio" | "video" | "iframe" | "embed" => {
            (ReferenceKind::Other, attribute(tag.rest, "src")?)
        }
        _ => return None,
    };
    Some(Reference { kind, path: resolved(&address, base, root)? })
}

/// The value of an attribute, with the few character references undone that addresses have.
fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let mut rest = tag;
    loop {
        rest = rest.trim_start_matches(|character: char| character.is_ascii_whitespace() || character == '/');
        let end = rest.find(|character: char| character.is_ascii_whitespace() || "=/>".contains(character));
        let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
        if name.is_empty() && after.is_empty() {
            return None;
        }
        let (value, after) = match after.trim_start().strip_prefix('=') {
            Some(value) => quoted(value.trim_start()),
            None => ("", after.strip_prefix(['/', '>']).unwrap_or(after)),
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(value.replace("&amp;", "&"));
        }
        rest = after;
    }
}

fn quoted(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            return inner.split_once(quote).unwrap_or((inner, ""));
        }
    }
    text.split_at(text.find(|character: char| character.is_ascii_whitespace()).unwrap_or(text.len()))
}

/// The file of the site that an address in a document at `base` means.
fn resolved(address: &str, base: &str, root: &str) -> Option<SitePath> {
    let address = address.trim().split(['?', '#']).next().unwrap_or_default();
    let has_scheme = address.split('/').next().is_some_and(|first| first.contains(':'));
    if address.is_empty() || address.starts_with("//") || has_scheme {
        return None;
    }
    let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
    let whole = if address.starts_with('/') { address.to_owned() } else { format!("{folder}/{address}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/').skip(1) {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    decoded(format!("/{}", parts.join("/")).strip_prefix(root)?)?.parse().ok()
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        bytes.push(u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_at(document: &str, root: &str, html: &str, expected: &[&str]) {
        let found = references(html, &document.parse().unwrap(), root);
        let found: Vec<String> = found.iter().map(|one| format!("{:?} {}", one.kind, one.path)).collect();
        assert_eq!(found, expected, "{html}");
    }

    fn check(html: &str, expected: &[&str]) {
        check_at("index.html", "/", html, expected);
    }

    #[test]
    fn scripts_styles_and_pictures_are_found_however_they_are_written() {
        check("<script type=module src=/assets/a.js></script>", &["Script assets/a.js"]);
        check("<SCRIPT\n defer SRC = './a.js' >", &["Script a.js"]);
        check("<link rel=\"stylesheet\" crossorigin href=\"a.css?v=1#x\">", &["Style a.css"]);
        check("<link rel=modulepreload href=a.js><link rel=icon href=i.svg>", &["Script a.js", "Other i.svg"]);
        check("<img alt=\"a > b\" src='x y&amp;z.png'/><img src=a%20b.png>", &["Other x y&z.png", "Other a b.png"]);
        check("<script src=a.js></script><script src=a.js></script>", &["Script a.js"]);
    }

    #[test]
    fn comments_texts_and_other_sites_are_left_out() {
        check("<!-- <script src=a.js></script> --><script>'<img src=b.png>'</script><img src=c.png>", &["Other c.png"]);
        check("<script src=https://x.org/a.js></script><img src=//x.org/a.png><img src=data:,x>", &[]);
        check("<link rel=canonical href=/a.html><a href=/b.html>", &[]);
    }

    #[test]
    fn addresses_are_those_of_the_document_and_of_the_site_s_root() {
        check_at("docs/a.html", "/", "<img src=../b.png><img src=c.png>", &["Other b.png", "Other docs/c.png"]);
        check_at("index.html", "/app/", "<img src=/app/b.png><img src=/b.png>", &["Other b.png"]);
    }

    #[test]
    fn no_bytes_make_it_fail() {
        for html in [
            "<",
            "<a",
            "<script",
            "<img src",
            "<img src=",
            "<img src='",
            "<!--",
            "<img src=%zz>",
            "<ſ",
            "<script>ü</SCRIPT",
            "<img / / =x>",
        ] {
            check(html, &[]);
        }
    }
}
