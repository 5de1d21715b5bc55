//! Trivy's JSON (`trivy image --format json`), schema version 2.
//!
//! It has no database date: `trivy version --format json` has. Its members are those of Trivy's published types.

use serde::Deserialize;

use crate::scan::{Found, Tool};

use super::{Format, ReadError, Scanned, Texts, digest_of, parsed, some, word};

const FORMAT: Format = Format::Trivy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    schema_version: u64,
    artifact_name: String,
    artifact_type: Option<String>,
    created_at: Option<String>,
    metadata: Option<Metadata>,
    results: Option<Vec<TrivyResult>>,
    trivy: Option<Versioned>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Versioned {
    version: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    repo_digests: Option<Vec<String>>,
    image_config: Option<ImageConfig>,
}

#[derive(Deserialize)]
struct ImageConfig {
    os: Option<String>,
    architecture: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TrivyResult {
    class: Option<String>,
    vulnerabilities: Option<Vec<Vulnerability>>,
    experimental_modified_findings: Option<Vec<serde::de::IgnoredAny>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Vulnerability {
    #[serde(rename = "VulnerabilityID")]
    id: String,
    pkg_name: String,
    installed_version: Option<String>,
    fixed_version: Option<String>,
    severity: String,
    title: Option<String>,
}

pub(super) fn read(bytes: &[u8]) -> Result<Scanned, ReadError> {
    let document: Document = parsed(FORMAT, bytes)?;
    if document.schema_version != 2 {
        return Err(ReadError::UnknownVersion { format: FORMAT, version: document.schema_version.to_string() });
    }
    if let Some(other) = document.artifact_type.as_deref().filter(|kind| *kind != "container_image") {
        return Err(ReadError::NoImage(other.to_owned()));
    }
    let found = found(document.results.as_deref().unwrap_or_default())?;
    let metadata = document.metadata.as_ref();
    let references = metadata.and_then(|metadata| metadata.repo_digests.as_deref()).unwrap_or_default();
    let named = references.iter().map(String::as_str).chain([document.artifact_name.as_str()]);
    Ok(Scanned {
        format: FORMAT,
        manifest: None,
        known_as: named.filter_map(digest_of).collect(),
        platform: metadata.and_then(|metadata| platform(metadata.image_config.as_ref()?)),
        tool: Tool::new("Trivy", document.trivy.and_then(|trivy| trivy.version).as_deref()),
        database: None,
        at: document.created_at.and_then(|at| at.parse().ok()),
        found,
    })
}

fn platform(config: &ImageConfig) -> Option<String> {
    let (os, architecture) = (some(config.os.as_deref())?, some(config.architecture.as_deref())?);
    Some(format!("{os}/{architecture}"))
}

/// Trivy has a result of class `os-pkgs` or `lang-pkgs` for whatever it looked into, with findings or without. An image
/// that has none of them was opened, and nothing in it was checked: that is no clean bill.
fn found(results: &[TrivyResult]) -> Result<Found, ReadError> {
    let is_checked = |result: &&TrivyResult| {
        matches!(result.class.as_deref(), Some("os-pkgs" | "lang-pkgs")) || result.vulnerabilities.is_some()
    };
    let checked: Vec<&TrivyResult> = results.iter().filter(is_checked).collect();
    if checked.is_empty() {
        return Ok(Found::nothing("it recognised no packages in the image, so that it checked none"));
    }
    let hidden = checked.iter().filter_map(|result| result.experimental_modified_findings.as_ref()).map(Vec::len).sum();
    let listed = checked.iter().filter_map(|result| result.vulnerabilities.as_ref()).flatten();
    Ok(Found::findings(listed.map(finding).collect::<Result<_, _>>()?, hidden))
}

fn finding(vulnerability: &Vulnerability) -> Result<crate::scan::Finding, ReadError> {
    let texts = Texts {
        id: &vulnerability.id,
        package: Some(&vulnerability.pkg_name),
        installed: vulnerability.installed_version.as_deref(),
        fixed: vulnerability.fixed_version.as_deref(),
        title: vulnerability.title.as_deref(),
    };
    texts.finding(FORMAT, word(FORMAT, &vulnerability.severity)?)
}
