//! Candidates, the verdicts on them, and their tags.
//!
//! A candidate is bytes in a registry under no name that anybody deploys. Whether they arrived is asked here; what
//! scanners say of them is `scan`'s business.

use std::{collections::BTreeMap, path::PathBuf};

use crate::{
    build::{BuildPlan, ComponentBuild, GateName, PublishVerdict, Ruling},
    identifier::{ComponentName, Digest, ImageReference, TagName, TaggedImage},
    ports::{CallError, ImagePresence, Images, PublishError, WhenTaken},
    release::{Attestation, Release},
};

use super::report::{BuildFailure, BuildNotice, BuildObserver, ComponentReport, TagReport};

/// An image in its repository, under no tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) component: ComponentName,
    pub(super) image: ImageReference,
    pub(super) attestations: Vec<Attestation>,
    /// Where its layout is on this machine.
    pub(super) folder: PathBuf,
    /// The images that it consists of: itself, or those of the index.
    pub(super) images: Vec<Digest>,
}

/// Whether the registry has it by its digest, by its own word.
pub(super) async fn arrived(images: &dyn Images, candidate: &Candidate) -> Result<PublishVerdict, BuildFailure> {
    let presence = images.presence(&candidate.image).await.map_err(asking(&candidate.component))?;
    let refusal = match presence {
        ImagePresence::Present => None,
        ImagePresence::Missing => Some(format!("{} is not in its registry", candidate.image)),
        ImagePresence::NotPullable(state) => Some(format!("{} is {state} in its registry", candidate.image)),
        ImagePresence::CannotTell(why) => Some(format!("whether {} is there cannot be told: {why}", candidate.image)),
    };
    let ruling = refusal.map_or(Ruling::Passed, |why| Ruling::Refused { why });
    Ok(PublishVerdict { component: candidate.component.clone(), gate: GateName::Arrived, ruling })
}

/// Makes sure that no tag that stays is on another image, before the first of them is set.
pub(super) async fn require_free_tags(
    images: &dyn Images,
    plan: &BuildPlan,
    candidates: &[Candidate],
) -> Result<(), BuildFailure> {
    for candidate in candidates {
        let Some(build) = plan.components.iter().find(|build| build.request.component == candidate.component) else {
            continue;
        };
        for tag in &build.tags {
            require_free(images, candidate, tag).await?;
        }
    }
    Ok(())
}

async fn require_free(images: &dyn Images, candidate: &Candidate, tag: &TagName) -> Result<(), BuildFailure> {
    let tag = TaggedImage { repository: candidate.image.repository().clone(), tag: tag.clone() };
    let found = images.resolve(&tag).await.map_err(asking(&candidate.component))?;
    let wanted = candidate.image.digest().clone();
    match found.filter(|found| *found != wanted) {
        None => Ok(()),
        Some(found) => Err(BuildFailure::Publish {
            component: candidate.component.clone(),
            what: "a tag is on another image; no tag was set and no release was made",
            source: PublishError::TagTaken { tag, wanted, found },
        }),
    }
}

fn asking(component: &ComponentName) -> impl Fn(CallError) -> BuildFailure {
    move |source| BuildFailure::Registry { component: component.clone(), source }
}

/// Sets the tags of all components, and then moves those that move.
pub(super) async fn tag_all(
    images: &dyn Images,
    plan: &BuildPlan,
    release: &Release,
    observer: &dyn BuildObserver,
) -> Result<BTreeMap<ComponentName, ComponentReport>, BuildFailure> {
    let mut reports: BTreeMap<ComponentName, ComponentReport> = BTreeMap::new();
    for when_taken in [WhenTaken::Refuse, WhenTaken::Move] {
        for (build, image) in plan.components.iter().filter_map(|build| image_of(build, release)) {
            let component = &build.request.component;
            let report = reports.entry(component.clone());
            let report = report.or_insert_with(|| ComponentReport { image: image.clone(), tags: Vec::new() });
            for tag in tags(build, when_taken) {
                report.tags.push(set(images, component, &image, tag, when_taken, observer).await?);
            }
        }
    }
    Ok(reports)
}

fn tags(build: &ComponentBuild, when_taken: WhenTaken) -> &[TagName] {
    match when_taken {
        WhenTaken::Refuse => &build.tags,
        WhenTaken::Move => &build.moving_tags,
    }
}

/// The release's image of a component that is built here, where it is published.
fn image_of<'a>(build: &'a ComponentBuild, release: &Release) -> Option<(&'a ComponentBuild, ImageReference)> {
    let image = release.image(&build.request.component)?;
    Some((build, ImageReference::new(build.repository.clone(), image.digest().clone())))
}

async fn set(
    images: &dyn Images,
    component: &ComponentName,
    image: &ImageReference,
    tag: &TagName,
    when_taken: WhenTaken,
    observer: &dyn BuildObserver,
) -> Result<TagReport, BuildFailure> {
    let tagged = images.tag(image, tag, when_taken).await;
    let tagged =
        tagged.map_err(|source| BuildFailure::NotTagged { component: component.clone(), tag: tag.clone(), source })?;
    let tag = TagReport::of(tag, tagged);
    observer.notice(&BuildNotice::Tagged { image: image.clone(), tag: tag.clone() });
    Ok(tag)
}
