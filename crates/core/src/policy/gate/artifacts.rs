//! The gate of the artifacts: the release must hold one for every component of the environment.

use crate::policy::{Question, Reason};

pub(in crate::policy) fn judge(question: &Question<'_>) -> Vec<Reason> {
    let Some(release) = question.release else {
        return Vec::new();
    };
    let (services, sites) = (&question.environment.services, &question.environment.sites);
    let without_image = services.keys().filter(|component| release.image(component).is_none());
    let without_files = sites.keys().filter(|component| release.site(component).is_none());
    let missing = without_image.chain(without_files);
    let reasons: Vec<Reason> =
        missing.map(|component| Reason::ArtifactMissing { component: component.clone() }).collect();
    if reasons.is_empty() {
        return vec![Reason::ArtifactsComplete { components: services.len() + sites.len() }];
    }
    reasons
}
