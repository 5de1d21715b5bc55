//! What is published: directories as a build leaves them.
//!
//! No two files are alike, and the same build leaves the same bytes each time. Nothing is published from here.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

/// Extensions that occur in sites.
const EXTENSIONS: [&str; 10] = ["html", "js", "css", "svg", "json", "png", "woff2", "map", "txt", "webp"];

/// One of so many files is another one in every build; the first, which is the start page, among them.
const CHANGED: usize = 100;

/// A directory that is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tree {
    pub(super) name: &'static str,
    pub(super) files: usize,
    pub(super) bytes: usize,
}

/// Many small files.
pub(super) const SMALL: Tree = Tree { name: "small", files: 2_000, bytes: 4 * 1024 };

/// Some large ones.
pub(super) const LARGE: Tree = Tree { name: "large", files: 200, bytes: 1024 * 1024 };

impl Tree {
    /// Where it is below `folder`.
    pub(super) fn path(&self, folder: &Path) -> PathBuf {
        folder.join("trees").join(self.name)
    }

    /// Leaves it as the build of that number does: every file is new, and a hundredth of them has other bytes.
    pub(super) fn build(&self, folder: &Path, build: usize) -> Result<()> {
        let tree = self.path(folder);
        if tree.exists() {
            fs::remove_dir_all(&tree).with_context(|| tree.display().to_string())?;
        }
        for number in 0..self.files {
            let file = tree.join(name(number));
            file.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(&file, self.content(number, build)).with_context(|| file.display().to_string())?;
        }
        Ok(())
    }

    /// Changes one file, and neither its size nor its time. What is answered is its path in the tree.
    pub(super) fn change_unnoticed(&self, folder: &Path) -> Result<String> {
        let name = name(1);
        let file = self.path(folder).join(&name);
        let time = fs::metadata(&file)?.modified()?;
        fs::write(&file, self.content(1, usize::MAX))?;
        File::options().write(true).open(&file)?.set_modified(time)?;
        Ok(name)
    }

    fn content(&self, number: usize, build: usize) -> Vec<u8> {
        let build = if number.is_multiple_of(CHANGED) || build == usize::MAX { build } else { 0 };
        let begin = format!("{number} of {} by build {build:020}\n", self.name);
        begin.bytes().cycle().take(self.bytes).collect()
    }
}

fn name(number: usize) -> String {
    match number {
        0 => "index.html".to_owned(),
        _ => format!("{:02}/{number:04}.{}", number % 20, EXTENSIONS[number % EXTENSIONS.len()]),
    }
}

/// Writes a small file of each of these extensions, and a start page.
pub(super) fn samples(at: &Path, extensions: &[&str]) -> Result<()> {
    fs::create_dir_all(at).with_context(|| at.display().to_string())?;
    fs::write(at.join("index.html"), "<!doctype html>")?;
    extensions.iter().try_for_each(|extension| Ok(fs::write(at.join(format!("sample.{extension}")), "a sample\n")?))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn read(folder: &Path, tree: &Tree) -> BTreeMap<String, Vec<u8>> {
        (0..tree.files).map(|number| (name(number), fs::read(tree.path(folder).join(name(number))).unwrap())).collect()
    }

    #[test]
    fn a_build_changes_a_hundredth_of_the_files_and_no_size() {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree { name: "tested", files: 300, bytes: 64 };
        tree.build(folder.path(), 1).unwrap();
        let first = read(folder.path(), &tree);
        tree.build(folder.path(), 2).unwrap();
        let second = read(folder.path(), &tree);
        let changed: Vec<&String> = first.keys().filter(|name| first[*name] != second[*name]).collect();
        assert_eq!(changed.len(), 3, "{changed:?}");
        assert!(first["index.html"] != second["index.html"]);
        assert!(second.values().all(|bytes| bytes.len() == 64));
    }

    #[test]
    fn a_change_that_nobody_notices_leaves_size_and_time() {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree { name: "tested", files: 2, bytes: 64 };
        tree.build(folder.path(), 1).unwrap();
        let file = tree.path(folder.path()).join(name(1));
        let (bytes, before) = (fs::read(&file).unwrap(), fs::metadata(&file).unwrap());
        assert_eq!(tree.change_unnoticed(folder.path()).unwrap(), name(1));
        let after = fs::metadata(&file).unwrap();
        assert_ne!(fs::read(&file).unwrap(), bytes);
        assert_eq!((before.len(), before.modified().unwrap()), (after.len(), after.modified().unwrap()));
    }
}
