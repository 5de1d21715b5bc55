//! What may be found in an environment's images.

use std::time::Duration;

use crate::{
    config::{
        mistake::{Complaint, Findings},
        scanning::{ALLOWANCE, ENVIRONMENT_SCAN, MAXIMUM, SCAN},
        tree::{Node, Section},
    },
    scan::{Allowance, Maximum, Origin, Rules, Severity, Unscanned},
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
    let everywhere = root.section("scan", &SCAN).map_or(Some(Vec::new()), |scan| allowances(&scan))?;
    let from = match section.get("from")?.text()? {
        "reports" => Origin::Reports,
        "ecr" => Origin::Ecr,
        _ => return None,
    };
    useless_wait(&section, from, findings);
    Some(Some(Rules {
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
        allow: [everywhere, allowances(&section)?].concat(),
    }))
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

/// What is allowed everywhere is of no use where no environment looks.
pub(super) fn useless(root: &Section<'_>, findings: &mut Findings<'_>) {
    let environments = root.named("environments", &crate::config::keys::ENVIRONMENT);
    if environments.iter().any(|(_, environment)| environment.written("scan").is_some()) {
        return;
    }
    if let Some(node) = root.written("scan") {
        let remedy = "add `[environments.NAME.scan]` where images must have been scanned, or remove this";
        findings.add(&node.span, &node.path, Complaint::new("no environment looks at scans", remedy));
    }
}
