//! The gate of the signature: every image that the environment would run must have been signed by whom the environment
//! names.
//!
//! An index is signed as a whole: its digest stands for all of its images. What could not be asked or verified stops a
//! release like what is not signed, with a reason of its own.

use crate::{
    config::Environment,
    identifier::{ComponentName, Digest},
    policy::{Decision, Facts, Question, Reason},
    release::Release,
    signature::{self, Rules, Verdict},
};

pub(in crate::policy) fn judge(question: &Question<'_>) -> Vec<Reason> {
    let Some(release) = question.release else {
        return Vec::new();
    };
    decide_signatures(question.environment, release, question.facts)
        .map(|decision| decision.reasons)
        .unwrap_or_default()
}

/// What the environment makes of the signatures of the release's images; nothing where it demands none.
///
/// It looks at nothing else that policy looks at.
pub fn decide_signatures(environment: &Environment, release: &Release, facts: &Facts) -> Option<Decision> {
    let rules = environment.signed.as_ref()?;
    let images = environment.services.keys().filter_map(|component| Some((component, release.image(component)?)));
    let reasons = images.map(|(component, image)| of_component(component, image.digest(), rules, facts));
    Some(Decision::of(None, reasons.collect()))
}

fn of_component(component: &ComponentName, image: &Digest, rules: &Rules, facts: &Facts) -> Reason {
    let (component, image) = (component.clone(), image.clone());
    let evidence = facts.signatures.get(&component).map(Vec::as_slice).unwrap_or_default();
    match signature::judge(evidence, rules) {
        Verdict::Signed { signature } => Reason::Signed { component, image, signature },
        Verdict::ByOther { others } => {
            let wanted = rules.by.iter().map(ToString::to_string).collect();
            Reason::SignedByOther { component, image, wanted, others }
        }
        Verdict::Unverified { why } => Reason::SignatureUnverified { component, image, why },
        Verdict::Unknown { why } => Reason::SignatureUnknown { component, image, why },
        Verdict::Unsigned { looked } => Reason::NotSigned { component, image, looked },
    }
}
