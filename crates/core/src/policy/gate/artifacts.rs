//! The gate of the artifacts: the release must hold one for every component of the environment.

use crate::policy::{Question, Reason};

pub(in crate::policy) fn judge(question: &Question<'_>) -> Vec<Reason> {
    let Some(release) = question.release else {
        return Vec::new();
    };
    let components = question.environment.services.keys();
    let missing = components.filter(|component| release.image(component).is_none());
    let reasons: Vec<Reason> =
        missing.map(|component| Reason::ArtifactMissing { component: component.clone() }).collect();
    if reasons.is_empty() {
        return vec![Reason::ArtifactsComplete { components: question.environment.services.len() }];
    }
    reasons
}
