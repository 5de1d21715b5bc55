//! The scan gate of a build: what scanners say of each candidate, and what the rules make of it.
//!
//! A scanner that could not be run says nothing about the image: that is a verdict of its own, and the rules decide.

use std::path::Path;

use crate::{
    build::{GateName, PublishVerdict, Ruling},
    engine::{Interrupt, scans::ScanLook},
    identifier::{ComponentName, Digest},
    ledger::Reports,
    policy::{self, Decision, Outcome, Reason, Verdict},
    ports::{BuildOutput, Clock, ImageLayout, ImageScanner, ScanTarget, Store},
    scan::{PublishRules, Scan, handed},
};

use super::{
    publish::Candidate,
    report::{BuildNotice, BuildObserver},
    run::Workshop,
};

/// Runs a scanner on images, and keeps what it reports.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "ports are trait objects without Debug")]
pub struct ScanRun<'a> {
    /// What is run.
    pub scanner: &'a dyn ImageScanner,
    /// Where reports are kept; nothing where they are not.
    pub store: Option<&'a dyn Store>,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Who runs it.
    pub by: &'a str,
    /// Who hears what it prints.
    pub output: &'a dyn BuildOutput,
}

impl ScanRun<'_> {
    /// What it says of each of these images of a layout.
    pub async fn layout(&self, component: &ComponentName, folder: &Path, images: &[Digest]) -> Vec<Scan> {
        let mut scans = Vec::new();
        for image in images {
            let target = ScanTarget::Layout(ImageLayout { folder: folder.to_owned(), digest: image.clone() });
            scans.push(self.target(component, &target, image).await);
        }
        scans
    }

    /// What it says of one image.
    pub async fn target(&self, component: &ComponentName, target: &ScanTarget, image: &Digest) -> Scan {
        let unknown = |why: String| Scan::Unknown { image: image.clone(), why };
        let written = match self.scanner.scan(component, target, self.output).await {
            Ok(written) => written,
            Err(error) => return unknown(error.to_string()),
        };
        let kept = match handed(&written, image, self.by, self.clock.now()) {
            Ok(kept) => kept,
            Err(error) => return unknown(format!("what {} wrote cannot be used: {error}", self.scanner.scanner())),
        };
        if let Some(store) = self.store
            && let Err(error) = Reports::new(store).keep(&kept).await
        {
            return unknown(format!("its report could not be kept: {error}"));
        }
        Scan::reported(kept.report)
    }
}

/// What the rules make of one candidate, for the gate and for people.
pub(super) struct Judged {
    pub(super) verdict: PublishVerdict,
    pub(super) reasons: Vec<Reason>,
}

impl Workshop {
    /// What the scans of a candidate come to.
    pub(super) async fn scanned(
        &self,
        rules: &PublishRules,
        candidate: &Candidate,
        by: &str,
        observer: &dyn BuildObserver,
    ) -> Judged {
        let scans = self.scans(rules, candidate, by, observer).await;
        let decision = policy::decide_scan(&candidate.component, &scans, &rules.rules, self.clock.now());
        for reason in &decision.reasons {
            let (component, reason) = (candidate.component.clone(), Box::new(reason.clone()));
            observer.notice(&BuildNotice::Scanned { component, reason });
        }
        let verdict =
            PublishVerdict { component: candidate.component.clone(), gate: GateName::Scan, ruling: ruling(&decision) };
        Judged { verdict, reasons: decision.reasons }
    }

    async fn scans(
        &self,
        rules: &PublishRules,
        candidate: &Candidate,
        by: &str,
        observer: &dyn BuildObserver,
    ) -> Vec<Scan> {
        let Some(program) = rules.run else {
            let look = ScanLook {
                store: &*self.store,
                images: &*self.images,
                scans: &*self.scans,
                clock: &*self.clock,
                call_deadline: self.call_deadline,
                interrupt: &Interrupt::default(),
            };
            return look.of_image(&rules.rules, &candidate.image, None).await;
        };
        let component = &candidate.component;
        let Some(scanner) = self.scanner.as_deref().filter(|scanner| scanner.scanner() == program) else {
            let why = format!("{program} was not run");
            return vec![Scan::Unknown { image: candidate.image.digest().clone(), why }];
        };
        observer.notice(&BuildNotice::Scanning { component: component.clone(), scanner: program });
        let run = ScanRun { scanner, store: Some(&*self.store), clock: &*self.clock, by, output: observer };
        run.layout(component, &candidate.folder, &candidate.images).await
    }
}

fn ruling(decision: &Decision) -> Ruling {
    let said = |wanted: fn(&Outcome) -> bool| {
        let reasons = decision.reasons.iter().filter(|reason| wanted(&reason.outcome()));
        reasons.map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    match decision.verdict {
        Verdict::Allowed => Ruling::Passed,
        Verdict::Held { until } => Ruling::Held { why: said(|outcome| matches!(outcome, Outcome::Hold { .. })), until },
        Verdict::Refused | Verdict::Ignored | Verdict::PublishOnly => {
            Ruling::Refused { why: said(|outcome| *outcome == Outcome::Refuse) }
        }
    }
}
