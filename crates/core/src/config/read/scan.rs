//! What may be found in an environment's images and in those that are built, and which scanners may be run.

use std::time::Duration;

use crate::{
    config::{
        mistake::{Complaint, Findings},
        scanning::{ALLOWANCE, BUILD_SCAN, ENVIRONMENT_SCAN, MAXIMUM, PIN, SCAN},
        tree::{Node, Section},
    },
    scan::{Allowance, Maximum, Origin, Pin, PublishRules, Rules, Scanner, Scanners, Severity, Unscanned},
};

/// How long a registry's scan is waited for where nothing is said: a usual image is scanned in seconds.
const WAIT: Duration = Duration::from_mins(2);

/// An environment's rules, with what is allowed everywhere; nothing where it has none.
#[expect(clippy::option_option, reason = "the outer one is whether it could be read, as everywhere here")]
pub(super) fn rules(
    root: &Section<'_>,
    environment: &Section<'_>,
    findings: &mut Findings<'_>,
) -> Option<Option<Rules>> {
    let Some(section) = environment.section("scan", &ENVIRONMENT_SCAN) else {
        return Some(None);
    };
    let from = match section.get("from")?.text()? {
        "reports" => Origin::Reports,
        "ecr" => Origin::Ecr,
        _ => return None,
    };
    judged_by(root, &section, from, findings).map(Some)
}

/// The rules where images are built; nothing where there are none.
#[expect(clippy::option_option, reason = "the outer one is whether it could be read, as everywhere here")]
pub(super) fn of_build(
    root: &Section<'_>,
    build: &Section<'_>,
    findings: &mut Findings<'_>,
) -> Option<Option<PublishRules>> {
    let Some(section) = build.section("scan", &BUILD_SCAN) else {
        return Some(None);
    };
    let node = section.get("from")?;
    let (from, run) = match node.text()? {
        "reports" => (Origin::Reports, None),
        "ecr" => (Origin::Ecr, None),
        program => (Origin::Reports, Some(program.parse::<Scanner>().ok()?)),
    };
    if let Some(scanner) = run.filter(|scanner| !is_pinned(root, *scanner)) {
        let remedy = format!("add `[scan.{scanner}]` with the `version` that may be run");
        findings.add(&node.span, &node.path, Complaint::new(format!("no version of {scanner} is pinned"), remedy));
    }
    Some(Some(PublishRules { rules: judged_by(root, &section, from, findings)?, run }))
}

fn is_pinned(root: &Section<'_>, scanner: Scanner) -> bool {
    root.section("scan", &SCAN).is_some_and(|scan| scan.written(scanner.program()).is_some())
}

/// The scanners that may be run.
pub(super) fn scanners(root: &Section<'_>) -> Option<Scanners> {
    let empty = || Section::new("scan", root.span.clone(), &toml::de::DeTable::new(), &SCAN);
    let section = root.section("scan", &SCAN).unwrap_or_else(empty);
    Some(Scanners {
        trivy: pin(&section, Scanner::Trivy)?,
        grype: pin(&section, Scanner::Grype)?,
        timeout: section.get("timeout")?.duration()?,
    })
}

#[expect(clippy::option_option, reason = "the outer one is whether it could be read, as everywhere here")]
fn pin(section: &Section<'_>, scanner: Scanner) -> Option<Option<Pin>> {
    let Some(section) = section.section(scanner.program(), &PIN) else {
        return Some(None);
    };
    let sha256 = section.written("sha256").map_or(Some(None), |_| section.parse("sha256").map(Some))?;
    Some(Some(Pin { version: section.parse("version")?, sha256 }))
}

/// What is found is judged alike wherever it is looked at.
fn judged_by(root: &Section<'_>, section: &Section<'_>, from: Origin, findings: &mut Findings<'_>) -> Option<Rules> {
    let everywhere = root.section("scan", &SCAN).map_or(Some(Vec::new()), |scan| allowances(&scan))?;
    useless_wait(section, from, findings);
    Some(Rules {
        maximum: maximum(&section.get("maximum")?)?,
        from,
        unscanned: match section.get("unscanned")?.text()? {
            "refuse" => Unscanned::Refuse,
            "allow" => Unscanned::Allow,
            "hold" => Unscanned::Hold,
            _ => return None,
        },
        max_age: section.written("max-age").map_or(Some(None), |age| age.duration().map(Some))?,
        wait: section.written("wait").map_or(Some(WAIT), |wait| wait.duration())?,
        allow: [everywhere, allowances(section)?].concat(),
    })
}

fn maximum(node: &Node<'_>) -> Option<Maximum> {
    let section = node.section(&MAXIMUM)?;
    let written =
        Severity::ALL.into_iter().filter_map(|severity| Some((severity, section.written(severity.as_str())?)));
    written.map(|(severity, node)| Some((severity, usize::try_from(node.integer()?).ok()?))).collect()
}

fn allowances(section: &Section<'_>) -> Option<Vec<Allowance>> {
    section.get("allow")?.elements().iter().map(|element| allowance(&element.section(ALLOWANCE)?)).collect()
}

fn allowance(section: &Section<'_>) -> Option<Allowance> {
    Some(Allowance {
        id: section.parse("id")?,
        package: section.written("package").map_or(Some(None), |_| section.parse("package").map(Some))?,
        reason: section.get("reason")?.text()?.trim().to_owned(),
        expires: section.parse("expires")?,
    })
}

/// A report is there or is not: nothing is waited for.
fn useless_wait(section: &Section<'_>, from: Origin, findings: &mut Findings<'_>) {
    if let (Origin::Reports, Some(node)) = (from, section.written("wait")) {
        let complaint = Complaint::new("only a scan of ECR's is waited for", "remove it, or add `from = \"ecr\"`");
        findings.add(&node.span, &node.path, complaint);
    }
}

/// What is allowed everywhere is of no use where nobody looks.
pub(super) fn useless(root: &Section<'_>, findings: &mut Findings<'_>) {
    let looks = |section: &Section<'_>| section.written("scan").is_some();
    let environments = root.named("environments", &crate::config::keys::ENVIRONMENT);
    let build = root.section("build", &crate::config::building::BUILD);
    if environments.iter().any(|(_, environment)| looks(environment)) || build.is_some_and(|build| looks(&build)) {
        return;
    }
    let allow = root.section("scan", &SCAN).and_then(|scan| scan.written("allow"));
    if let (Some(node), Some(_)) = (root.written("scan"), allow) {
        let remedy = "add `[environments.NAME.scan]` where images must have been scanned, or remove this";
        findings.add(&node.span, &node.path, Complaint::new("no environment looks at scans", remedy));
    }
}
