//! The Scans port on ECR: basic scanning, and enhanced scanning by Inspector.
//!
//! A basic scan ends as `COMPLETE`. An enhanced one never ends: its findings hold from `ACTIVE` on, and change while the
//! image is there. Nothing is started here: a repository says itself when its images are scanned.

use async_trait::async_trait;
use aws_sdk_ecr::types::ImageIdentifier;
use serde_json::Value;
use towpath_core::{
    identifier::ImageReference,
    ports::{Answer, CallError, Fault, Scans},
    scan::{Counts, Finding, Found, Report, Severity, Tool},
};

use crate::{
    call::Call,
    json::{self, Unreadable},
};

use super::{EcrImages, images::Place};

/// The most that ECR gives at once.
const PAGE: i32 = 1000;
/// More pages than any image has: an answer that goes on for ever is none.
const MOST_PAGES: usize = 100;

/// The scanners of private ECR registries, with the environment's credentials.
#[derive(Clone)]
pub struct EcrScans {
    images: EcrImages,
}

impl EcrScans {
    pub(crate) fn new(images: EcrImages) -> Self {
        Self { images }
    }

    async fn page(
        &self,
        call: &Call<'_>,
        place: &Place<'_>,
        image: &ImageReference,
        token: Option<&str>,
    ) -> Result<Value, CallError> {
        let request = place
            .client
            .describe_image_scan_findings()
            .registry_id(place.account)
            .repository_name(place.repository)
            .image_id(ImageIdentifier::builder().image_digest(image.digest().as_str()).build())
            .max_results(PAGE)
            .set_next_token(token.map(str::to_owned));
        call.json(|wire| request.clone().customize().interceptor(wire).send()).await
    }

    /// Every page, the first to begin with. A scan that was made anew between two pages is told by its date.
    async fn pages(
        &self,
        call: &Call<'_>,
        place: &Place<'_>,
        image: &ImageReference,
        first: Value,
    ) -> Result<Vec<Value>, CallError> {
        let mut pages = vec![first];
        while let Some(last) = pages.last() {
            let token = json::text(last, "nextToken").map_err(|problem| call.unreadable(&problem))?;
            let Some(token) = token.map(str::to_owned) else {
                break;
            };
            if pages.len() >= MOST_PAGES {
                let message = format!("the findings have more than {MOST_PAGES} pages");
                return Err(call.failed(Fault::Unanswered { waited: None }, None, message));
            }
            pages.push(self.page(call, place, image, Some(&token)).await?);
        }
        Ok(pages)
    }
}

#[async_trait]
impl Scans for EcrScans {
    async fn scan(&self, image: &ImageReference) -> Result<Answer, CallError> {
        let call = self.images.read("ecr:DescribeImageScanFindings");
        let place = self.images.place(image.repository());
        let place = place.map_err(|problem| call.failed(Fault::Rejected, None, problem))?;
        let first = match self.page(&call, &place, image, None).await {
            Ok(first) => first,
            Err(error) if error.code.as_deref() == Some("ScanNotFoundException") => return Ok(Answer::NotThere),
            Err(error) => return Err(error),
        };
        let unreadable = |problem| call.unreadable(&problem);
        match state(&first).map_err(unreadable)? {
            State::GoesOn(status) => Ok(Answer::GoesOn(status)),
            State::CannotScan(why) => Ok(ended(image, &first, Found::nothing(&why)).map_err(unreadable)?),
            State::Scanned => {
                let pages = self.pages(&call, &place, image, first).await?;
                let found = found(&pages).map_err(unreadable)?;
                Ok(ended(image, &pages[0], found).map_err(unreadable)?)
            }
        }
    }
}

/// What a status amounts to.
#[derive(Debug, PartialEq, Eq)]
enum State {
    GoesOn(String),
    Scanned,
    CannotScan(String),
}

/// A status that is newer than this program is no finished scan.
fn state(answer: &Value) -> Result<State, Unreadable> {
    let status = json::required(answer, "imageScanStatus")?;
    let word = json::required_text(status, "status")?;
    Ok(match word {
        "COMPLETE" | "ACTIVE" => State::Scanned,
        "IN_PROGRESS" | "PENDING" => State::GoesOn(word.to_owned()),
        _ => {
            let why = json::text(status, "description")?.map(|why| format!(" ({})", crate::call::clean(why)));
            State::CannotScan(format!("{}{}", crate::call::clean(word), why.unwrap_or_default()))
        }
    })
}

fn ended(image: &ImageReference, answer: &Value, found: Found) -> Result<Answer, Unreadable> {
    let none = Value::Null;
    let findings = json::member(answer, "imageScanFindings").unwrap_or(&none);
    let is_enhanced = json::member(findings, "enhancedFindings").is_some()
        || answer.pointer("/imageScanStatus/status").and_then(Value::as_str) == Some("ACTIVE");
    Ok(Answer::Ended(Box::new(Report {
        image: image.digest().clone(),
        platform: None,
        tool: Tool::new(if is_enhanced { "Amazon Inspector" } else { "Amazon ECR basic scanning" }, None),
        database: json::time(findings, "vulnerabilitySourceUpdatedAt")?,
        scanned_at: json::time(findings, "imageScanCompletedAt")?,
        found,
    })))
}

/// The findings of all pages. ECR also counts them: where it counts more than it lists, what is missing is unknown, and
/// the scan says nothing. That the counts are of the whole image on every page is a guess.
fn found(pages: &[Value]) -> Result<Found, Unreadable> {
    let (mut findings, mut severities, mut ignored) = (Vec::new(), Vec::new(), 0);
    for page in pages {
        let none = Value::Null;
        let part = json::member(page, "imageScanFindings").unwrap_or(&none);
        for finding in json::list(part, "findings")? {
            severities.push(severity(finding)?);
            findings.push(basic(finding)?);
        }
        for finding in json::list(part, "enhancedFindings")? {
            severities.push(severity(finding)?);
            match json::text(finding, "status")? {
                Some("SUPPRESSED") => ignored += 1,
                Some("CLOSED") => {}
                Some(_) | None => findings.extend(enhanced(finding)?),
            }
        }
    }
    let listed: Counts = severities.into_iter().collect();
    match uncounted(&pages[0], &listed)? {
        Some(why) => Ok(Found::nothing(&why)),
        None => Ok(Found::findings(findings, ignored)),
    }
}

/// What ECR counts and does not list.
fn uncounted(page: &Value, listed: &Counts) -> Result<Option<String>, Unreadable> {
    let counts = page.pointer("/imageScanFindings/findingSeverityCounts").and_then(Value::as_object);
    let mut counted = [0_usize; Severity::ALL.len()];
    for (word, count) in counts.into_iter().flatten() {
        let at = Severity::ALL.iter().position(|severity| word.parse() == Ok(*severity));
        let (Some(at), Some(count)) = (at, count.as_u64().and_then(|count| usize::try_from(count).ok())) else {
            return Err(Unreadable::Malformed {
                member: "findingSeverityCounts".to_owned(),
                expected: "counts by severity",
            });
        };
        counted[at] += count;
    }
    let missing = Severity::ALL.into_iter().zip(counted).find(|(severity, count)| *count > listed.of(*severity));
    Ok(missing
        .map(|(severity, count)| format!("it counts {count} {severity} findings, and lists {}", listed.of(severity))))
}

fn severity(finding: &Value) -> Result<Severity, Unreadable> {
    let severity = json::parsed(finding, "severity", "a severity that this version knows")?;
    Ok(severity.unwrap_or(Severity::Unknown))
}

/// A finding of basic scanning: the package is among its attributes.
fn basic(finding: &Value) -> Result<Finding, Unreadable> {
    let attributes = json::list(finding, "attributes")?;
    let attribute = |name: &str| {
        let found = attributes.iter().find(|one| one.get("key").and_then(Value::as_str) == Some(name))?;
        json::member(found, "value")
    };
    let text = |name: &str| attribute(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let package = text("package_name").map(str::parse).transpose();
    Ok(Finding {
        id: json::required_parsed(finding, "name", "a vulnerability's id")?,
        package: package.map_err(|_| malformed("package_name", "a package's name"))?,
        installed: text("package_version").map(|version| version.to_owned().into()),
        fixed: None,
        severity: severity(finding)?,
        title: json::text(finding, "description")?.map(crate::call::clean),
    })
}

/// A finding of Inspector's: one for each package that it is in.
fn enhanced(finding: &Value) -> Result<Vec<Finding>, Unreadable> {
    let details = json::required(finding, "packageVulnerabilityDetails")?;
    let whole = Finding {
        id: json::required_parsed(details, "vulnerabilityId", "a vulnerability's id")?,
        package: None,
        installed: None,
        fixed: None,
        severity: severity(finding)?,
        title: json::text(finding, "title")?.map(crate::call::clean),
    };
    let packages = json::list(details, "vulnerablePackages")?;
    let in_package = |package: &Value| {
        let version = |name| Ok::<_, Unreadable>(json::text(package, name)?.map(|text| text.to_owned().into()));
        Ok(Finding {
            package: json::parsed(package, "name", "a package's name")?,
            installed: version("version")?,
            // Inspector's word for "none" is `NotAvailable`.
            fixed: version("fixedInVersion")?.filter(|fixed: &_| *fixed != "NotAvailable".to_owned().into()),
            ..whole.clone()
        })
    };
    if packages.is_empty() {
        return Ok(vec![whole]);
    }
    packages.iter().map(in_package).collect()
}

fn malformed(member: &str, expected: &'static str) -> Unreadable {
    Unreadable::Malformed { member: member.to_owned(), expected }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(status: &str, expected: &State) {
        let answer = json!({"imageScanStatus": {"status": status, "description": "so it is"}});
        assert_eq!(state(&answer).as_ref(), Ok(expected), "{status}");
    }

    #[test]
    fn every_status_is_a_scan_that_goes_on_that_ended_or_that_could_not_be() {
        for status in ["COMPLETE", "ACTIVE"] {
            check(status, &State::Scanned);
        }
        for status in ["IN_PROGRESS", "PENDING"] {
            check(status, &State::GoesOn(status.to_owned()));
        }
        let none = [
            "FAILED",
            "UNSUPPORTED_IMAGE",
            "SCAN_ELIGIBILITY_EXPIRED",
            "FINDINGS_UNAVAILABLE",
            "LIMIT_EXCEEDED",
            "IMAGE_ARCHIVED",
            "IMAGE_SIZE_EXCEEDED",
            "NEWER_THAN_THIS_PROGRAM",
        ];
        for status in none {
            check(status, &State::CannotScan(format!("{status} (so it is)")));
        }
        assert!(state(&json!({"imageScanStatus": {}})).is_err());
    }

    #[test]
    fn a_finding_in_several_packages_is_one_in_each() {
        let package = |name: &str| json!({"name": name, "version": "1", "fixedInVersion": "NotAvailable"});
        let finding = json!({"severity": "HIGH", "title": "CVE-1 - a", "packageVulnerabilityDetails": {
            "vulnerabilityId": "CVE-1", "vulnerablePackages": [package("a"), package("b")]}});
        let found = enhanced(&finding).unwrap();
        let names: Vec<&str> = found.iter().map(|one| one.package.as_ref().unwrap().as_str()).collect();
        assert_eq!((names, found[0].fixed.clone()), (vec!["a", "b"], None));
    }

    #[test]
    fn what_is_counted_and_not_listed_is_no_scan() {
        let page = |count: u32| {
            json!({"imageScanFindings": {"findingSeverityCounts": {"CRITICAL": count},
                "findings": [{"name": "CVE-1", "severity": "CRITICAL"}]}})
        };
        assert!(matches!(found(&[page(1)]), Ok(Found::Findings { findings, .. }) if findings.len() == 1));
        assert!(matches!(found(&[page(2)]), Ok(Found::Nothing { why }) if why.contains("counts 2 critical")));
    }

    #[test]
    fn a_severity_of_a_newer_scanner_is_unreadable_and_none_is_unknown() {
        assert!(basic(&json!({"name": "CVE-1", "severity": "IMPORTANT"})).is_err());
        assert_eq!(basic(&json!({"name": "CVE-1"})).unwrap().severity, Severity::Unknown);
    }
}
