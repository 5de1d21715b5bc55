//! By whom an environment's images must have been signed.

use crate::{
    config::{
        ReleaseRules,
        check::choice,
        key::{Kind, Table},
        mistake::{Complaint, Findings},
        signing::ENVIRONMENT_SIGNED,
        tree::{Node, Section},
    },
    identifier::RefPattern,
    signature::{Demand, Rules},
};

/// An environment's demands; nothing where it has none.
#[expect(clippy::option_option, reason = "the outer one is whether it could be read, as everywhere here")]
pub(super) fn rules(
    environment: &Section<'_>,
    release: Option<&ReleaseRules>,
    findings: &mut Findings<'_>,
) -> Option<Option<Rules>> {
    let Some(section) = environment.section("signed", &ENVIRONMENT_SIGNED) else {
        return Some(None);
    };
    let by = demands(&section, release, findings)?;
    let trusted_root = match section.written("trusted-root") {
        Some(node) => {
            useless_root(&by, &node, findings);
            Some(node.text()?.to_owned())
        }
        None => None,
    };
    let statements = section.get("statements")?;
    if statements.elements().is_empty() {
        let complaint = Complaint::new("nothing could be stated", "name what must be stated, or remove `statements`");
        findings.add(&statements.span, &statements.path, complaint);
    }
    let statements = statements.elements().iter().map(|one| one.text()?.parse().ok()).collect::<Option<Vec<_>>>()?;
    Some(Some(Rules { by, statements, trusted_root }))
}

fn demands(section: &Section<'_>, release: Option<&ReleaseRules>, findings: &mut Findings<'_>) -> Option<Vec<Demand>> {
    let Kind::OneOf(noun, tables) = ENVIRONMENT_SIGNED.find("by")?.kind else {
        return None;
    };
    let mut demands = Vec::new();
    let elements = section.written("by")?.elements();
    for element in &elements {
        let Some(demand) = demand(element, (noun, tables), release, findings) else {
            continue;
        };
        if demands.contains(&demand) {
            findings.add(
                &element.span,
                &element.path,
                Complaint::new("the same signer is listed twice", "remove it once"),
            );
        }
        demands.push(demand);
    }
    (demands.len() == elements.len()).then_some(demands)
}

fn demand(
    element: &Node<'_>,
    (noun, tables): (&str, &'static [&'static Table]),
    release: Option<&ReleaseRules>,
    findings: &mut Findings<'_>,
) -> Option<Demand> {
    let section = element.section(choice(noun, tables, element).ok()?)?;
    match section.keys.keys().next()?.name {
        "github" => {
            let refs = refs(&section, release, findings)?;
            Some(Demand::GitHub { repository: section.parse("github")?, workflow: section.parse("workflow")?, refs })
        }
        "identity" => Some(Demand::Identity { identity: section.parse("identity")?, issuer: section.parse("issuer")? }),
        "key" => Some(Demand::Key { file: section.get("key")?.text()?.to_owned(), log: section.get("log")?.flag()? }),
        _ => None,
    }
}

/// The refs that a workflow may have run for: the release branch where nothing is said.
fn refs(section: &Section<'_>, release: Option<&ReleaseRules>, findings: &mut Findings<'_>) -> Option<Vec<RefPattern>> {
    let Some(node) = section.written("refs") else {
        return Some(vec![format!("refs/heads/{}", release?.branch).parse().ok()?]);
    };
    if node.elements().is_empty() {
        let complaint = Complaint::new("the workflow could run for nothing", "name a ref, or remove `refs`");
        findings.add(&node.span, &node.path, complaint);
    }
    node.elements().iter().map(|element| element.text()?.parse().ok()).collect()
}

/// A key that needs no log goes back to nothing.
fn useless_root(by: &[Demand], node: &Node<'_>, findings: &mut Findings<'_>) {
    if by.iter().all(|demand| matches!(demand, Demand::Key { log: false, .. })) {
        let complaint = Complaint::new("no signer here goes back to a root", "remove it, or `log = false`");
        findings.add(&node.span, &node.path, complaint);
    }
}
