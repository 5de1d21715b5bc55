//! How long the sources are: one subject fits into 80 to 300 lines, and 500 need a reason.

use super::tree::{File, Finding, Tree};

/// What a file may have without a reason.
const LIMIT: usize = 500;

/// What is looked at again.
const LONG: usize = 300;

/// Files that are longer, each with its reason.
const REASONS: [(&str, &str); 0] = [];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    judge(tree, &REASONS)
}

fn judge(tree: &Tree, reasons: &[(&str, &str)]) -> Vec<Finding> {
    let too_long: Vec<&File> = tree.sources().filter(|file| lines(file) > LIMIT).collect();
    let has_reason = |file: &File| reasons.iter().any(|(path, _)| *path == file.path);
    let is_too_long = |path: &str| too_long.iter().any(|file| file.path == path);
    let without = too_long.iter().filter(|file| !has_reason(file)).map(|file| {
        let message = format!("has {} lines: split it, or give a reason in tidy", lines(file));
        Finding::of(&file.path, &message)
    });
    let idle = reasons.iter().filter(|(path, _)| !is_too_long(path));
    let idle = idle.map(|(path, _)| Finding::of(path, "has a reason in tidy to be long, and is not"));
    without.chain(idle).collect()
}

/// How many sources there are, how many are long, and the longest.
pub(super) fn report(tree: &Tree) -> String {
    let mut lengths: Vec<(usize, &str)> = tree.sources().map(|file| (lines(file), file.path.as_str())).collect();
    lengths.sort_unstable_by(|one, other| other.cmp(one));
    let total: usize = lengths.iter().map(|(lines, _)| lines).sum();
    let long = lengths.iter().filter(|(lines, _)| *lines > LONG).count();
    let longest: Vec<String> = lengths.iter().take(5).map(|(lines, path)| format!("  {lines} {path}")).collect();
    let count = lengths.len();
    format!("{count} sources, {total} lines; {long} have more than {LONG}, the longest:\n{}", longest.join("\n"))
}

fn lines(file: &File) -> usize {
    file.text.lines().count()
}

#[cfg(test)]
mod tests {
    use super::super::tree::tree;
    use super::*;

    #[test]
    fn five_hundred_lines_need_no_reason_and_one_more_does() {
        let (fits, exceeds) = ("x\n".repeat(500), "x\n".repeat(501));
        let tree = tree(&[("a.rs", &fits), ("b.rs", &exceeds), ("c.rs", &exceeds), ("d.md", &exceeds)]);
        let findings = judge(&tree, &[("c.rs", "one table")]);
        assert_eq!(findings, [Finding::of("b.rs", "has 501 lines: split it, or give a reason in tidy")]);
    }

    #[test]
    fn a_reason_that_is_not_needed_goes() {
        let findings = judge(&tree(&[("a.rs", "x")]), &[("a.rs", "was long"), ("gone.rs", "was here")]);
        assert_eq!(findings.iter().map(|finding| finding.path.as_str()).collect::<Vec<_>>(), ["a.rs", "gone.rs"]);
    }

    #[test]
    fn the_report_counts_and_names_the_longest() {
        let tree = tree(&[("a.rs", "x\ny\n"), ("b.rs", &"x\n".repeat(301))]);
        assert_eq!(report(&tree), "2 sources, 303 lines; 1 have more than 300, the longest:\n  301 b.rs\n  2 a.rs");
    }
}
