//! What stands between bytes in a registry and a name that somebody deploys.
//!
//! It judges verdicts that it is handed; where they come from is the engine's business. Every verdict is about one
//! component's candidate: its image, in its repository, under no tag yet.

use crate::identifier::ComponentName;

/// Which condition a verdict is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateName {
    /// The candidate is in its repository, whole, by its digest.
    Arrived,
}

/// What one gate says of one candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishVerdict {
    /// The component.
    pub component: ComponentName,
    /// The gate.
    pub gate: GateName,
    /// Why the candidate may get no tag; nothing where it may.
    pub refusal: Option<String>,
}

/// Whether the candidates may get their tags. They all may, or none does.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a candidate that is tagged without this may be a bad one"]
pub enum Admission {
    /// They may.
    Admitted,
    /// None may.
    Refused {
        /// Every reason, with its component.
        reasons: Vec<String>,
    },
}

/// Judges the verdicts on all candidates of one release. A candidate that no gate has judged is refused.
pub fn admit(candidates: &[ComponentName], verdicts: &[PublishVerdict]) -> Admission {
    let is_judged = |component: &&ComponentName| verdicts.iter().any(|verdict| verdict.component == **component);
    let unjudged = candidates.iter().filter(|component| !is_judged(component));
    let unjudged = unjudged.map(|component| format!("{component}: no gate has judged it"));
    let refused = verdicts.iter().filter_map(|verdict| {
        let reason = verdict.refusal.as_ref()?;
        Some(format!("{}: {reason}", verdict.component))
    });
    let reasons: Vec<String> = unjudged.chain(refused).collect();
    if reasons.is_empty() { Admission::Admitted } else { Admission::Refused { reasons } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(candidates: &[&str], verdicts: &[(&str, Option<&str>)], expected: &[&str]) {
        let name = |name: &&str| name.parse::<ComponentName>().unwrap();
        let verdict = |(component, refusal): &(&str, Option<&str>)| PublishVerdict {
            component: component.parse().unwrap(),
            gate: GateName::Arrived,
            refusal: refusal.map(str::to_owned),
        };
        let candidates: Vec<ComponentName> = candidates.iter().map(name).collect();
        let verdicts: Vec<PublishVerdict> = verdicts.iter().map(verdict).collect();
        let reasons = match admit(&candidates, &verdicts) {
            Admission::Admitted => Vec::new(),
            Admission::Refused { reasons } => reasons,
        };
        assert_eq!(reasons, expected);
    }

    #[test]
    fn one_refusal_refuses_all() {
        check(&["web", "worker"], &[("web", None), ("worker", None)], &[]);
        check(&["web", "worker"], &[("web", None), ("worker", Some("gone"))], &["worker: gone"]);
    }

    #[test]
    fn what_nobody_has_judged_is_refused() {
        check(&["web"], &[], &["web: no gate has judged it"]);
    }
}
