//! SARIF 2.1.0 as Trivy and Grype write it.
//!
//! SARIF has no place for a package or a severity in words, so that these are read from the texts which both tools
//! write in fixed lines. It has neither a scan's date nor a database's. Their JSON says more.

use serde::{Deserialize, de::IgnoredAny};

use crate::scan::{Finding, Found, Severity, Tool};

use super::{Format, ReadError, Scanned, Texts, digest_of, parsed, some, word};

const FORMAT: Format = Format::Sarif;

#[derive(Deserialize)]
struct Document {
    version: String,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    tool: RunTool,
    results: Option<Vec<RunResult>>,
    invocations: Option<Vec<Invocation>>,
    properties: Option<RunProperties>,
}

#[derive(Deserialize)]
struct RunTool {
    driver: Driver,
}

#[derive(Deserialize)]
struct Driver {
    name: String,
    version: Option<String>,
    rules: Option<Vec<Rule>>,
}

#[derive(Deserialize)]
struct Rule {
    id: String,
    name: Option<String>,
    #[serde(rename = "shortDescription")]
    short_description: Option<Message>,
    help: Option<Message>,
    properties: Option<RuleProperties>,
}

#[derive(Deserialize)]
struct RuleProperties {
    #[serde(rename = "security-severity")]
    score: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RunProperties {
    image_name: Option<String>,
    repo_digests: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RunResult {
    rule_id: String,
    level: Option<String>,
    message: Message,
    locations: Option<Vec<Location>>,
    suppressions: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
struct Message {
    text: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    logical_locations: Option<Vec<LogicalLocation>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    fully_qualified_name: Option<String>,
}

pub(super) fn read(bytes: &[u8]) -> Result<Scanned, ReadError> {
    let document: Document = parsed(FORMAT, bytes)?;
    if document.version != "2.1.0" {
        return Err(ReadError::UnknownVersion { format: FORMAT, version: document.version });
    }
    let [run] = document.runs.as_slice() else {
        return Err(ReadError::UnknownForm);
    };
    let driver = &run.tool.driver;
    let name = match driver.name.to_ascii_lowercase().as_str() {
        "trivy" => "Trivy",
        "grype" => "Grype",
        _ => return Err(ReadError::OtherTool(driver.name.clone())),
    };
    Ok(Scanned {
        format: FORMAT,
        manifest: None,
        known_as: known_as(run),
        platform: None,
        tool: Tool::new(name, driver.version.as_deref()),
        database: None,
        at: None,
        found: found(run)?,
    })
}

/// Trivy names the image in the run's properties. Grype does in the place of each result, as `REFERENCE@LAYER:/PATH`:
/// where the reference has a digest, and every result the same, that is the image.
fn known_as(run: &Run) -> Vec<crate::identifier::Digest> {
    let properties = run.properties.as_ref();
    let digests = properties.and_then(|properties| properties.repo_digests.as_ref()).into_iter().flatten();
    let name = properties.and_then(|properties| properties.image_name.as_ref());
    let mut known: Vec<_> = digests.chain(name).filter_map(|reference| digest_of(reference)).collect();
    if known.is_empty() {
        let mut of_results: Vec<_> = run.results.iter().flatten().map(place).collect();
        of_results.dedup();
        if let [Some(digest)] = of_results.as_slice() {
            known.push(digest.clone());
        }
    }
    known
}

fn place(result: &RunResult) -> Option<crate::identifier::Digest> {
    let location = result.locations.as_ref()?.first()?.logical_locations.as_ref()?.first()?;
    let (reference, _layer) = location.fully_qualified_name.as_ref()?.rsplit_once('@')?;
    digest_of(reference)
}

fn found(run: &Run) -> Result<Found, ReadError> {
    let has_failed = |invocation: &Invocation| invocation.execution_successful == Some(false);
    if run.invocations.iter().flatten().any(has_failed) {
        return Ok(Found::nothing("its run did not succeed"));
    }
    let Some(results) = &run.results else {
        return Ok(Found::nothing("its run has no results"));
    };
    let rules = run.tool.driver.rules.as_deref().unwrap_or_default();
    let (mut findings, mut ignored) = (Vec::new(), 0);
    for result in results {
        let rule = rules.iter().find(|rule| rule.id == result.rule_id);
        let is_other = |rule: &Rule| matches!(rule.name.as_deref(), Some("Misconfiguration" | "Secret" | "License"));
        if rule.is_some_and(is_other) {
            continue;
        }
        if result.suppressions.as_ref().is_some_and(|suppressions| !suppressions.is_empty()) {
            ignored += 1;
            continue;
        }
        findings.push(finding(result, rule)?);
    }
    Ok(Found::findings(findings, ignored))
}

/// Trivy writes `Package: …` and the like into the result's message, Grype into the rule's help.
fn finding(result: &RunResult, rule: Option<&Rule>) -> Result<Finding, ReadError> {
    let message = result.message.text.as_deref().unwrap_or_default();
    let help = rule.and_then(|rule| rule.help.as_ref()?.text.as_deref()).unwrap_or_default();
    let line = |label: &str| labelled(message, label).or_else(|| labelled(help, label));
    let texts = Texts {
        id: line("Vulnerability ").unwrap_or(&result.rule_id),
        package: line("Package: "),
        installed: line("Installed Version: ").or_else(|| line("Version: ")),
        fixed: line("Fixed Version: ").or_else(|| line("Fix Version: ")),
        title: rule.and_then(|rule| rule.short_description.as_ref()?.text.as_deref()),
    };
    let severity = match line("Severity: ") {
        Some(text) => word(FORMAT, text)?,
        None => severity(result, rule),
    };
    texts.finding(FORMAT, severity)
}

fn labelled<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    text.lines().find_map(|line| some(line.trim().strip_prefix(label)))
}

/// Where no line says it: the score, otherwise the worst that the level may stand for.
fn severity(result: &RunResult, rule: Option<&Rule>) -> Severity {
    let score = rule.and_then(|rule| rule.properties.as_ref()?.score.as_ref()?.parse::<f64>().ok());
    if let Some(score) = score {
        return Severity::of_score(score);
    }
    match result.level.as_deref() {
        Some("warning") => Severity::Medium,
        Some("note") => Severity::Low,
        Some("none") => Severity::Unknown,
        Some(_) | None => Severity::Critical,
    }
}
