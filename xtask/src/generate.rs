//! The pages that are written by the program itself, so that they cannot be wrong.
//!
//! A page is a line in [`PAGES`]; `cargo xtask generate` writes them all and `cargo xtask tidy` says which are stale.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use towpath_core::{config, rollout::diagnosis_markdown};

use crate::{ci::cargo, say, scenarios};

/// A page: where it is kept, and what writes it.
pub(crate) struct Page {
    /// Its path in the repository.
    pub(crate) path: &'static str,
    /// Its text as it should be.
    pub(crate) text: fn() -> String,
}

/// All generated pages.
pub(crate) const PAGES: [Page; 4] = [
    Page { path: "docs/reference/configuration.md", text: config::reference_markdown },
    Page { path: "docs/reference/towpath.schema.json", text: schema },
    Page { path: "docs/diagnosis.md", text: diagnosis_markdown },
    Page { path: "docs/scenarios.md", text: scenarios::page },
];

/// Writes all pages: those of the library here, and those of the command line by its own test, so that the chores need
/// not be built with the AWS SDK.
pub(crate) fn all(root: &Path) -> Result<()> {
    generate(root)?;
    let arguments = ["test", "--quiet", "--package", "towpath", "--test", "reference"];
    cargo(root, &arguments, &[("TOWPATH_WRITE_REFERENCE", "1")])
}

/// Writes the pages that are not as they should be.
fn generate(root: &Path) -> Result<()> {
    for page in PAGES.iter().filter(|page| page.is_stale(root)) {
        let file = root.join(page.path);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        fs::write(&file, (page.text)()).with_context(|| file.display().to_string())?;
        say(&format!("wrote {}", page.path));
    }
    Ok(())
}

impl Page {
    /// Whether the page below `root` is not as it should be, or not there.
    pub(crate) fn is_stale(&self, root: &Path) -> bool {
        fs::read_to_string(root.join(self.path)).map_or(true, |text| text != (self.text)())
    }
}

fn schema() -> String {
    format!("{:#}\n", config::schema())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_generated_is_not_stale_until_it_is_changed() {
        let root = tempfile::tempdir().unwrap();
        assert!(PAGES.iter().all(|page| page.is_stale(root.path())));
        generate(root.path()).unwrap();
        assert!(!PAGES.iter().any(|page| page.is_stale(root.path())));
        fs::write(root.path().join(PAGES[0].path), "by hand").unwrap();
        assert!(PAGES[0].is_stale(root.path()) && !PAGES[1].is_stale(root.path()));
    }
}
