//! The changelog is there, and says what is new.

use super::tree::{Finding, Tree};

const PATH: &str = "CHANGELOG.md";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(file) = tree.files.iter().find(|file| file.path == PATH) else {
        return vec![Finding::of(PATH, "is not there")];
    };
    let mut sections = file.text.split("\n## ").skip(1);
    let Some(newest) = sections.next() else {
        return vec![Finding::of(PATH, "has neither `## [Unreleased]` nor the section of a version")];
    };
    let (heading, body) = newest.split_once('\n').unwrap_or((newest, ""));
    if !is_heading(heading) {
        let message = format!("`## {heading}` is neither `## [Unreleased]` nor `## [VERSION] - DATE`");
        return vec![Finding::of(PATH, &message)];
    }
    let says_something = body.lines().any(|line| line.starts_with("- "));
    if says_something { Vec::new() } else { vec![Finding::of(PATH, "its newest section says nothing")] }
}

fn is_heading(heading: &str) -> bool {
    let is_version =
        |text: &str| text.split('.').count() >= 3 && text.starts_with(|first: char| first.is_ascii_digit());
    match heading.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some(("Unreleased", rest)) => rest.is_empty(),
        Some((version, date)) => is_version(version) && date.starts_with(" - "),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::tree;
    use super::*;

    fn check_text(text: &str, expected: Option<&str>) {
        let findings = check(&tree(&[(PATH, text)]));
        match expected {
            None => assert_eq!(findings, []),
            Some(message) => assert!(findings[0].message.contains(message), "{findings:?}"),
        }
    }

    #[test]
    fn the_newest_section_is_unreleased_or_a_version_and_says_something() {
        check_text("# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Something.\n", None);
        check_text("# Changelog\n\n## [1.2.0] - 2026-03-01\n\n- Something.\n", None);
        check_text("# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-03-01\n\n- Something.\n", Some("says nothing"));
        check_text("# Changelog\n\n## News\n\n- Something.\n", Some("`## News`"));
        check_text("# Changelog\n", Some("neither"));
    }

    #[test]
    fn a_missing_changelog_is_found() {
        assert_eq!(check(&tree(&[])), [Finding::of(PATH, "is not there")]);
    }
}
