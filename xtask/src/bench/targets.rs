//! What was set out to be reached, and whether it was.

use std::time::Duration;

use super::report::Findings;

/// A quarter of what `aws-actions/amazon-ecs-deploy-task-definition` v2.6.3 took for the same on a machine like this one.
const PROMOTE: Duration = Duration::from_micros(121_000 / 4);
const MEMORY: u64 = 17_000_000;
const ONE_CALL: Duration = Duration::from_millis(10);
const CHAIN: usize = 8;
const SIZE: u64 = 12_000_000;

/// A target and how it was met.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) what: &'static str,
    pub(super) wanted: String,
    pub(super) found: String,
    pub(super) is_met: bool,
}

/// Judges every target; one that was not measured is left out.
pub(super) fn judge(findings: &Findings) -> Vec<Target> {
    let deployments = &findings.deployments;
    let promote = deployments.plain.first().map(|ours| ours.summary.median);
    let status = deployments.one_call.first().map(|ours| ours.summary.median);
    let calls = deployments.calls.first();
    let targets = [
        promote.map(|cost| time("a whole promotion: a quarter of the deploy action's 121 ms", cost.wall, PROMOTE)),
        promote.map(|cost| size("memory of a promotion", cost.memory, MEMORY)),
        status.map(|cost| time("a command of one call", cost.wall, ONE_CALL)),
        calls.map(|calls| Target {
            what: "calls in sequence in a promotion",
            wanted: format!("at most {CHAIN}"),
            found: calls.chain.len().to_string(),
            is_met: calls.chain.len() <= CHAIN,
        }),
        Some(size("the stripped binary", findings.size, SIZE)),
    ];
    targets.into_iter().flatten().collect()
}

fn time(what: &'static str, found: Duration, wanted: Duration) -> Target {
    Target {
        what,
        wanted: format!("at most {}", milliseconds(wanted)),
        found: milliseconds(found),
        is_met: found <= wanted,
    }
}

fn size(what: &'static str, found: u64, wanted: u64) -> Target {
    Target { what, wanted: format!("under {}", megabytes(wanted)), found: megabytes(found), is_met: found < wanted }
}

/// As the tables show a duration.
pub(super) fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1_000.0)
}

/// As the tables show bytes: in millions.
pub(super) fn megabytes(bytes: u64) -> String {
    let tenths = (bytes + 50_000) / 100_000;
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_met_up_to_its_limit() {
        let limit = Duration::from_millis(10);
        assert!(time("", limit, limit).is_met);
        assert!(!time("", limit + Duration::from_micros(1), limit).is_met);
        assert!(!size("", SIZE, SIZE).is_met);
    }

    #[test]
    fn figures_are_rounded() {
        assert_eq!(milliseconds(Duration::from_micros(30_250)), "30.2 ms");
        assert_eq!(megabytes(14_818_328), "14.8 MB");
        assert_eq!(megabytes(11_960_000), "12.0 MB");
    }
}
