//! The order of things: build, bring the bytes to the registry under no name, let the gates judge them, make the
//! release, tag, and move the moving tags last of all.
//!
//! The release comes before its tags: it is what makes a second run know that nothing is to be built again. A tag that
//! is on another image stops the run before the release is made.

use std::{collections::BTreeMap, sync::Arc};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::{
    build::{Admission, BuildPlan, ComponentBuild, admit},
    config::Application,
    identifier::{ComponentName, ImageReference},
    ledger::{Creation, Releases, ReleasesError},
    ports::{Builder, Clock, ImageLayout, Images, Store},
    release::{Attestation, NewRelease, Release},
};

use super::{
    publish::{self, Candidate},
    report::{BuildFailure, BuildNotice, BuildObserver, BuildReport},
};

/// What a build works with.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "ports are trait objects without Debug")]
pub struct Workshop {
    /// What builds.
    pub builder: Arc<dyn Builder>,
    /// The registry that is published to.
    pub images: Arc<dyn Images>,
    /// The releases.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl Workshop {
    /// Builds what is planned, and makes a release of it and of the images that are given.
    ///
    /// Run again after whatever cut it off, it goes on: a release of the same commit that is there is not built again,
    /// layers that are there are not sent again, tags that are set stay.
    ///
    /// # Errors
    /// Any. No tag names an image of this run before all of them are built, published and admitted.
    pub async fn build(
        &self,
        application: &Application,
        plan: &BuildPlan,
        given: BTreeMap<ComponentName, ImageReference>,
        by: &str,
        observer: &dyn BuildObserver,
    ) -> Result<BuildReport, BuildFailure> {
        let (release, was_there) = match self.there(plan).await? {
            Some(release) => {
                observer.notice(&BuildNotice::ReleaseThere { version: release.version.clone() });
                (release, true)
            }
            None => self.make(application, plan, given, by, observer).await?,
        };
        let components = publish::tag_all(&*self.images, plan, &release, observer).await?;
        Ok(BuildReport { release, was_there, components })
    }

    /// The release of this version, where it was made of this commit before.
    async fn there(&self, plan: &BuildPlan) -> Result<Option<Release>, BuildFailure> {
        let (version, here) = (&plan.checkout.version, &plan.checkout.commit);
        match Releases::new(&*self.store).get(version).await {
            Ok(release) if release.commit == *here => Ok(Some(release)),
            Ok(release) => {
                Err(BuildFailure::OtherCommit { version: version.clone(), there: release.commit, here: here.clone() })
            }
            Err(ReleasesError::Missing(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn make(
        &self,
        application: &Application,
        plan: &BuildPlan,
        given: BTreeMap<ComponentName, ImageReference>,
        by: &str,
        observer: &dyn BuildObserver,
    ) -> Result<(Release, bool), BuildFailure> {
        let candidates = self.candidates(application, plan, observer).await?;
        self.judge(&candidates, observer).await?;
        publish::require_free_tags(&*self.images, plan, &candidates).await?;
        let built = candidates.iter().map(|candidate| (candidate.component.clone(), candidate.image.clone()));
        let draft = NewRelease {
            app: application.app.clone(),
            version: plan.checkout.version.clone(),
            commit: plan.checkout.commit.clone(),
            images: given.into_iter().chain(built).collect(),
        };
        let release = draft.create(application, self.clock.now(), by)?.with_attestations(attestations(&candidates));
        match Releases::new(&*self.store).create(&release).await? {
            Creation::Created => {
                observer.notice(&BuildNotice::ReleaseCreated { version: release.version.clone() });
                Ok((release, false))
            }
            Creation::AlreadyThere(there) => Ok((*there, true)),
        }
    }

    /// Every component built and published under no tag, several at once. The first failure ends them all.
    async fn candidates(
        &self,
        application: &Application,
        plan: &BuildPlan,
        observer: &dyn BuildObserver,
    ) -> Result<Vec<Candidate>, BuildFailure> {
        let each = plan.components.iter().map(|component| self.candidate(component, observer));
        stream::iter(each).buffer_unordered(application.build.parallel.max(1)).try_collect().await
    }

    async fn candidate(&self, build: &ComponentBuild, observer: &dyn BuildObserver) -> Result<Candidate, BuildFailure> {
        let component = &build.request.component;
        observer.notice(&BuildNotice::Building { component: component.clone(), tool: self.builder.tool() });
        let made = self.builder.build(&build.request, observer).await?;
        let digest = made.content.root.digest.clone();
        observer.notice(&BuildNotice::Built { component: component.clone(), digest: digest.clone() });
        let layout = ImageLayout { folder: made.folder, digest };
        let published = self.images.upload(&layout, &build.repository).await;
        let published = published.map_err(|source| BuildFailure::Publish {
            component: component.clone(),
            what: "the image did not come to its registry; nothing was published under any tag",
            source,
        })?;
        let (image, blobs) = (published.image, published.blobs);
        observer.notice(&BuildNotice::Candidate { component: component.clone(), image: image.clone(), blobs });
        Ok(Candidate { component: component.clone(), image, attestations: made.content.attestations })
    }

    /// Lets every gate judge every candidate.
    async fn judge(&self, candidates: &[Candidate], observer: &dyn BuildObserver) -> Result<(), BuildFailure> {
        let verdicts = publish::verdicts(&*self.images, candidates).await?;
        let components: Vec<ComponentName> = candidates.iter().map(|candidate| candidate.component.clone()).collect();
        match admit(&components, &verdicts) {
            Admission::Admitted => {
                observer.notice(&BuildNotice::Admitted);
                Ok(())
            }
            Admission::Refused { reasons } => Err(BuildFailure::Refused { reasons }),
        }
    }
}

fn attestations(candidates: &[Candidate]) -> BTreeMap<ComponentName, Vec<Attestation>> {
    candidates.iter().map(|candidate| (candidate.component.clone(), candidate.attestations.clone())).collect()
}
