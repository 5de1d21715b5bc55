//! Grype's JSON (`grype --output json`). Its members are those of Grype's published types.
//!
//! It has no word for "nothing was recognised": an image without packages that Grype knows has no matches.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

use crate::scan::{Finding, Found, Tool};

use super::{Format, ReadError, Scanned, Texts, digest_of, parsed, some, word};

const FORMAT: Format = Format::Grype;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    matches: Vec<Match>,
    ignored_matches: Option<Vec<IgnoredAny>>,
    source: Source,
    descriptor: Descriptor,
}

#[derive(Deserialize)]
struct Match {
    vulnerability: Vulnerability,
    artifact: Artifact,
}

#[derive(Deserialize)]
struct Vulnerability {
    id: String,
    severity: Option<String>,
    description: Option<String>,
    fix: Option<Fix>,
}

#[derive(Deserialize)]
struct Fix {
    versions: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Artifact {
    name: String,
    version: Option<String>,
}

#[derive(Deserialize)]
struct Source {
    #[serde(rename = "type")]
    kind: String,
    target: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    user_input: Option<String>,
    manifest_digest: Option<String>,
    repo_digests: Option<Vec<String>>,
    architecture: Option<String>,
    os: Option<String>,
}

#[derive(Deserialize)]
struct Descriptor {
    name: String,
    version: Option<String>,
    timestamp: Option<String>,
    db: Option<Value>,
}

pub(super) fn read(bytes: &[u8]) -> Result<Scanned, ReadError> {
    let document: Document = parsed(FORMAT, bytes)?;
    let Descriptor { name, version, timestamp, db } = document.descriptor;
    if !name.eq_ignore_ascii_case("grype") {
        return Err(ReadError::OtherTool(name));
    }
    if document.source.kind != "image" {
        return Err(ReadError::NoImage(document.source.kind));
    }
    let target: Target = serde_json::from_value(document.source.target)
        .map_err(|source| ReadError::Damaged { format: FORMAT, source })?;
    let references = target.repo_digests.iter().flatten().chain(&target.user_input);
    let ignored = document.ignored_matches.map_or(0, |ignored| ignored.len());
    let findings: Vec<Finding> = document.matches.iter().map(finding).collect::<Result<_, _>>()?;
    Ok(Scanned {
        format: FORMAT,
        known_as: references.filter_map(|reference| digest_of(reference)).collect(),
        manifest: target.manifest_digest.and_then(|digest| digest.parse().ok()),
        platform: platform(target.os.as_deref(), target.architecture.as_deref()),
        tool: Tool::new("Grype", version.as_deref()),
        database: db.as_ref().and_then(built),
        at: timestamp.and_then(|at| at.parse().ok()),
        found: Found::findings(findings, ignored),
    })
}

fn platform(os: Option<&str>, architecture: Option<&str>) -> Option<String> {
    let (os, architecture) = (some(os).unwrap_or("linux"), some(architecture)?);
    Some(format!("{os}/{architecture}"))
}

/// When the database was built: `db.built` until Grype 0.87, `db.status.built` since.
fn built(database: &Value) -> Option<jiff::Timestamp> {
    let built = database.get("built").or_else(|| database.get("status")?.get("built"));
    built?.as_str()?.parse().ok()
}

fn finding(matched: &Match) -> Result<Finding, ReadError> {
    let Match { vulnerability, artifact } = matched;
    let fixed = vulnerability.fix.as_ref().and_then(|fix| fix.versions.as_ref()).map(|versions| versions.join(", "));
    let texts = Texts {
        id: &vulnerability.id,
        package: Some(&artifact.name),
        installed: artifact.version.as_deref(),
        fixed: fixed.as_deref(),
        title: vulnerability.description.as_deref(),
    };
    let severity = some(vulnerability.severity.as_deref()).unwrap_or("unknown");
    texts.finding(FORMAT, word(FORMAT, severity)?)
}
