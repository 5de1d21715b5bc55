//! Every source says at its top what it is for.

use super::tree::{Finding, Tree};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let silent = tree.sources().filter(|file| !file.text.starts_with("//! "));
    silent.map(|file| Finding::at(&file.path, 1, "does not begin with `//!` and what it is for")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree::tree;
    use super::*;

    #[test]
    fn a_source_begins_with_what_it_is_for() {
        let tree = tree(&[
            ("a.rs", "//! What it is for.\n"),
            ("b.rs", "use x;\n//! Too late.\n"),
            ("c.rs", "//!\n"),
            ("d.rs", ""),
            ("e.md", "# No source"),
        ]);
        let paths: Vec<String> = check(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(paths, ["b.rs", "c.rs", "d.rs"]);
    }
}
