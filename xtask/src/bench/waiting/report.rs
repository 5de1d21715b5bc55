//! The table of who waited how long, in Markdown.

use super::{course::Standing, world};

const HEAD: &str = "| | mean | median | longest | reads a minute and service | writes a service | of them ended well |\n\
                    |---|---|---|---|---|---|---|";

/// The whole table.
pub(super) fn page(standings: &[Standing], profile: &str) -> String {
    let rows = standings.iter().map(|standing| {
        let (mean, median, longest) = (standing.mean(), standing.median(), standing.longest());
        let (reads, writes) = (standing.reads, standing.writes);
        let well = world::ROLLOUTS - standing.failed;
        let title = standing.tool.title();
        format!(
            "| {title} | {mean:.2} s | {median:.2} s | {longest:.1} s | {reads:.1} | {writes:.1} | {well} of {} |",
            world::ROLLOUTS
        )
    });
    let lines: Vec<String> = std::iter::once(HEAD.to_owned()).chain(rows).collect();
    format!("Towpath's binary is a {profile} build.\n\n{}\n", lines.join("\n"))
}
