//! No test that does not run, none that is content with any panic, and nothing left to be done.

use super::tree::{Finding, Tree};

/// What a line may not begin with, and why.
const ATTRIBUTES: [(&str, &str); 2] = [
    ("#[ignore", "a test that is ignored proves nothing: make it run, or delete it"),
    ("#[should_panic", "any panic would do: assert on what is returned"),
];

/// What no line of code may have. It is put together here so that this line does not have it.
const LEFT_OVER: [&str; 2] = [concat!("to", "do!("), concat!("unimpl", "emented!(")];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.sources() {
        for (number, line) in file.lines() {
            findings.extend(fault(line.trim_start()).map(|why| Finding::at(&file.path, number, why)));
        }
    }
    findings
}

fn fault(line: &str) -> Option<&'static str> {
    if line.starts_with("//") {
        return None;
    }
    let attribute = ATTRIBUTES.iter().find(|(attribute, _)| line.starts_with(attribute));
    let left_over = LEFT_OVER.iter().any(|word| line.contains(word));
    attribute.map(|(_, why)| *why).or(left_over.then_some("something is left to be done: do it, or leave it out"))
}

#[cfg(test)]
mod tests {
    use super::super::tree::tree;
    use super::*;

    #[test]
    fn shortcuts_are_found_where_they_are_code() {
        let text = format!(
            "//! x\n#[test]\n    {0}ignore = \"slow\"]\nfn x() {{ {1}) }}\n// {1})\n{0}should_panic]\n",
            "#[", LEFT_OVER[0],
        );
        let found: Vec<Option<usize>> = check(&tree(&[("a.rs", &text)])).iter().map(|finding| finding.line).collect();
        assert_eq!(found, [Some(3), Some(4), Some(6)]);
    }
}
