//! The words of scanning an image: what is found, and where.

use super::macros::identifier;

identifier! {
    /// What is found in an image, by the name that the scanners have for it: `CVE-2025-1234`, `GHSA-…`, `RUSTSEC-…`.
    VulnerabilityId, "a vulnerability's id", "use 1 to 128 letters, digits and `.-_:+/`", is_id
}
identifier! {
    /// A package in an image, as the scanners name it: `openssl`, `@scope/name`, `org.apache:log4j`.
    PackageName, "a package's name", "use 1 to 512 visible characters", is_package
}

fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:+/".contains(&byte))
}

fn is_package(text: &str) -> bool {
    (1..=512).contains(&text.len()) && text.trim() == text && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_the_forms_that_scanners_use() {
        for good in ["CVE-2025-1234", "GHSA-jf85-cpcp-j695", "ALAS2-2021-1", "TEMP-0841856-B18BAF", "GO-2024-1"] {
            assert!(good.parse::<VulnerabilityId>().is_ok(), "{good}");
        }
        for bad in ["", "CVE 1", "CVE-1\n", "CVE-1;id", "é", &"A".repeat(129)] {
            assert!(bad.parse::<VulnerabilityId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_package_is_named_as_its_own_world_names_it() {
        for good in ["openssl", "@scope/name", "org.apache:log4j", "github.com/a/b"] {
            assert!(good.parse::<PackageName>().is_ok(), "{good}");
        }
        for bad in ["", " a", "a\nb", "a\u{1b}[0m"] {
            assert!(bad.parse::<PackageName>().is_err(), "{bad:?}");
        }
    }
}
