//! [`FakeScanner`]: a scanner whose reports are put there.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Mutex,
};

use async_trait::async_trait;

use crate::{
    identifier::{ComponentName, Digest},
    ports::{BuildOutput, ImageScanner, ScanTarget, ScannerError, ScannerReport},
    scan::Scanner,
};

use super::mishap::locked;

/// A Trivy that writes what a test says. For an image that has nothing it writes no report.
#[derive(Debug, Default)]
pub struct FakeScanner {
    reports: Mutex<BTreeMap<Digest, ScannerReport>>,
    failures: Mutex<VecDeque<ScannerError>>,
    scanned: Mutex<Vec<Digest>>,
}

impl FakeScanner {
    /// A scanner that writes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// What it writes of that image.
    pub fn report(&self, image: &Digest, document: &[u8]) {
        locked(&self.reports).insert(image.clone(), ScannerReport { document: document.to_vec(), database: None });
    }

    /// The next scan fails so.
    pub fn fail(&self, error: ScannerError) {
        locked(&self.failures).push_back(error);
    }

    /// What was scanned so far, in order.
    pub fn scanned(&self) -> Vec<Digest> {
        locked(&self.scanned).clone()
    }
}

#[async_trait]
impl ImageScanner for FakeScanner {
    fn scanner(&self) -> Scanner {
        Scanner::Trivy
    }

    async fn scan(
        &self,
        component: &ComponentName,
        target: &ScanTarget,
        output: &dyn BuildOutput,
    ) -> Result<ScannerReport, ScannerError> {
        output.line(component, "scanning");
        if let Some(failure) = locked(&self.failures).pop_front() {
            return Err(failure);
        }
        let image = match target {
            ScanTarget::Layout(layout) => &layout.digest,
            ScanTarget::Registry(image) => image.digest(),
        };
        locked(&self.scanned).push(image.clone());
        let nothing = || ScannerError::NoReport { scanner: Scanner::Trivy, tail: Vec::new() };
        locked(&self.reports).get(image).cloned().ok_or_else(nothing)
    }
}
