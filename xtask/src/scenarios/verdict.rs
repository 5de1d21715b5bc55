//! How each scenario stands, from what the test binary prints.

use std::collections::BTreeMap;

/// How a scenario stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All its tests passed.
    Holds,
    /// At least one did not.
    Fails,
}

impl Verdict {
    /// One word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Fails => "FAILS",
        }
    }
}

/// The verdicts by number; a scenario that was not run has none.
pub(super) fn verdicts(printed: &str) -> BTreeMap<u32, Verdict> {
    let mut verdicts = BTreeMap::new();
    for (number, verdict) in printed.lines().filter_map(verdict) {
        let known = verdicts.entry(number).or_insert(verdict);
        if verdict == Verdict::Fails {
            *known = verdict;
        }
    }
    verdicts
}

fn verdict(line: &str) -> Option<(u32, Verdict)> {
    let rest = line.strip_prefix("test s")?;
    let number = rest.split('_').next()?.parse().ok()?;
    let verdict = if rest.ends_with("... ok") { Verdict::Holds } else { Verdict::Fails };
    Some((number, verdict))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failed_test_fails_its_scenario() {
        let printed = "running 3 tests\ntest s001_a::x ... ok\ntest s001_a::y ... FAILED\ntest s002_b::z ... ok\ntest other ... ok\n";
        assert_eq!(verdicts(printed), BTreeMap::from([(1, Verdict::Fails), (2, Verdict::Holds)]));
    }
}
