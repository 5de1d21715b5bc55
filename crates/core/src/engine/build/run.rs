//! The order of things: build, bring the bytes to the registry under no name, let the gates judge them, make the
//! release, tag, and move the moving tags last of all.
//!
//! The release comes before its tags: it is what makes a second run know that nothing is to be built again. A tag that
//! is on another image stops the run before the release is made.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::{
    build::{Admission, BuildPlan, ComponentBuild, Content, admit},
    config::Application,
    identifier::{ComponentName, ImageReference},
    ledger::{Creation, Releases, ReleasesError},
    policy::Reason,
    ports::{Builder, Clock, ImageLayout, ImageScanner, Images, Scans, Store},
    release::{Attestation, NewRelease, Release},
    site::SiteDigest,
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
    /// That registry's own scanner.
    pub scans: Arc<dyn Scans>,
    /// The scanner that the rules want to be run; nothing where they want none.
    pub scanner: Option<Arc<dyn ImageScanner>>,
    /// The releases.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// How long one question to the registry may take.
    pub call_deadline: Duration,
}

/// What a release has that is not built here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// Images that are there.
    pub images: BTreeMap<ComponentName, ImageReference>,
    /// Sites that are kept.
    pub sites: BTreeMap<ComponentName, SiteDigest>,
}

impl Workshop {
    /// Builds what is planned, and makes a release of it and of what is given.
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
        given: Given,
        by: &str,
        observer: &dyn BuildObserver,
    ) -> Result<BuildReport, BuildFailure> {
        let Made { release, was_there, scans } = match self.there(plan).await? {
            Some(release) => {
                observer.notice(&BuildNotice::ReleaseThere { version: release.version.clone() });
                Made { release, was_there: true, scans: BTreeMap::new() }
            }
            None => self.make(application, plan, given, by, observer).await?,
        };
        let components = publish::tag_all(&*self.images, plan, &release, observer).await?;
        Ok(BuildReport { release, was_there, scans, components })
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
        given: Given,
        by: &str,
        observer: &dyn BuildObserver,
    ) -> Result<Made, BuildFailure> {
        let candidates = self.candidates(application, plan, observer).await?;
        let scans = self.judge(application, &candidates, by, observer).await?;
        publish::require_free_tags(&*self.images, plan, &candidates).await?;
        let built = candidates.iter().map(|candidate| (candidate.component.clone(), candidate.image.clone()));
        let draft = NewRelease {
            app: application.app.clone(),
            version: plan.checkout.version.clone(),
            commit: plan.checkout.commit.clone(),
            images: given.images.into_iter().chain(built).collect(),
            sites: given.sites,
        };
        let release = draft.create(application, self.clock.now(), by)?.with_attestations(attestations(&candidates));
        match Releases::new(&*self.store).create(&release).await? {
            Creation::Created => {
                observer.notice(&BuildNotice::ReleaseCreated { version: release.version.clone() });
                Ok(Made { release, was_there: false, scans })
            }
            Creation::AlreadyThere(there) => Ok(Made { release: *there, was_there: true, scans }),
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
        let Content { images, attestations, .. } = made.content;
        Ok(Candidate { component: component.clone(), image, attestations, folder: layout.folder, images })
    }

    /// Lets every gate judge every candidate, and says what the scans came to.
    async fn judge(
        &self,
        application: &Application,
        candidates: &[Candidate],
        by: &str,
        observer: &dyn BuildObserver,
    ) -> Result<BTreeMap<ComponentName, Vec<Reason>>, BuildFailure> {
        let (mut verdicts, mut scans) = (Vec::new(), BTreeMap::new());
        for candidate in candidates {
            verdicts.push(publish::arrived(&*self.images, candidate).await?);
            if let Some(rules) = &application.build.scan {
                let judged = self.scanned(rules, candidate, by, observer).await;
                verdicts.push(judged.verdict);
                scans.insert(candidate.component.clone(), judged.reasons);
            }
        }
        let components: Vec<ComponentName> = candidates.iter().map(|candidate| candidate.component.clone()).collect();
        match admit(&components, &verdicts) {
            Admission::Admitted => {
                observer.notice(&BuildNotice::Admitted);
                Ok(scans)
            }
            Admission::Held { reasons, until } => Err(BuildFailure::Held { reasons, until }),
            Admission::Refused { reasons } => Err(BuildFailure::Refused { reasons }),
        }
    }
}

/// A release, and how it came about.
struct Made {
    release: Release,
    was_there: bool,
    scans: BTreeMap<ComponentName, Vec<Reason>>,
}

fn attestations(candidates: &[Candidate]) -> BTreeMap<ComponentName, Vec<Attestation>> {
    candidates.iter().map(|candidate| (candidate.component.clone(), candidate.attestations.clone())).collect()
}
