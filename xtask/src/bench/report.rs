//! The page of figures, in Markdown.

use super::{
    contestant::Standing,
    cost::Cost,
    deployment::Deployments,
    targets::{self, megabytes, milliseconds},
};

/// All that was found out.
#[derive(Debug)]
pub(super) struct Findings {
    /// What it was measured on.
    pub(super) machine: Vec<(&'static str, String)>,
    /// The stripped release binary, in bytes.
    pub(super) size: u64,
    /// Starting.
    pub(super) startup: Vec<Standing>,
    /// Deploying.
    pub(super) deployments: Deployments,
}

/// The whole page.
pub(super) fn page(findings: &Findings) -> String {
    let deployments = &findings.deployments;
    let machine: Vec<String> = findings.machine.iter().map(|(name, value)| format!("| {name} | {value} |")).collect();
    let sections = [
        format!("| | |\n|---|---|\n{}", machine.join("\n")),
        format!("### Targets\n\n{}", targets_table(findings)),
        format!("### Starting\n\n{}", table(&all(&findings.startup))),
        format!("### One call\n\n{}", table(&all(&deployments.one_call))),
        format!("### A deployment\n\n{}", table(&all(&deployments.plain))),
        format!("### A deployment where every call takes 40 ms more\n\n{}", table(&all(&deployments.delayed))),
        format!("### Calls of a deployment\n\n{}", calls(deployments)),
    ];
    format!("{}\n", sections.join("\n\n"))
}

fn targets_table(findings: &Findings) -> String {
    let rows = targets::judge(findings).into_iter().map(|target| {
        let holds = if target.is_met { "holds" } else { "**does not hold**" };
        format!("| {} | {} | {} | {holds} |", target.what, target.wanted, target.found)
    });
    with_head("| target | wanted | found | |\n|---|---|---|---|", rows)
}

fn all(standings: &[Standing]) -> Vec<&Standing> {
    standings.iter().collect()
}

/// A line for each of them; the first is ours.
pub(super) fn table(standings: &[&Standing]) -> String {
    let ours = standings.first().map(|standing| standing.summary.median);
    let rows = standings.iter().map(|standing| {
        let Cost { wall, cpu, memory } = standing.summary.median;
        let (shortest, longest) = standing.summary.wall_range;
        format!(
            "| {} | {} | {} to {} | {} | {} | {} |",
            standing.name,
            milliseconds(wall),
            milliseconds(shortest),
            milliseconds(longest),
            ours.map_or_else(String::new, |ours| ratio(wall.as_secs_f64(), ours.wall.as_secs_f64())),
            milliseconds(cpu),
            megabytes(memory),
        )
    });
    let head = "| | wall time, median | from, to | times ours | CPU | memory |\n|---|---|---|---|---|---|";
    with_head(head, rows)
}

fn ratio(theirs: f64, ours: f64) -> String {
    if ours > 0.0 { format!("{:.2}", theirs / ours) } else { String::new() }
}

fn calls(deployments: &Deployments) -> String {
    let rows = deployments.plain.iter().zip(&deployments.calls).map(|(standing, calls)| {
        format!("| {} | {} | {} | {} |", standing.name, calls.count, calls.chain.len(), calls.chain.join(", "))
    });
    with_head("| | calls | in sequence | the longest chain |\n|---|---|---|---|", rows)
}

fn with_head(head: &str, rows: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = std::iter::once(head.to_owned()).chain(rows).collect();
    lines.join("\n")
}
