//! The gate of the scan: every image that the environment would run must have been scanned, and what was found must be
//! within the environment's rules.
//!
//! An index has a reason for each of its images that was scanned: the worst decides. What nobody could scan is neither
//! good nor bad, and the rules say what becomes of it.

use jiff::{SignedDuration, Timestamp};

use crate::{
    config::Environment,
    identifier::ComponentName,
    policy::{Decision, Facts, Question, Reason, reason::WhenUnscanned},
    scan::{self, Rules, Scan, Unscanned, Verdict},
};

/// After how long somebody who is held asks again.
const ASK_AGAIN: SignedDuration = SignedDuration::from_mins(5);

pub(in crate::policy) fn judge(question: &Question<'_>) -> Vec<Reason> {
    let Some(release) = question.release else {
        return Vec::new();
    };
    let components = question.environment.services.keys().filter(|component| release.image(component).is_some());
    let decision = decide_scans(question.environment, components, question.facts, question.now);
    decision.map(|decision| decision.reasons).unwrap_or_default()
}

/// What the environment's rules make of the scans of these components; nothing where it has no such rules.
///
/// It looks at nothing else that policy looks at.
pub fn decide_scans<'a>(
    environment: &Environment,
    components: impl Iterator<Item = &'a ComponentName>,
    facts: &Facts,
    now: Timestamp,
) -> Option<Decision> {
    let rules = environment.scan.as_ref()?;
    let of_component = |component: &'a ComponentName| {
        decide_scan(component, facts.scans.get(component).map(Vec::as_slice).unwrap_or_default(), rules, now)
    };
    Some(Decision::of(None, components.flat_map(|component| of_component(component).reasons).collect()))
}

/// What these rules make of the scans of one component's image, wherever it is to go.
pub fn decide_scan(component: &ComponentName, scans: &[Scan], rules: &Rules, now: Timestamp) -> Decision {
    Decision::of(None, of_component(component, scans, rules, now))
}

fn of_component(component: &ComponentName, scans: &[Scan], rules: &Rules, now: Timestamp) -> Vec<Reason> {
    match scans {
        [] => vec![unscanned(component, "nobody looked whether it was scanned".to_owned(), rules, now)],
        scans => scans.iter().map(|scan| of_image(component, scan, rules, now)).collect(),
    }
}

fn of_image(component: &ComponentName, scan: &Scan, rules: &Rules, now: Timestamp) -> Reason {
    let component_name = component.clone();
    match scan {
        Scan::Unknown { image, why } => unscanned(component, format!("{image}: {why}"), rules, now),
        Scan::Reported { report } => match scan::judge(report, rules, now) {
            Verdict::Passed { scan } => Reason::ScanPassed { component: component_name, scan: Box::new(scan) },
            Verdict::Failed { scan, over, expired } => {
                Reason::ScanFailed { component: component_name, scan: Box::new(scan), over, expired }
            }
            Verdict::CannotTell { why } => unscanned(component, format!("{}: {why}", report.image), rules, now),
        },
    }
}

fn unscanned(component: &ComponentName, why: String, rules: &Rules, now: Timestamp) -> Reason {
    let then = match rules.unscanned {
        Unscanned::Refuse => WhenUnscanned::Refused,
        Unscanned::Allow => WhenUnscanned::Allowed,
        Unscanned::Hold => WhenUnscanned::Held { until: now.checked_add(ASK_AGAIN).unwrap_or(Timestamp::MAX) },
    };
    Reason::NotScanned { component: component.clone(), why, then }
}
