//! The path of a file of a site: the same on the machine, in a manifest and below the bucket's prefix.
//!
//! It says what is well-formed, not what exists, and nothing of how it looks in a URL.

use crate::identifier::InvalidIdentifier;

/// The longest path, in bytes. With the longest prefix it stays within S3's 1,024 bytes for a key.
pub const PATH_LIMIT: usize = 768;

/// Towpath's own folder below a site's prefix. No file of a site is in it.
pub const OWN_FOLDER: &str = ".towpath";

/// The path of a file, from the site's root: UTF-8, parts joined by `/`, none of them empty, `.` or `..`.
///
/// Ordered by bytes, as S3 lists keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SitePath(String);

impl SitePath {
    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part.
    pub fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, name)| name)
    }

    /// The folder that it is in; nothing at the site's root.
    pub fn folder(&self) -> Option<&str> {
        self.0.rsplit_once('/').map(|(folder, _)| folder)
    }

    /// What follows the name's last dot; nothing where the name has none, or begins with its only one.
    pub fn extension(&self) -> Option<&str> {
        self.name().rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension)
    }
}

impl std::str::FromStr for SitePath {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match fault(text) {
            None => Ok(Self(text.to_owned())),
            Some(rule) => Err(InvalidIdentifier { what: "a path of a site", value: text.to_owned(), rule }),
        }
    }
}

crate::identifier::text_forms!(SitePath);

/// Which rule the path breaks. Control characters would not survive S3's XML.
fn fault(text: &str) -> Option<&'static str> {
    if text.is_empty() || text.len() > PATH_LIMIT {
        return Some("use 1 to 768 bytes");
    }
    if text.contains(|character: char| character == '\\' || character.is_control()) {
        return Some("use neither backslashes nor control characters");
    }
    if text.chars().any(|character| matches!(character, '\u{fffe}' | '\u{ffff}')) {
        return Some("use only characters that XML can hold");
    }
    if text.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Some("write it from the site's root, without empty parts, `.` and `..`");
    }
    (text.split('/').next() == Some(OWN_FOLDER)).then_some("`.towpath` at a site's root is Towpath's own")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_are_paths_all_the_same() {
        for good in ["index.html", "a b/ü~%'.js", ".well-known/x", "a/.towpath/x", "a...b", "漢字.svg", "*"] {
            assert_eq!(good.parse::<SitePath>().unwrap().as_str(), good);
        }
    }

    #[test]
    fn what_could_leave_the_root_or_be_two_things_is_no_path() {
        let long = "x".repeat(PATH_LIMIT + 1);
        for bad in
            ["", "/a", "a/", "a//b", ".", "a/../b", "a\\b", "a\0b", "a\nb", "\u{ffff}", ".towpath/x", ".towpath", &long]
        {
            assert!(bad.parse::<SitePath>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_extension_is_what_follows_the_last_dot_of_the_name() {
        let check =
            |path: &str, expected| assert_eq!(path.parse::<SitePath>().unwrap().extension(), expected, "{path}");
        check("a.b/c", None);
        check("a/app.min.js", Some("js"));
        check(".htaccess", None);
        check("CNAME", None);
        check("x.", Some(""));
    }
}
