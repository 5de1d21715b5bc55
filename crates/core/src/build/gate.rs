//! What stands between bytes in a registry and a name that somebody deploys.
//!
//! It judges verdicts that it is handed; where they come from is the engine's business. Every verdict is about one
//! component's candidate: its image, in its repository, under no tag yet.

use jiff::Timestamp;

use crate::identifier::ComponentName;

/// Which condition a verdict is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateName {
    /// The candidate is in its repository, whole, by its digest.
    Arrived,
    /// It was scanned, and what was found is within the rules.
    Scan,
}

/// What one gate says of one candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishVerdict {
    /// The component.
    pub component: ComponentName,
    /// The gate.
    pub gate: GateName,
    /// Whether the candidate may get a tag.
    pub ruling: Ruling,
}

/// Whether a candidate may get a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// It may.
    Passed,
    /// Not yet.
    Held {
        /// Why not.
        why: String,
        /// When to ask again.
        until: Timestamp,
    },
    /// It may not.
    Refused {
        /// Why not.
        why: String,
    },
}

/// Whether the candidates may get their tags. They all may, or none does.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a candidate that is tagged without this may be a bad one"]
pub enum Admission {
    /// They may.
    Admitted,
    /// Not yet.
    Held {
        /// Every reason, with its component.
        reasons: Vec<String>,
        /// When to ask again.
        until: Timestamp,
    },
    /// None may.
    Refused {
        /// Every reason, with its component.
        reasons: Vec<String>,
    },
}

/// Judges the verdicts on all candidates of one release. A candidate that no gate has judged is refused.
///
/// Any refusal refuses; otherwise the longest hold holds.
pub fn admit(candidates: &[ComponentName], verdicts: &[PublishVerdict]) -> Admission {
    let is_judged = |component: &&ComponentName| verdicts.iter().any(|verdict| verdict.component == **component);
    let unjudged = candidates.iter().filter(|component| !is_judged(component));
    let mut refused: Vec<String> = unjudged.map(|component| format!("{component}: no gate has judged it")).collect();
    let (mut held, mut latest) = (Vec::new(), Timestamp::MIN);
    for PublishVerdict { component, ruling, .. } in verdicts {
        match ruling {
            Ruling::Passed => {}
            Ruling::Refused { why } => refused.push(format!("{component}: {why}")),
            Ruling::Held { why, until } => {
                held.push(format!("{component}: {why}"));
                latest = latest.max(*until);
            }
        }
    }
    match (refused.is_empty(), held.is_empty()) {
        (false, _) => Admission::Refused { reasons: refused },
        (true, false) => Admission::Held { reasons: held, until: latest },
        (true, true) => Admission::Admitted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> ComponentName {
        name.parse().unwrap()
    }

    fn verdict(component: &str, ruling: Ruling) -> PublishVerdict {
        PublishVerdict { component: name(component), gate: GateName::Scan, ruling }
    }

    fn refused(why: &str) -> Ruling {
        Ruling::Refused { why: why.to_owned() }
    }

    fn held(until: &str) -> Ruling {
        Ruling::Held { why: "not scanned yet".to_owned(), until: until.parse().unwrap() }
    }

    fn check(candidates: &[&str], verdicts: &[PublishVerdict], expected: &str) {
        let candidates: Vec<ComponentName> = candidates.iter().map(|candidate| name(candidate)).collect();
        let said = match admit(&candidates, verdicts) {
            Admission::Admitted => "admitted".to_owned(),
            Admission::Held { reasons, until } => format!("held until {until}: {}", reasons.join("; ")),
            Admission::Refused { reasons } => format!("refused: {}", reasons.join("; ")),
        };
        assert_eq!(said, expected);
    }

    #[test]
    fn one_refusal_refuses_all() {
        let good = verdict("web", Ruling::Passed);
        check(&["web", "worker"], &[good.clone(), verdict("worker", Ruling::Passed)], "admitted");
        check(&["web", "worker"], &[good, verdict("worker", refused("gone"))], "refused: worker: gone");
    }

    #[test]
    fn what_nobody_has_judged_is_refused() {
        check(&["web"], &[], "refused: web: no gate has judged it");
    }

    #[test]
    fn the_longest_hold_holds_unless_something_refuses() {
        let (first, second) =
            (verdict("web", held("2026-03-02T12:00:00Z")), verdict("worker", held("2026-03-02T12:05:00Z")));
        let both = "held until 2026-03-02T12:05:00Z: web: not scanned yet; worker: not scanned yet";
        check(&["web", "worker"], &[first.clone(), second], both);
        check(&["web", "worker"], &[first, verdict("worker", refused("bad"))], "refused: worker: bad");
    }
}
