//! How the health of a load balancer's targets changes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use towpath_core::rollout::TargetHealth;

use super::{Line, Source};

/// The targets' states as they were last seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct HealthSeen(BTreeMap<String, String>);

impl HealthSeen {
    /// What has changed since: each target that is new, has another state, or is gone.
    pub(crate) fn changes(&mut self, targets: &[TargetHealth], now: Timestamp) -> Vec<Line> {
        let states: BTreeMap<String, String> = targets.iter().map(|target| (name(target), words(target))).collect();
        let line = |target: &str, text: &str| Line {
            at: Some(now),
            source: Source::Target { target: target.to_owned() },
            text: text.to_owned(),
        };
        let is_new = |(target, state): &(&String, &String)| self.0.get(*target) != Some(state);
        let mut lines: Vec<Line> = states.iter().filter(is_new).map(|(target, state)| line(target, state)).collect();
        let gone = self.0.keys().filter(|target| !states.contains_key(*target));
        lines.extend(gone.map(|target| line(target, "gone")));
        self.0 = states;
        lines
    }
}

fn name(target: &TargetHealth) -> String {
    target.port.map_or_else(|| target.target.clone(), |port| format!("{}:{port}", target.target))
}

fn words(target: &TargetHealth) -> String {
    let why = [target.reason.as_deref(), target.description.as_deref()];
    let why: Vec<&str> = why.into_iter().flatten().collect();
    if why.is_empty() { target.state.clone() } else { format!("{}: {}", target.state, why.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(name: &str, state: &str, reason: Option<&str>) -> TargetHealth {
        TargetHealth {
            group: "arn:aws:elasticloadbalancing:us-west-2:111111111111:targetgroup/shop-api/0123456789abcdef"
                .parse()
                .unwrap(),
            target: name.to_owned(),
            port: Some(8080),
            state: state.to_owned(),
            reason: reason.map(str::to_owned),
            description: None,
        }
    }

    fn check(seen: &mut HealthSeen, targets: &[TargetHealth], expected: &[&str]) {
        let lines = seen.changes(targets, Timestamp::UNIX_EPOCH);
        let texts: Vec<String> = lines.iter().map(|line| line.to_text()[25..].to_owned()).collect();
        assert_eq!(texts, expected);
    }

    #[test]
    fn only_what_changes_is_told() {
        let mut seen = HealthSeen::default();
        let (one, two) = (target("10.0.0.1", "healthy", None), target("10.0.0.2", "initial", None));
        check(&mut seen, &[one.clone(), two], &["target 10.0.0.1:8080: healthy", "target 10.0.0.2:8080: initial"]);
        let bad = target("10.0.0.2", "unhealthy", Some("Target.Timeout"));
        check(&mut seen, &[one.clone(), bad.clone()], &["target 10.0.0.2:8080: unhealthy: Target.Timeout"]);
        check(&mut seen, &[one.clone(), bad], &[]);
        check(&mut seen, &[one], &["target 10.0.0.2:8080: gone"]);
    }
}
