//! The page of figures about sites, and what was set out to be reached.

use super::{
    super::{
        contestant::Standing,
        report,
        targets::{Target, megabytes},
    },
    case::{Case, DELAY, Outcome},
    connections::Counted,
    found::Found,
    storage,
    tool::Who,
};

/// Of the fastest other, in hundredths.
const FIRST: u128 = 40;
const SLOW: u128 = 50;
const LARGE: u128 = 100;
const UNCHANGED: u128 = 25;

/// Of `rclone sync --checksum`, and of `aws s3 sync`.
const REBUILT: u128 = 25;
const REBUILT_OF_AWS: u128 = 2;

const UNCHANGED_REQUESTS: usize = 2;
const REBUILT_REQUESTS: usize = 22;
const CONNECTIONS: usize = 256;
const MEMORY: u64 = 25_000_000;

/// The whole page.
pub(super) fn page(machine: &[(&'static str, String)], outcomes: &[Outcome], found: &[Found]) -> String {
    let machine: Vec<String> = machine.iter().map(|(name, value)| format!("| {name} | {value} |")).collect();
    let targets: Vec<String> = targets(outcomes, found).iter().map(row).collect();
    let mut page = format!(
        "| | |\n|---|---|\n{}\n\n### Targets\n\n| target | wanted | found | |\n|---|---|---|---|\n{}\n\n",
        machine.join("\n"),
        targets.join("\n")
    );
    page.extend(outcomes.iter().map(section));
    page += "### What is found, and what depends on the machine\n\n";
    page += "| | a change of equal size and time | types without the machine's tables |\n|---|---|---|\n";
    page.extend(found.iter().map(answers));
    page
}

fn row(target: &Target) -> String {
    let holds = if target.is_met { "holds" } else { "**does not hold**" };
    format!("| {} | {} | {} | {holds} |", target.what, target.wanted, target.found)
}

fn section(outcome: &Outcome) -> String {
    let Outcome { case, storage, standings, requests, connections } = outcome;
    let tree = case.tree();
    let what = match case {
        Case::First => "a first publication".to_owned(),
        Case::Slow => format!("a first publication, {DELAY} ms more for every request"),
        Case::Large => "a first publication of large files".to_owned(),
        Case::Unchanged => "nothing changed".to_owned(),
        Case::Rebuilt => "a build wrote all anew, 20 files changed".to_owned(),
    };
    let standings: Vec<&Standing> = standings.iter().map(|(_, standing)| standing).collect();
    let counted = |(standing, count): (&&Standing, &usize)| format!("{} {count}", standing.name);
    let opened = |(standing, counted): (&&Standing, &Counted)| {
        format!("{} {}, {} at once", standing.name, counted.opened, counted.most)
    };
    let requests = told("Requests", standings.iter().zip(requests).map(counted));
    let connections = told("Connections", standings.iter().zip(connections).map(opened));
    let table = report::table(&standings);
    let (files, size) = (tree.files, tree.bytes / 1024);
    format!("### {files} files of {size} KiB to {storage}: {what}\n\n{table}\n\n{requests}{connections}")
}

/// A line of counts; nothing where nothing was counted.
fn told(what: &str, counts: impl Iterator<Item = String>) -> String {
    let counts: Vec<String> = counts.collect();
    if counts.is_empty() { String::new() } else { format!("{what}: {}.\n\n", counts.join(", ")) }
}

fn answers(found: &Found) -> String {
    let change = if found.change { "found" } else { "missed" };
    let types = match found.types.as_deref() {
        None => "could not be hidden here".to_owned(),
        Some([]) => "the same".to_owned(),
        Some(differing) => differing.join("; "),
    };
    format!("| {} | {change} | {types} |\n", found.name)
}

/// Judges every target; one that was not measured is left out.
fn targets(outcomes: &[Outcome], found: &[Found]) -> Vec<Target> {
    let of = |case: Case| outcomes.iter().find(move |one| one.case == case && one.storage == storage::SIMULATOR);
    let (unchanged, rebuilt) = (of(Case::Unchanged), of(Case::Rebuilt));
    let requests = |outcome: Option<&Outcome>| outcome.and_then(|outcome| outcome.requests.first().copied());
    let connections = of(Case::Slow).and_then(|slow| Some(slow.connections.first()?.opened));
    let targets = [
        share("a first publication, of the fastest other", of(Case::First), is_other, FIRST),
        share("the same with 25 ms a request, of the fastest other", of(Case::Slow), is_other, SLOW),
        connections.map(|count| at_most("connections of that", count, CONNECTIONS)),
        share("large files, of the fastest other", of(Case::Large), is_other, LARGE),
        share("nothing changed, of the fastest other", unchanged, is_other, UNCHANGED),
        requests(unchanged).map(|count| at_most("requests where nothing changed", count, UNCHANGED_REQUESTS)),
        share("after a build, of `rclone sync --checksum`", rebuilt, |who| *who == Who::RcloneChecksum, REBUILT),
        share("after a build, of `aws s3 sync`", rebuilt, |who| *who == Who::Aws, REBUILT_OF_AWS),
        requests(rebuilt).map(|count| at_most("requests after a build", count, REBUILT_REQUESTS)),
        memory(outcomes),
        found.first().map(|ours| answer("a change of equal size and time", "found", ours.change)),
        found.first().and_then(|ours| {
            Some(answer("types without the machine's tables", "the same", ours.types.as_ref()?.is_empty()))
        }),
    ];
    targets.into_iter().flatten().collect()
}

fn is_other(who: &Who) -> bool {
    !matches!(who, Who::Towpath(_))
}

/// Ours beside the fastest of those, in hundredths.
fn share(what: &'static str, outcome: Option<&Outcome>, those: fn(&Who) -> bool, most: u128) -> Option<Target> {
    let outcome = outcome?;
    let wall = |standing: &Standing| standing.summary.median.wall.as_micros();
    let ours = outcome.standings.first().map(|(_, standing)| wall(standing))?;
    let theirs = outcome.standings.iter().filter(|(who, _)| those(who)).map(|(_, standing)| wall(standing)).min()?;
    let found = ours * 1_000 / theirs.max(1);
    Some(Target {
        what,
        wanted: format!("at most {}.{:02}", most / 100, most % 100),
        found: format!("{}.{:03}", found / 1_000, found % 1_000),
        is_met: found <= most * 10,
    })
}

fn at_most(what: &'static str, found: usize, most: usize) -> Target {
    Target { what, wanted: format!("at most {most}"), found: found.to_string(), is_met: found <= most }
}

/// The most that ours had in any case.
fn memory(outcomes: &[Outcome]) -> Option<Target> {
    let ours = outcomes.iter().filter_map(|outcome| outcome.standings.first());
    let found = ours.map(|(_, standing)| standing.summary.median.memory).max()?;
    let (what, wanted) = ("memory in any of these cases", format!("at most {}", megabytes(MEMORY)));
    Some(Target { what, wanted, found: megabytes(found), is_met: found <= MEMORY })
}

fn answer(what: &'static str, wanted: &str, is_met: bool) -> Target {
    let found = if is_met { wanted.to_owned() } else { format!("not {wanted}") };
    Target { what, wanted: wanted.to_owned(), found, is_met }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{
        super::super::{cost::Cost, statistics::Summary},
        *,
    };

    fn outcome(case: Case, walls: &[(Who, u64)]) -> Outcome {
        let standing = |(who, wall): &(Who, u64)| {
            let wall = Duration::from_millis(*wall);
            let median = Cost { wall, cpu: wall, memory: 1 };
            (who.clone(), Standing { name: "", summary: Summary { median, wall_range: (wall, wall) } })
        };
        let standings = walls.iter().map(standing).collect();
        Outcome { case, storage: storage::SIMULATOR, standings, requests: vec![22], connections: Vec::new() }
    }

    #[test]
    fn ours_is_held_against_the_fastest_other_and_never_against_ourselves() {
        let walls = [(Who::Towpath("".into()), 40), (Who::Towpath("".into()), 1), (Who::Aws, 900), (Who::S5cmd, 100)];
        let check = |most: u128, expected: bool| {
            let target = share("", Some(&outcome(Case::First, &walls)), is_other, most).unwrap();
            assert_eq!((target.found.as_str(), target.is_met), ("0.400", expected));
        };
        check(40, true);
        check(39, false);
    }

    #[test]
    fn what_was_not_measured_is_not_judged() {
        let alone = [(Who::Towpath("".into()), 40)];
        let judged = targets(&[outcome(Case::Rebuilt, &alone)], &[]);
        let judged: Vec<&str> = judged.iter().map(|target| target.what).collect();
        assert_eq!(judged, ["requests after a build", "memory in any of these cases"]);
    }
}
