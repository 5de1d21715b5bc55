//! The house rules that no compiler knows: one file a rule, each a function from files to findings.
//!
//! It changes nothing. What rustfmt, clippy and rustdoc can tell is theirs to tell.

mod changelog;
mod dependencies;
mod headers;
mod length;
mod shortcuts;
mod tree;
mod words;

use std::path::Path;

use anyhow::{Result, bail};

use crate::{generate::PAGES, say};

use tree::{Finding, Tree};

/// Says everything that breaks a rule, and the length of the files.
pub(crate) fn tidy(root: &Path) -> Result<()> {
    let tree = Tree::read(root)?;
    let mut findings = headers::check(&tree);
    findings.extend(shortcuts::check(&tree));
    findings.extend(length::check(&tree));
    findings.extend(words::check(&tree));
    findings.extend(changelog::check(&tree));
    findings.extend(dependencies::check(root)?);
    findings.extend(stale_pages(root));
    say(&length::report(&tree));
    for finding in &findings {
        say(&finding.to_string());
    }
    if findings.is_empty() {
        return Ok(());
    }
    bail!("{} rules of the house are broken", findings.len())
}

fn stale_pages(root: &Path) -> Vec<Finding> {
    let stale = PAGES.iter().filter(|page| page.is_stale(root));
    stale.map(|page| Finding::of(page.path, "is generated and stale: run `cargo xtask generate`")).collect()
}
