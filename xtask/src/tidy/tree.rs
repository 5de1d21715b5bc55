//! The texts of the repository, read once, and what a rule finds in them.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

/// What is not ours, or not kept.
const PASSED_OVER: [&str; 6] = [".git", "target", ".towpath", "node_modules", ".terraform", "Cargo.lock"];

/// The texts below a folder.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) files: Vec<File>,
}

/// A text and its path in the repository, with `/`.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: String,
    pub(super) text: String,
}

/// A rule that is broken.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) path: String,
    /// The line, from 1, where it is one line's fault.
    pub(super) line: Option<usize>,
    pub(super) message: String,
}

impl Finding {
    pub(super) fn of(path: &str, message: &str) -> Self {
        Self { path: path.to_owned(), line: None, message: message.to_owned() }
    }

    pub(super) fn at(path: &str, line: usize, message: &str) -> Self {
        Self { line: Some(line), ..Self::of(path, message) }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(formatter, "{}:{line}: {}", self.path, self.message),
            None => write!(formatter, "{}: {}", self.path, self.message),
        }
    }
}

impl Tree {
    /// Reads every text below the folder; what is no UTF-8 is no text.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let mut tree = Self::default();
        tree.add(root, "")?;
        tree.files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(tree)
    }

    fn add(&mut self, folder: &Path, prefix: &str) -> Result<()> {
        for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if PASSED_OVER.contains(&name.as_str()) {
                continue;
            }
            let path = format!("{prefix}{name}");
            if entry.file_type()?.is_dir() {
                self.add(&entry.path(), &format!("{path}/"))?;
            } else if let Ok(text) = fs::read_to_string(entry.path()) {
                self.files.push(File { path, text });
            }
        }
        Ok(())
    }

    /// The Rust sources.
    pub(super) fn sources(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| Path::new(&file.path).extension().is_some_and(|end| end == "rs"))
    }
}

impl File {
    /// The lines with their numbers, from 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

/// A tree of these files, for the rules' tests.
#[cfg(test)]
pub(super) fn tree(files: &[(&str, &str)]) -> Tree {
    let files = files.iter().map(|(path, text)| File { path: (*path).to_owned(), text: (*text).to_owned() });
    Tree { files: files.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_and_what_is_not_ours_is_passed_over() {
        let root = tempfile::tempdir().unwrap();
        for path in ["src/a.rs", ".ci/run", "target/debug/b.rs", "web/node_modules/c.js"] {
            let file = root.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "text").unwrap();
        }
        fs::write(root.path().join("image.png"), [0xff, 0xd8]).unwrap();
        let tree = Tree::read(root.path()).unwrap();
        let paths: Vec<&str> = tree.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, [".ci/run", "src/a.rs"]);
    }

    #[test]
    fn a_finding_can_be_clicked_on() {
        assert_eq!(Finding::at("src/a.rs", 7, "is wrong").to_string(), "src/a.rs:7: is wrong");
        assert_eq!(Finding::of("src/a.rs", "is wrong").to_string(), "src/a.rs: is wrong");
    }
}
