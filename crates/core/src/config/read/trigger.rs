//! `deploy-on`: the rules of an environment.

use crate::{
    config::{
        ReleaseRules,
        check::choice,
        key::{Kind, Table},
        keys,
        mistake::{Complaint, Findings},
        tree::{Node, Section},
    },
    identifier::BranchName,
    policy::{TagPattern, TriggerRule},
};

/// The rules, in the order of the file.
pub(super) fn all(
    environment: &Section<'_>,
    release: Option<&ReleaseRules>,
    findings: &mut Findings<'_>,
) -> Option<Vec<TriggerRule>> {
    let Kind::OneOf(noun, tables) = keys::ENVIRONMENT.find("deploy-on")?.kind else {
        return None;
    };
    let mut rules: Vec<TriggerRule> = Vec::new();
    let elements = environment.get("deploy-on")?.elements();
    for element in &elements {
        let Some(rule) = rule(element, (noun, tables), release, findings) else {
            continue;
        };
        if rules.contains(&rule) {
            findings.add(
                &element.span,
                &element.path,
                Complaint::new("the same trigger is listed twice", "remove it once"),
            );
        }
        rules.push(rule);
    }
    (rules.len() == elements.len()).then_some(rules)
}

fn rule(
    element: &Node<'_>,
    (noun, tables): (&str, &'static [&'static Table]),
    release: Option<&ReleaseRules>,
    findings: &mut Findings<'_>,
) -> Option<TriggerRule> {
    let section = element.section(choice(noun, tables, element).ok()?)?;
    match section.keys.keys().next()?.name {
        "push" => push(&section),
        "tag" => {
            let Tagged { pattern, from, same_commit_as } = tagged(&section, "tag", release, findings)?;
            Some(TriggerRule::Tag { pattern, from, same_commit_as })
        }
        "published" => {
            let Tagged { pattern, from, same_commit_as } = tagged(&section, "published", release, findings)?;
            Some(TriggerRule::Published { pattern, from, same_commit_as })
        }
        "dispatch" => Some(TriggerRule::Dispatch),
        "command-line" => Some(TriggerRule::CommandLine),
        _ => None,
    }
}

fn push(section: &Section<'_>) -> Option<TriggerRule> {
    let paths = section.get("paths")?.elements();
    Some(TriggerRule::Push {
        branch: section.parse("push")?,
        paths: paths.iter().map(|path| path.text()?.parse().ok()).collect::<Option<Vec<_>>>()?,
    })
}

/// What an entry about tags says.
struct Tagged {
    pattern: TagPattern,
    from: Option<BranchName>,
    same_commit_as: Option<TagPattern>,
}

/// The form of the tag, the branch it must be on (the release branch where the entry says nothing), and the form whose
/// tag must be on the same commit.
fn tagged(
    section: &Section<'_>,
    name: &str,
    release: Option<&ReleaseRules>,
    findings: &mut Findings<'_>,
) -> Option<Tagged> {
    let pattern = known(section, name, release, findings)?;
    let from = match section.written("from") {
        Some(_) => section.parse("from")?,
        None => release?.branch.clone(),
    };
    let same_commit_as = match section.written("same-commit-as") {
        Some(node) => {
            let before = known(section, "same-commit-as", release, findings)?;
            if before == pattern {
                let complaint = Complaint::new("a tag is always on its own commit", "name the form of another tag");
                findings.add(&node.span, &node.path, complaint);
            }
            Some(before)
        }
        None => None,
    };
    Some(Tagged { pattern, from: Some(from), same_commit_as })
}

/// A form of tags that makes a release.
fn known(
    section: &Section<'_>,
    name: &str,
    release: Option<&ReleaseRules>,
    findings: &mut Findings<'_>,
) -> Option<TagPattern> {
    let (pattern, node): (TagPattern, _) = (section.parse(name)?, section.get(name)?);
    if release.is_some_and(|release| !release.tags.contains(&pattern)) {
        let message = format!("no tag of the form `{pattern}` makes a release");
        findings.add(&node.span, &node.path, Complaint::new(message, "add it to `tags` under [release]"));
    }
    Some(pattern)
}
