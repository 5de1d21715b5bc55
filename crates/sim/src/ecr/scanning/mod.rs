//! Image scanning, basic and enhanced, as a scenario says that it goes.
//!
//! Nothing is looked at: an image's findings are those that somebody wrote down for it. The time a scan takes passes
//! on the simulated clock.

mod configuration;
mod findings;
mod spec;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(super) use configuration::{Scanning, get_registry, get_repositories, put_registry, put_repository};
use findings::Found;
pub use spec::{FindingSpec, ScanSpec, ScanStatus, ScanStep, Severity};

use super::{
    describe,
    image::{Image, ImageId},
    manifest::is_index,
    registry::Ecr,
};
use crate::{
    api::{Members, Page, epoch_seconds, page_size},
    fault::AwsError,
};

/// Whether images are scanned once, or by Inspector for ever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScanType {
    /// Once, by ECR itself.
    #[default]
    Basic,
    /// Again and again, by Inspector.
    Enhanced,
}

/// A scan that was begun.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Scan {
    began: Timestamp,
    is_enhanced: bool,
}

impl Ecr {
    /// Says what becomes of scans; what was said last goes first.
    pub(crate) fn set_scan(&mut self, spec: ScanSpec) {
        self.scans.insert(0, spec);
    }

    /// Begins the scan of an image that was pushed, where that is wanted.
    pub(super) fn scan_on_push(&mut self, name: &str, digest: &str, now: Timestamp) {
        let is_enhanced = self.scanning.kind == ScanType::Enhanced;
        let is_wanted = self.scanning.scans_on_push(name);
        let (spec, scans_indexes) = (self.spec(name, digest), self.knobs.scan_indexes);
        let Some(repository) = self.repositories.get_mut(name) else { return };
        let Some(image) = repository.images.get(digest) else { return };
        let is_possible = is_enhanced || ((!is_index(&image.media_type) || scans_indexes) && !spec.is_unsupported);
        if is_possible && (is_wanted || (repository.scan_on_push && !is_enhanced)) {
            repository.scans.entry(digest.to_owned()).or_insert(Scan { began: now, is_enhanced });
        }
    }

    /// What becomes of the scan of an image.
    fn spec(&self, name: &str, digest: &str) -> ScanSpec {
        let tags = self.repositories.get(name).map(|repository| repository.tags_of(digest)).unwrap_or_default();
        let names = [vec![digest], tags].concat();
        self.scans.iter().find(|spec| spec.is_about(name, &names)).cloned().unwrap_or_default()
    }

    /// The status of an image's scan, since when it is so, and what becomes of it; `None` if nobody knows of a scan.
    fn status(&self, name: &str, digest: &str, now: Timestamp) -> Option<(ScanStatus, Timestamp, ScanSpec)> {
        let scan = self.repositories.get(name)?.scans.get(digest)?;
        let spec = self.spec(name, digest);
        let age = now.duration_since(scan.began).as_secs_f64() - spec.registered_after;
        if age < 0.0 {
            return None;
        }
        let (status, for_seconds) = spec.at(age, scan.is_enhanced);
        let since = jiff::SignedDuration::try_from_secs_f64(for_seconds).unwrap_or_default();
        Some((status, now.checked_sub(since).unwrap_or(now), spec))
    }

    /// What `DescribeImages` shows of a scan, where it does.
    pub(super) fn scan_shown(&self, name: &str, digest: &str, now: Timestamp) -> Option<(Value, Value)> {
        let (status, since, spec) = self.status(name, digest, now)?;
        let mut summary = Value::Null;
        if status.has_findings() {
            summary = json!({
                "imageScanCompletedAt": epoch_seconds(since),
                "vulnerabilitySourceUpdatedAt": epoch_seconds(since),
                "findingSeverityCounts": findings::counts(&spec.all_findings()),
            });
        }
        Some((shown(status, &spec), summary))
    }
}

fn shown(status: ScanStatus, spec: &ScanSpec) -> Value {
    let description = spec.description.as_deref().unwrap_or(status.description());
    json!({"status": status, "description": description})
}

/// The repository and the image that an input names.
fn named(ecr: &Ecr, members: &Members<'_>) -> Result<(String, String), AwsError> {
    let name = members.required_text("repositoryName")?;
    let repository = ecr.repository(name)?;
    let id = members.object("imageId", &["imageDigest", "imageTag"])?;
    let text = |member: &str| id.as_ref().map_or(Ok(None), |id| id.text(member));
    let id = ImageId { digest: text("imageDigest")?.map(str::to_owned), tag: text("imageTag")?.map(str::to_owned) };
    Ok((name.to_owned(), describe::existing(ecr, repository, &id)?.to_owned()))
}

fn image<'a>(ecr: &'a Ecr, name: &str, digest: &str) -> Result<&'a Image, AwsError> {
    let image = ecr.repository(name)?.images.get(digest);
    image.ok_or_else(|| AwsError::server("ServerException", "The image went away"))
}

pub(super) fn start(ecr: &mut Ecr, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
    let members = Members::of(input, &["registryId", "repositoryName", "imageId"])?;
    let (name, digest) = named(ecr, &members)?;
    if ecr.scanning.kind == ScanType::Enhanced {
        return Err(AwsError::client("ValidationException", "This feature is disabled"));
    }
    let spec = ecr.spec(&name, &digest);
    let is_unscanned_index = is_index(&image(ecr, &name, &digest)?.media_type) && !ecr.knobs.scan_indexes;
    if spec.is_unsupported || is_unscanned_index {
        let message = format!("The image with digest '{digest}' is of a type that cannot be scanned");
        return Err(AwsError::client("UnsupportedImageTypeException", message));
    }
    let pause = ecr.knobs.scan_again_after;
    let repository = ecr.repository_mut(&name)?;
    let is_too_soon = |scan: &Scan| now.duration_since(scan.began).as_secs_f64() < pause;
    if repository.scans.get(&digest).is_some_and(is_too_soon) {
        return Err(AwsError::client(
            "LimitExceededException",
            "The scan quota per image has been exceeded. Wait and try again.",
        ));
    }
    repository.scans.insert(digest.clone(), Scan { began: now, is_enhanced: false });
    Ok(json!({
        "registryId": ecr.account,
        "repositoryName": name,
        "imageId": {"imageDigest": digest},
        "imageScanStatus": {"status": ScanStatus::InProgress},
    }))
}

pub(super) fn describe_findings(ecr: &Ecr, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
    let members = Members::of(input, &["registryId", "repositoryName", "imageId", "nextToken", "maxResults"])?;
    let (name, digest) = named(ecr, &members)?;
    let size = page_size(members.whole("maxResults")?, 100, 1000)?;
    let (status, since, spec) = ecr.status(&name, &digest, now).ok_or_else(|| not_found(ecr, &name, &digest))?;
    let mut answer = json!({
        "registryId": ecr.account,
        "repositoryName": name,
        "imageId": {"imageDigest": digest},
        "imageScanStatus": shown(status, &spec),
    });
    if !status.has_findings() {
        return Ok(answer);
    }
    let all = spec.all_findings();
    let counts = findings::counts(&all);
    let page = Page::cut(all, members.text("nextToken")?, size)?;
    answer["imageScanFindings"] = json!({
        "imageScanCompletedAt": epoch_seconds(since),
        "vulnerabilitySourceUpdatedAt": epoch_seconds(since),
        "findingSeverityCounts": counts,
    });
    let is_enhanced = ecr.repository(&name)?.scans.get(&digest).is_some_and(|scan| scan.is_enhanced);
    let (member, shown): (_, Vec<Value>) = if is_enhanced {
        let found = found(ecr, &name, &digest, since)?;
        ("enhancedFindings", page.items.iter().map(|finding| findings::enhanced(finding, &found)).collect())
    } else {
        ("findings", page.items.iter().map(findings::basic).collect())
    };
    answer["imageScanFindings"][member] = shown.into();
    if let Some(next) = page.next {
        answer["nextToken"] = next.into();
    }
    Ok(answer)
}

fn found<'a>(ecr: &'a Ecr, name: &'a str, digest: &'a str, at: Timestamp) -> Result<Found<'a>, AwsError> {
    let repository = ecr.repository(name)?;
    let image = image(ecr, name, digest)?;
    Ok(Found {
        account: &ecr.account,
        region: &ecr.region,
        repository: name,
        digest,
        tags: repository.tags_of(digest),
        platform: repository.configuration(image).map_or("linux/amd64", |read| read.platform.as_str()),
        pushed_at: image.pushed_at,
        at,
    })
}

fn not_found(ecr: &Ecr, name: &str, digest: &str) -> AwsError {
    AwsError::client(
        "ScanNotFoundException",
        format!(
            "Image scan does not exist for the image with '{{imageDigest:'{digest}', imageTag:'null'}}' in the repository with name '{name}' in the registry with id '{}'",
            ecr.account
        ),
    )
}
