//! `cargo xtask bench copying`: an image brought from one account's registry to another's, beside `skopeo copy`.
//!
//! Both copy the same image between the same two registries, which are two accounts of one simulator, each time into a
//! repository that has nothing of it, in turns. Afterwards every copy is found under the one digest.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};

use crate::{
    images::{FROM, Layout, Registry, Shape, TO, repository, succeed},
    peers::programs::Programs,
    say,
};

use super::{
    contestant::{Contestant, Standing, in_turns},
    report,
};

/// How often each copies the image, after once to warm up.
const RUNS: usize = 5;

/// Two platforms, each with layers as of an image for an interpreted language.
const SHAPE: Shape = Shape { layers: &[60_000_000, 30_000_000, 8_000_000, 1_500_000, 20_000] };

/// The repository that all is copied from.
const SOURCE: &str = "source";

/// Copies, and prints and writes the table.
pub(super) fn run(root: &Path) -> Result<()> {
    let programs = Programs::of(root)?;
    let towpath = programs.build("towpath", &["--release", "--package", "towpath"])?;
    let example = ["--release", "--package", "towpath-aws", "--example", "copy_image"];
    let ours = programs.build("copy_image", &example)?;
    let folder = programs.target.join("bench/copying");
    let turns = 1..=RUNS + 1;
    let names: Vec<String> = turns.clone().flat_map(|turn| [name("ours", turn), name("skopeo", turn)]).collect();
    let all = [&[SOURCE.to_owned()], names.as_slice()].concat();
    let registry = Registry::start(&towpath, &ours, &folder, &all)?;
    let layout = Layout::make(&folder.join("layout"), SHAPE)?;
    let path = layout.folder().display().to_string();
    let source = repository(FROM, SOURCE);
    succeed(registry.ours(FROM, &["upload", &path, layout.digest().as_str(), &source]))?;
    let standings = compare(&registry, &layout, &folder)?;
    for name in &names {
        let found = registry.inspected(TO, name, layout.digest())?;
        ensure!(found == *layout.digest(), "{name} has {found} in place of {}", layout.digest());
    }
    let page = page(&standings, layout.bytes());
    let file = folder.join("copying.md");
    fs::write(&file, &page).with_context(|| file.display().to_string())?;
    say(&page);
    say(&format!("written to {}", file.display()));
    Ok(())
}

fn name(who: &str, turn: usize) -> String {
    format!("{who}-{turn}")
}

fn compare(registry: &Registry, layout: &Layout, folder: &Path) -> Result<Vec<Standing>> {
    let image = format!("{}@{}", repository(FROM, SOURCE), layout.digest());
    let from = format!("{}@{}", registry.place(FROM, SOURCE), layout.digest());
    let ours = |turn| registry.ours(TO, &["copy", &image, &repository(TO, &name("ours", turn))]);
    let skopeo = |turn| {
        let to = format!("{}:copied", registry.place(TO, &name("skopeo", turn)));
        let insecure = ["--src-tls-verify=false", "--dest-tls-verify=false"];
        registry.skopeo(&["copy", "--all", "--preserve-digests", insecure[0], insecure[1], &from, &to])
    };
    let contestants = [
        Contestant { name: "Towpath's copy", command: Box::new(ours), exit: 0 },
        Contestant { name: "`skopeo copy --all --preserve-digests`", command: Box::new(skopeo), exit: 0 },
    ];
    in_turns(&contestants, folder, RUNS)
}

fn page(standings: &[Standing], bytes: u64) -> String {
    let speeds = standings.iter().map(|standing| {
        let kilobytes = f64::from(u32::try_from(bytes / 1_000).unwrap_or(u32::MAX));
        let megabytes = kilobytes / 1e3 / standing.summary.median.wall.as_secs_f64();
        format!("- {}: {megabytes:.0} MB a second", standing.name)
    });
    let speeds: Vec<String> = speeds.collect();
    let bytes = super::targets::megabytes(bytes);
    format!(
        "An index of two platforms, {bytes} of layers.\n\n{}\n\n{}\n",
        report::table(&standings.iter().collect::<Vec<_>>()),
        speeds.join("\n")
    )
}
