//! skopeo against the simulator's registries and our client: each reads back what the other wrote.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, Result, ensure};
use towpath_core::identifier::Digest;

use crate::images::{FROM, Layout, Registry, Shape, TO, repository, succeed};

use super::{programs::Programs, tally::Tally};

const PEER: &str = "skopeo";

/// A small image for two platforms.
const SHAPE: Shape = Shape { layers: &[200_000, 3_000] };

/// Makes all checks; where skopeo is not installed, that is said and fails nothing.
pub(super) fn check(tally: &mut Tally, programs: &Programs) {
    if Command::new("skopeo").arg("--version").output().is_err() {
        tally.note(PEER, "not installed: nothing was checked (Debian has it)", None);
        return;
    }
    if let Err(error) = run(tally, programs) {
        tally.note_result(PEER, "the checks run to their end", Err(error));
    }
}

fn run(tally: &mut Tally, programs: &Programs) -> Result<()> {
    let towpath = programs.ours("towpath")?;
    let ours = programs.ours("copy_image")?;
    let folder = programs.target.join("peers/skopeo");
    let names = ["ours", "theirs"].map(str::to_owned);
    let registry = Registry::start(&towpath, &ours, &folder, &names)?;
    let layout = Layout::make(&folder.join("layout"), SHAPE)?;
    let stage = Stage { registry, layout, folder: &folder };
    tally.note_result(PEER, "finds under its digest what we have uploaded", stage.finds_our_upload());
    tally.note_result(PEER, "finds the same bytes after our copy to another account", stage.finds_our_copy());
    tally.note_result(PEER, "reads every layer of our copy back", stage.reads_all());
    tally.note_result(PEER, "has pushed what we can copy", stage.pushes());
    Ok(())
}

struct Stage<'a> {
    registry: Registry,
    layout: Layout,
    folder: &'a Path,
}

impl Stage<'_> {
    fn finds_our_upload(&self) -> Result<()> {
        let folder = self.layout.folder().display().to_string();
        let digest = self.layout.digest();
        let to = repository(FROM, "ours");
        succeed(self.registry.ours(FROM, &["upload", &folder, digest.as_str(), &to]))?;
        same(&self.registry.inspected(FROM, "ours", digest)?, digest)
    }

    fn finds_our_copy(&self) -> Result<()> {
        let digest = self.layout.digest();
        let image = format!("{}@{digest}", repository(FROM, "ours"));
        succeed(self.registry.ours(TO, &["copy", &image, &repository(TO, "ours")]))?;
        same(&self.registry.inspected(TO, "ours", digest)?, digest)
    }

    fn reads_all(&self) -> Result<()> {
        let back = self.folder.join("back");
        if back.exists() {
            fs::remove_dir_all(&back)?;
        }
        let from = format!("{}@{}", self.registry.place(TO, "ours"), self.layout.digest());
        let to = format!("oci:{}", back.display());
        let words = ["copy", "--all", "--preserve-digests", "--src-tls-verify=false", &from, &to];
        succeed(self.registry.skopeo(&words))?;
        same_files(&self.layout.folder().join("blobs/sha256"), &back.join("blobs/sha256"))
    }

    fn pushes(&self) -> Result<()> {
        let digest = self.layout.digest();
        let from = format!("oci:{}", self.layout.folder().display());
        let to = format!("{}:pushed", self.registry.place(TO, "theirs"));
        let words = ["copy", "--all", "--preserve-digests", "--dest-tls-verify=false", &from, &to];
        succeed(self.registry.skopeo(&words))?;
        let image = format!("{}@{digest}", repository(TO, "theirs"));
        succeed(self.registry.ours(FROM, &["copy", &image, &repository(FROM, "theirs")]))?;
        same(&self.registry.inspected(FROM, "theirs", digest)?, digest)
    }
}

fn same(found: &Digest, expected: &Digest) -> Result<()> {
    ensure!(found == expected, "{found} in place of {expected}");
    Ok(())
}

/// Whether each file of the one folder is in the other, byte for byte.
fn same_files(all: &Path, other: &Path) -> Result<()> {
    for file in fs::read_dir(all)? {
        let file = file?;
        let there = fs::read(other.join(file.file_name())).with_context(|| file.path().display().to_string())?;
        ensure!(there == fs::read(file.path())?, "{} has other bytes", file.path().display());
    }
    Ok(())
}
