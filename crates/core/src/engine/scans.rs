//! What is known of the scans of a release's images: kept reports, or the registry's own scanner, asked until it has
//! ended or its time is over.
//!
//! Nothing is judged here, and what cannot be told is an answer with its reason.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    config::Environment,
    identifier::{ComponentName, Digest, ImageReference, Repository},
    ledger::{Reports, ReportsError},
    ports::{Answer, CallError, Clock, Fault, Images, Scans, Store},
    release::Release,
    scan::{Origin, Rules, Scan},
};

use super::{
    call,
    world::{Interrupt, World},
};

/// How often a scan that goes on is asked for.
const EVERY: Duration = Duration::from_secs(5);

/// Looks up the scans of a release for an environment; nothing where the environment does not look at scans.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "a world is ports without Debug")]
pub struct ScanSearch<'a> {
    /// The ports.
    pub world: &'a World,
    /// The environment.
    pub environment: &'a Environment,
    /// How long any one call may take before it is given up.
    pub call_deadline: Duration,
    /// The word to stop, which ends waiting for a scan.
    pub interrupt: &'a Interrupt,
}

/// Looks up the scans of one image, whoever asks.
#[derive(Clone, Copy)]
pub(super) struct ScanLook<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) images: &'a dyn Images,
    pub(super) scans: &'a dyn Scans,
    pub(super) clock: &'a dyn Clock,
    pub(super) call_deadline: Duration,
    pub(super) interrupt: &'a Interrupt,
}

impl ScanSearch<'_> {
    /// What is known of each component's image.
    pub async fn of(&self, release: &Release) -> BTreeMap<ComponentName, Vec<Scan>> {
        let mut scans = BTreeMap::new();
        let Some(rules) = &self.environment.scan else {
            return scans;
        };
        for (component, service) in &self.environment.services {
            if let Some(image) = release.image(component) {
                scans.insert(component.clone(), self.look().of_image(rules, image, service.repository.as_ref()).await);
            }
        }
        scans
    }

    fn look(&self) -> ScanLook<'_> {
        ScanLook {
            store: &*self.world.store,
            images: &*self.world.images,
            scans: &*self.world.scans,
            clock: &*self.world.clock,
            call_deadline: self.call_deadline,
            interrupt: self.interrupt,
        }
    }
}

impl ScanLook<'_> {
    /// What is known of the image; its bytes may be in another repository too.
    pub(super) async fn of_image(
        &self,
        rules: &Rules,
        image: &ImageReference,
        other: Option<&Repository>,
    ) -> Vec<Scan> {
        match rules.from {
            Origin::Reports => self.kept(image).await,
            Origin::Ecr => {
                let there = other.map(|other| ImageReference::new(other.clone(), image.digest().clone()));
                self.of_registry(rules, image, there.filter(|there| there != image)).await
            }
        }
    }

    /// The newest report on the image and, where it is an index, on each of its images. A report on the index itself
    /// speaks for those that have none; without one, each must have its own.
    async fn kept(&self, image: &ImageReference) -> Vec<Scan> {
        let own = self.newest(image.digest()).await;
        let mut of_images = Vec::new();
        let children = match self.children(image).await {
            Ok(children) => children,
            // A registry that nobody can look into tells of no images: then the report on the whole must do.
            Err(error) if error.fault == Fault::Rejected => Vec::new(),
            // One that did not answer may hold an image on which there is a bad report.
            Err(error) => {
                let why = format!("which images it consists of could not be asked: {error}");
                return vec![Scan::Unknown { image: image.digest().clone(), why }];
            }
        };
        for child in children {
            of_images.push(self.newest(&child).await);
        }
        let is_reported = |scan: &Scan| matches!(scan, Scan::Reported { .. });
        if is_reported(&own) {
            of_images.retain(is_reported);
            return [vec![own], of_images].concat();
        }
        if of_images.iter().any(is_reported) { of_images } else { vec![own] }
    }

    async fn newest(&self, image: &Digest) -> Scan {
        let unknown = |why: String| Scan::Unknown { image: image.clone(), why };
        match Reports::new(self.store).newest(image).await {
            Ok(Some(kept)) => Scan::reported(kept.report),
            Ok(None) => unknown("no report on it was handed in".to_owned()),
            Err(ReportsError::Store(error)) => unknown(error.to_string()),
            Err(error @ ReportsError::Damaged { .. }) => unknown(error.to_string()),
        }
    }

    /// The registry's scans of the image, or of the images of the index. The bytes are where the release names them, or
    /// in the environment's own repository.
    async fn of_registry(&self, rules: &Rules, image: &ImageReference, elsewhere: Option<ImageReference>) -> Vec<Scan> {
        let mut scans = self.in_repository(rules, image).await;
        let are_reported = |scans: &[Scan]| scans.iter().all(|scan| matches!(scan, Scan::Reported { .. }));
        if let Some(other) = elsewhere.filter(|_| !are_reported(&scans)) {
            let others = self.in_repository(rules, &other).await;
            if are_reported(&others) {
                scans = others;
            }
        }
        scans
    }

    async fn in_repository(&self, rules: &Rules, image: &ImageReference) -> Vec<Scan> {
        let images = match self.children(image).await {
            Ok(children) if children.is_empty() => vec![image.clone()],
            Ok(children) => {
                children.into_iter().map(|child| ImageReference::new(image.repository().clone(), child)).collect()
            }
            Err(error) => return vec![Scan::Unknown { image: image.digest().clone(), why: error.to_string() }],
        };
        let mut scans = Vec::new();
        let mut waited = Duration::ZERO;
        for image in &images {
            scans.push(self.ended(image, rules.wait, &mut waited).await);
        }
        scans
    }

    /// The scan once it has ended; all images of an index share the time that is waited.
    async fn ended(&self, image: &ImageReference, wait: Duration, waited: &mut Duration) -> Scan {
        let unknown = |why: String| Scan::Unknown { image: image.digest().clone(), why };
        loop {
            let asked = self.read("ecr:DescribeImageScanFindings", self.scans.scan(image)).await;
            let state = match asked {
                Ok(Answer::Ended(report)) => return Scan::Reported { report },
                Ok(Answer::GoesOn(state)) => format!("its scan is not over: {state}"),
                Ok(Answer::NotThere) => "the registry knows of no scan of it".to_owned(),
                Err(error) => return unknown(error.to_string()),
            };
            if *waited >= wait || self.interrupt.is_given() {
                return unknown(state);
            }
            let pause = EVERY.min(wait.saturating_sub(*waited));
            self.clock.sleep(pause).await;
            *waited += pause;
        }
    }

    async fn children(&self, image: &ImageReference) -> Result<Vec<Digest>, CallError> {
        self.read("ecr:BatchGetImage", self.images.children(image)).await
    }

    async fn read<T>(
        &self,
        operation: &str,
        call: impl Future<Output = Result<T, CallError>> + Send,
    ) -> Result<T, CallError> {
        call::read(self.clock, self.call_deadline, operation, call).await
    }
}
