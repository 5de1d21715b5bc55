//! What becomes of an image's scan, as a scenario says: how long it takes, how it ends, and what it finds.
//!
//! An image that nobody describes is scanned in half a minute, and nothing is found.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The scan of an image, or of every image of a repository.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ScanSpec {
    /// The only account; absent means any.
    pub account: Option<String>,
    /// The only region; absent means any.
    pub region: Option<String>,
    /// The only repository; absent means any.
    pub repository: Option<String>,
    /// The only image, by tag or digest; absent means any.
    pub image: Option<String>,
    /// How long the scan takes, in seconds of simulated time.
    pub takes: f64,
    /// Whether the scan never ends.
    pub never_ends: bool,
    /// How it ends; absent means `COMPLETE`, or `ACTIVE` for an enhanced one.
    pub status: Option<ScanStatus>,
    /// One status after the other, in place of what `takes` and `status` say; the last one stays.
    pub statuses: Vec<ScanStep>,
    /// For how long after a push nobody knows of the scan yet, in seconds of simulated time.
    pub registered_after: f64,
    /// Why the scan ended as it did; absent means what AWS usually says.
    pub description: Option<String>,
    /// Whether the image is of a kind that cannot be scanned: `StartImageScan` is refused.
    pub is_unsupported: bool,
    /// What is found.
    pub findings: Vec<FindingSpec>,
    /// How many made-up findings there are besides, by severity.
    pub counts: BTreeMap<Severity, u32>,
}

/// A status, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScanStep {
    /// The status.
    pub status: ScanStatus,
    /// For how long, in seconds of simulated time; absent means for ever.
    #[serde(default)]
    pub lasts: Option<f64>,
}

/// The status of a scan, as ECR writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ScanStatus {
    /// A basic scan goes on.
    InProgress,
    /// A basic scan is over.
    Complete,
    /// It could not be scanned.
    Failed,
    /// Its kind cannot be scanned.
    UnsupportedImage,
    /// An enhanced scan has results, and goes on for ever.
    Active,
    /// An enhanced scan has not begun.
    Pending,
    /// The image is too old for an enhanced scan.
    ScanEligibilityExpired,
    /// There was a scan, and its findings are not there.
    FindingsUnavailable,
    /// Too much is scanned.
    LimitExceeded,
    /// The image is archived.
    ImageArchived,
    /// The image is too large.
    ImageSizeExceeded,
}

/// How bad a finding is, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Severity {
    /// Nobody said.
    Undefined,
    /// To be known.
    Informational,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FindingSpec {
    /// Its name, for example `CVE-2026-0001`.
    pub name: String,
    /// How bad it is.
    pub severity: Severity,
    /// The package that has it.
    #[serde(default)]
    pub package: String,
    /// The version of the package.
    #[serde(default)]
    pub version: String,
    /// The version that does not have it any longer.
    #[serde(default)]
    pub fixed_in: Option<String>,
    /// What it is.
    #[serde(default)]
    pub description: String,
}

impl Default for ScanSpec {
    fn default() -> Self {
        Self {
            account: None,
            region: None,
            repository: None,
            image: None,
            takes: 30.0,
            never_ends: false,
            status: None,
            statuses: Vec::new(),
            registered_after: 0.0,
            description: None,
            is_unsupported: false,
            findings: Vec::new(),
            counts: BTreeMap::new(),
        }
    }
}

/// The longest duration: about thirty years, in seconds.
const LONGEST: f64 = 1e9;
/// The most made-up findings of a severity.
const MOST: u32 = 10_000;

impl ScanSpec {
    /// What is wrong with it, if anything is.
    pub(crate) fn defect(&self) -> Option<&'static str> {
        let lasts = self.statuses.iter().filter_map(|step| step.lasts);
        let is_wrong = |seconds: f64| !(0.0..=LONGEST).contains(&seconds);
        if lasts.chain([self.takes, self.registered_after]).any(is_wrong) {
            return Some("`takes`, `lasts` and `registered-after` must be between 0 and 1000000000 seconds");
        }
        let is_too_much = self.counts.values().any(|count| *count > MOST);
        is_too_much.then_some("`counts` must be 10000 at most")
    }

    /// Whether it is about the registry of an account and a region.
    pub(crate) fn is_at(&self, account: &str, region: &str) -> bool {
        let fits = |only: &Option<String>, found: &str| only.as_ref().is_none_or(|only| only == found);
        fits(&self.account, account) && fits(&self.region, region)
    }

    /// Whether it is about an image of `repository` with these names: its digest and its tags.
    pub(super) fn is_about(&self, repository: &str, names: &[&str]) -> bool {
        self.repository.as_deref().is_none_or(|only| only == repository)
            && self.image.as_deref().is_none_or(|only| names.contains(&only))
    }

    /// The status so many seconds after the beginning, and for how long it has been so.
    pub(super) fn at(&self, seconds: f64, is_enhanced: bool) -> (ScanStatus, f64) {
        let mut left = seconds;
        for step in self.steps(is_enhanced) {
            match step.lasts {
                Some(lasts) if left >= lasts => left -= lasts,
                Some(_) | None => return (step.status, left),
            }
        }
        let last = self.statuses.last().map_or(ScanStatus::FindingsUnavailable, |step| step.status);
        (last, left)
    }

    fn steps(&self, is_enhanced: bool) -> Vec<ScanStep> {
        if !self.statuses.is_empty() {
            return self.statuses.clone();
        }
        let usual = if is_enhanced {
            (ScanStatus::Pending, ScanStatus::Active)
        } else {
            (ScanStatus::InProgress, ScanStatus::Complete)
        };
        let lasts = (!self.never_ends).then_some(self.takes);
        let first = ScanStep { status: usual.0, lasts };
        vec![first, ScanStep { status: self.status.unwrap_or(usual.1), lasts: None }]
    }

    /// Everything that is found.
    pub(super) fn all_findings(&self) -> Vec<FindingSpec> {
        let made_up =
            self.counts.iter().flat_map(|(severity, count)| (0..*count).map(|number| made_up(*severity, number)));
        self.findings.iter().cloned().chain(made_up).collect()
    }
}

fn made_up(severity: Severity, number: u32) -> FindingSpec {
    let base = (severity as u32 + 1) * 100_000;
    FindingSpec {
        name: format!("CVE-2026-{}", base + number),
        severity,
        package: format!("package-{number}"),
        version: "1.0.0".to_owned(),
        fixed_in: None,
        description: "A made-up finding".to_owned(),
    }
}

impl ScanStatus {
    /// Whether there are findings to show.
    pub(super) fn has_findings(self) -> bool {
        match self {
            Self::Complete | Self::Active => true,
            Self::InProgress
            | Self::Failed
            | Self::UnsupportedImage
            | Self::Pending
            | Self::ScanEligibilityExpired
            | Self::FindingsUnavailable
            | Self::LimitExceeded
            | Self::ImageArchived
            | Self::ImageSizeExceeded => false,
        }
    }

    /// What AWS says of it.
    pub(super) fn description(self) -> &'static str {
        match self {
            Self::InProgress => "The scan is in progress.",
            Self::Complete => "The scan was completed successfully.",
            Self::Failed => "UnsupportedImageError: The operating system and/or package manager are not supported.",
            Self::UnsupportedImage => "The image is not supported for scanning.",
            Self::Active => "Continuous scan is selected for image.",
            Self::Pending => "The scan is pending.",
            Self::ScanEligibilityExpired => "The image is no longer eligible for scanning.",
            Self::FindingsUnavailable => "The findings of the scan are not available.",
            Self::LimitExceeded => "The limit of scans was exceeded.",
            Self::ImageArchived => "The image is archived.",
            Self::ImageSizeExceeded => "The image is too large to be scanned.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(spec: &str, seconds: f64, is_enhanced: bool, expected: ScanStatus) {
        let spec: ScanSpec = toml::from_str(spec).unwrap();
        assert_eq!(spec.at(seconds, is_enhanced).0, expected, "{spec:?} {seconds}");
    }

    #[test]
    fn a_scan_goes_through_its_statuses_and_stays_in_the_last() {
        check("", 29.0, false, ScanStatus::InProgress);
        check("", 30.0, false, ScanStatus::Complete);
        check("", 29.0, true, ScanStatus::Pending);
        check("", 1e6, true, ScanStatus::Active);
        check("never-ends = true", 1e6, false, ScanStatus::InProgress);
        check("status = \"FAILED\"\ntakes = 5", 5.0, false, ScanStatus::Failed);
        let steps = "statuses = [{ status = \"PENDING\", lasts = 10 }, { status = \"ACTIVE\", lasts = 5 }, { status = \"SCAN_ELIGIBILITY_EXPIRED\" }]";
        check(steps, 9.0, true, ScanStatus::Pending);
        check(steps, 14.0, true, ScanStatus::Active);
        check(steps, 15.0, true, ScanStatus::ScanEligibilityExpired);
        check("statuses = [{ status = \"FAILED\", lasts = 1 }]", 5.0, false, ScanStatus::Failed);
    }

    #[test]
    fn what_can_never_be_is_told() {
        let check = |text: &str, is_good: bool| {
            let spec: ScanSpec = toml::from_str(text).unwrap();
            assert_eq!(spec.defect().is_none(), is_good, "{text}");
        };
        check("takes = 1\ncounts = { CRITICAL = 10000 }", true);
        check("takes = -1", false);
        check("registered-after = nan", false);
        check("statuses = [{ status = \"ACTIVE\", lasts = -1 }]", false);
        check("counts = { LOW = 10001 }", false);
    }
}
