//! Nothing in the repository tells on whose machine it was written.
//!
//! Paths into a person's or a machine's own folders are known here. A workplace that has words of its own to keep out
//! lists them in the variable `TIDY_WORDS`, separated by commas, so that they need not be written down here.

use super::tree::{Finding, Tree};

/// Folders that exist on one machine only. They are put together here so that these lines do not have them.
const FOLDERS: [&str; 3] = [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/Use", "rs/")];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let words = std::env::var("TIDY_WORDS").unwrap_or_default();
    let words: Vec<String> = words.split(',').map(|word| word.trim().to_lowercase()).collect();
    judge(tree, &words)
}

fn judge(tree: &Tree, words: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        for (number, line) in file.lines() {
            if let Some(folder) = FOLDERS.iter().find(|folder| has_folder(line, folder)) {
                findings.push(Finding::at(&file.path, number, &format!("names `{folder}`, a folder of one machine")));
            }
            let lower = line.to_lowercase();
            if words.iter().any(|word| !word.is_empty() && lower.contains(word)) {
                findings.push(Finding::at(&file.path, number, "has a word of the workplace"));
            }
        }
    }
    findings
}

/// Whether the line has the folder at the beginning of a path.
fn has_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|before| before.is_alphanumeric() || "._-}/".contains(before))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tree::tree;
    use super::*;

    fn check(line: &str, expected: usize) {
        let words = ["atlantis".to_owned(), String::new()];
        assert_eq!(judge(&tree(&[("a.md", line)]), &words).len(), expected, "{line}");
    }

    #[test]
    fn folders_of_one_machine_are_found() {
        check(&format!("see {}towpath/x", FOLDERS[0]), 1);
        check(&format!("{}x", FOLDERS[2]), 1);
        check(&format!("home{}x and ${{HOME}}{}x", FOLDERS[1], FOLDERS[1]), 0);
        check("/usr/bin, target/root, framework/x", 0);
    }

    #[test]
    fn words_of_the_workplace_are_found_in_any_case() {
        check("built at ATLANTIS today", 1);
        check("built somewhere", 0);
    }
}
