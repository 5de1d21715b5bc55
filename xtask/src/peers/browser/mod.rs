//! A real browser before the simulator's caching edge: what visitors see while a frontend is published and put back.
//!
//! Chromium, headless, loads the app again and again while Towpath works: each time it must be one release, wholly. A tab
//! that was open before must go on working. The same is done with `aws s3 sync --delete`, which must fail at both, or the
//! journey could not tell. Nothing is installed here: without chromium and chromedriver it is not run.

mod driver;
mod page;
mod world;

use std::{fs, process::Child};

use anyhow::{Context as _, Error, Result, bail, ensure};

use super::{programs::Programs, python::Python, tally::Tally};

use driver::{Browser, Installed, Tab};
use world::World;

const PEER: &str = "chromium";
const OLD: &str = "1.0.0";
const NEW: &str = "1.1.0";
/// The location whose visitors are watched, and the one where a tab is left open: what the former loads is not in the
/// cache of the latter.
const WATCHED: &str = "fra";
const ELSEWHERE: &str = "syd";
/// How often each release must be seen, so that something was seen at all.
const LEAST: usize = 2;

/// Makes the whole journey, each way to publish in a world of its own.
pub(super) fn check(tally: &mut Tally, programs: &Programs, python: &Python) {
    let installed = match Installed::find() {
        Ok(installed) => installed,
        Err(reason) => return tally.note_missing(PEER, "the journey of a frontend", &reason),
    };
    if let Err(error) = run(tally, programs, python, &installed) {
        tally.note_result(PEER, "the journey comes to its end", Err(error));
    }
}

fn run(tally: &mut Tally, programs: &Programs, python: &Python, installed: &Installed) -> Result<()> {
    let folder = programs.target.join("peers/browser");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let browser = Browser::start(installed, &folder)?;
    let world = |name: &str| World::open(programs, python, &folder.join(name));
    with_towpath(tally, &browser, &world("towpath")?)?;
    without_it(tally, &browser, &world("sync")?)
}

fn with_towpath(tally: &mut Tally, browser: &Browser, world: &World) -> Result<()> {
    world.end(world.deploy(OLD)?)?;
    let left_open = open(browser, world)?;
    browser.open_tab()?;
    let seen = watch(browser, world, world.deploy(NEW)?)?;
    note_seen(tally, "a release goes live", &seen, (OLD, NEW));
    tally.note_result(PEER, "then visitors everywhere get the new one", everywhere(browser, world, NEW));
    let name = "a tab that was open before still loads what it had not yet, of its own release";
    tally.note_result(PEER, name, goes_on(browser, &left_open, OLD));

    let left_open = open(browser, world)?;
    browser.open_tab()?;
    let seen = watch(browser, world, world.roll_back()?)?;
    note_seen(tally, "a release is put back", &seen, (NEW, OLD));
    tally.note_result(PEER, "then visitors everywhere get the old one", everywhere(browser, world, OLD));
    let name = "a tab of the release that was taken back still loads what it had not yet";
    tally.note_result(PEER, name, goes_on(browser, &left_open, NEW));
    Ok(())
}

/// What people do instead has to be found out, or nothing above is proven.
fn without_it(tally: &mut Tally, browser: &Browser, world: &World) -> Result<()> {
    world.end(world.sync(OLD)?)?;
    let left_open = open(browser, world)?;
    browser.open_tab()?;
    let seen = watch(browser, world, world.sync(NEW)?)?;
    let broken: Vec<&Error> = seen.iter().filter_map(|seen| seen.as_ref().err()).collect();
    let name = format!("`aws s3 sync --delete` is found out: {} of {} visits are broken", broken.len(), seen.len());
    tally.note(PEER, &name, broken.is_empty().then_some("every visit was whole, so this proves nothing"));
    let stays = goes_on(browser, &left_open, OLD).is_ok();
    let name = "`aws s3 sync --delete` is found out: a tab that was open before is broken";
    tally.note(PEER, name, stays.then_some("it goes on, so this proves nothing"));
    Ok(())
}

/// A tab that shows the app and has not loaded all of it.
fn open(browser: &Browser, world: &World) -> Result<Tab> {
    let tab = browser.open_tab()?;
    page::open(browser, &world.address(ELSEWHERE))?;
    Ok(tab)
}

/// Visits the app again and again until `publisher` has ended, and once more.
fn watch(browser: &Browser, world: &World, mut publisher: Child) -> Result<Vec<Result<String>>> {
    let address = world.address(WATCHED);
    let mut seen = Vec::new();
    while publisher.try_wait()?.is_none() {
        seen.push(page::visit(browser, &address));
    }
    world.end(publisher)?;
    seen.push(page::visit(browser, &address));
    Ok(seen)
}

fn note_seen(tally: &mut Tally, what: &str, seen: &[Result<String>], (from, to): (&str, &str)) {
    let name =
        format!("while {what}, each of {} visits finds one of the two wholly, first {from}, then {to}", seen.len());
    tally.note_result(PEER, &name, one_after_the_other(seen, from, to));
}

/// Whether first the one was seen and then the other, and never anything else.
fn one_after_the_other(seen: &[Result<String>], from: &str, to: &str) -> Result<()> {
    let mut counts = (0, 0);
    for (number, seen) in seen.iter().enumerate() {
        match seen {
            Ok(release) if release == from && counts.1 == 0 => counts.0 += 1,
            Ok(release) if release == to => counts.1 += 1,
            Ok(release) => bail!("visit {number} found {release} after {to}"),
            Err(error) => bail!("visit {number}: {error:#}"),
        }
    }
    ensure!(counts.0 >= LEAST && counts.1 >= LEAST, "{from} was seen {} times and {to} {}", counts.0, counts.1);
    Ok(())
}

fn everywhere(browser: &Browser, world: &World, release: &str) -> Result<()> {
    for location in [WATCHED, ELSEWHERE] {
        let found = page::visit(browser, &world.address(location))?;
        ensure!(found == release, "{location} has {found}");
    }
    Ok(())
}

/// The page of that tab loads the rest of itself.
fn goes_on(browser: &Browser, tab: &Tab, release: &str) -> Result<()> {
    browser.turn_to(tab)?;
    let found = page::look(browser)?;
    ensure!(found == release, "it is of {found}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    fn check(seen: &[Result<&str, &str>], expected: Result<(), &str>) {
        let seen: Vec<Result<String>> =
            seen.iter().map(|seen| seen.map(str::to_owned).map_err(|error| anyhow!(error.to_owned()))).collect();
        let found = one_after_the_other(&seen, OLD, NEW).map_err(|error| error.to_string());
        assert_eq!(found, expected.map_err(str::to_owned));
    }

    #[test]
    fn what_is_seen_is_first_the_one_and_then_the_other_and_enough_of_both() {
        check(&[Ok(OLD), Ok(OLD), Ok(NEW), Ok(NEW)], Ok(()));
        check(&[Ok(OLD), Ok(OLD), Ok(NEW)], Err("1.0.0 was seen 2 times and 1.1.0 1"));
        check(&[Ok(OLD), Ok(NEW), Ok(OLD)], Err("visit 2 found 1.0.0 after 1.1.0"));
        check(&[Ok(OLD), Err("no script")], Err("visit 1: no script"));
    }
}
