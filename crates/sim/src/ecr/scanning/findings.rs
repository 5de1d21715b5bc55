//! Findings as ECR shows them: those of basic scanning, and those of Inspector.
//!
//! What a scenario does not say of a finding is made up, and the same every time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::spec::{FindingSpec, Severity};
use crate::api::epoch_seconds;

/// The image that findings are about.
pub(super) struct Found<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) repository: &'a str,
    pub(super) digest: &'a str,
    pub(super) tags: Vec<&'a str>,
    /// The platform, if it is known.
    pub(super) platform: &'a str,
    pub(super) pushed_at: Timestamp,
    pub(super) at: Timestamp,
}

/// How many findings there are of each severity; of those that have none nothing is said.
pub(super) fn counts(findings: &[FindingSpec]) -> Value {
    let mut counts: BTreeMap<Severity, u64> = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.severity).or_default() += 1;
    }
    json!(counts)
}

/// A finding of basic scanning.
pub(super) fn basic(finding: &FindingSpec) -> Value {
    let attribute = |key: &str, value: &str| json!({"key": key, "value": value});
    let mut attributes =
        vec![attribute("package_version", &finding.version), attribute("package_name", &finding.package)];
    attributes.extend(finding.fixed_in.as_ref().map(|version| attribute("fixed_in_version", version)));
    json!({
        "name": finding.name,
        "description": finding.description,
        "uri": uri(finding),
        "severity": finding.severity,
        "attributes": attributes,
    })
}

/// A finding of enhanced scanning.
pub(super) fn enhanced(finding: &FindingSpec, found: &Found<'_>) -> Value {
    let Found { account, region, repository, digest, .. } = found;
    let at = epoch_seconds(found.at);
    let arn = format!("arn:aws:ecr:{region}:{account}:repository/{repository}/{digest}");
    json!({
        "awsAccountId": account,
        "description": finding.description,
        "findingArn": format!("arn:aws:inspector2:{region}:{account}:finding/{}", finding.name.to_lowercase()),
        "firstObservedAt": at,
        "lastObservedAt": at,
        "updatedAt": at,
        "packageVulnerabilityDetails": {
            "vulnerabilityId": finding.name,
            "source": "NVD",
            "sourceUrl": uri(finding),
            "vendorSeverity": finding.severity,
            "cvss": [],
            "referenceUrls": [],
            "relatedVulnerabilities": [],
            "vulnerablePackages": [package(finding)],
        },
        "remediation": {"recommendation": {"text": "None Provided"}},
        "resources": [{"id": arn, "type": "AWS_ECR_CONTAINER_IMAGE", "details": {"awsEcrContainerImage": container(found)}}],
        "score": score(finding.severity),
        "severity": finding.severity,
        "status": "ACTIVE",
        "title": format!("{} - {}", finding.name, finding.package),
        "type": "PACKAGE_VULNERABILITY",
        "fixAvailable": if finding.fixed_in.is_some() { "YES" } else { "NO" },
        "exploitAvailable": "NO",
    })
}

fn package(finding: &FindingSpec) -> Value {
    let mut package = json!({"name": finding.package, "version": finding.version, "packageManager": "OS"});
    if let Some(version) = &finding.fixed_in {
        package["fixedInVersion"] = version.as_str().into();
    }
    package
}

fn container(found: &Found<'_>) -> Value {
    let (system, processor) = found.platform.split_once('/').unwrap_or((found.platform, ""));
    json!({
        "architecture": processor,
        "platform": system,
        "imageHash": found.digest,
        "imageTags": found.tags,
        "pushedAt": epoch_seconds(found.pushed_at),
        "registry": found.account,
        "repositoryName": found.repository,
    })
}

fn uri(finding: &FindingSpec) -> String {
    format!("https://nvd.nist.gov/vuln/detail/{}", finding.name)
}

/// A score within the bounds of a severity.
fn score(severity: Severity) -> f64 {
    match severity {
        Severity::Undefined | Severity::Informational => 0.0,
        Severity::Low => 2.5,
        Severity::Medium => 5.5,
        Severity::High => 7.5,
        Severity::Critical => 9.8,
    }
}
