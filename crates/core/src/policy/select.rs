//! Which rules of an environment a trigger speaks to, before anything of the world is looked at.
//!
//! `decide` and `matrix` both come through here, so that they cannot disagree.

use crate::{
    config::{Application, Environment},
    identifier::{BranchName, Version},
};

use super::{Reason, TagPattern, Trigger, TriggerRule, tag::classify};

/// A trigger as far as rules care: branches by name, tags by form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask<'a> {
    /// A push to that branch, or to one that no rule names.
    Push(Option<&'a BranchName>),
    /// A tag of that form, or of none.
    Tag(Option<&'a TagPattern>),
    /// A published release, its tag of that form or of none.
    Published(Option<&'a TagPattern>),
    /// A pull request.
    PullRequest,
    /// A workflow started by hand.
    Dispatch,
    /// A person at the command line.
    CommandLine,
}

/// What an environment's rules say to an [`Ask`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Selection {
    /// These rules apply, by their place in `deploy-on`.
    Rules(Vec<usize>),
    /// None applies, and the tag makes a release.
    PublishOnly,
    /// None applies, and that is in order.
    Ignored,
    /// None applies, and a person wanted it.
    NotListed,
}

impl<'a> Ask<'a> {
    /// The trigger as this environment's rules see it.
    pub(super) fn of(trigger: &'a Trigger, application: &'a Application, environment: &'a Environment) -> Self {
        match trigger {
            Trigger::Push { branch, .. } => Self::Push(Some(branch)),
            Trigger::Tag { tag, .. } => Self::Tag(tagged(application, environment, tag).map(|(form, _)| form)),
            Trigger::Published { tag, .. } => {
                Self::Published(tagged(application, environment, tag).map(|(form, _)| form))
            }
            Trigger::PullRequest { .. } => Self::PullRequest,
            Trigger::Dispatch => Self::Dispatch,
            Trigger::CommandLine => Self::CommandLine,
        }
    }
}

/// The form and version of a tag, among the application's forms and those of the environment's rules.
pub(super) fn tagged<'a>(
    application: &'a Application,
    environment: &'a Environment,
    tag: &str,
) -> Option<(&'a TagPattern, Version)> {
    classify(forms(application, environment), tag)
}

/// Every form of tag that means something to this environment.
pub(super) fn forms<'a>(
    application: &'a Application,
    environment: &'a Environment,
) -> impl Iterator<Item = &'a TagPattern> {
    application.release.tags.iter().chain(environment.deploy_on.iter().filter_map(pattern_of))
}

fn pattern_of(rule: &TriggerRule) -> Option<&TagPattern> {
    match rule {
        TriggerRule::Tag { pattern, .. } | TriggerRule::Published { pattern, .. } => Some(pattern),
        TriggerRule::Push { .. } | TriggerRule::Dispatch | TriggerRule::CommandLine => None,
    }
}

/// The rules that apply, or what it means that none does.
pub(super) fn select(environment: &Environment, ask: Ask<'_>) -> Selection {
    let applying = environment.deploy_on.iter().enumerate().filter(|(_, rule)| applies(rule, ask));
    let rules: Vec<usize> = applying.map(|(index, _)| index).collect();
    if ask != Ask::PullRequest && !rules.is_empty() {
        return Selection::Rules(rules);
    }
    match ask {
        Ask::Tag(Some(_)) | Ask::Published(Some(_)) => Selection::PublishOnly,
        Ask::Dispatch | Ask::CommandLine => Selection::NotListed,
        Ask::Push(_) | Ask::Tag(None) | Ask::Published(None) | Ask::PullRequest => Selection::Ignored,
    }
}

fn applies(rule: &TriggerRule, ask: Ask<'_>) -> bool {
    match rule {
        TriggerRule::Push { branch, .. } => ask == Ask::Push(Some(branch)),
        TriggerRule::Tag { pattern, .. } => ask == Ask::Tag(Some(pattern)),
        TriggerRule::Published { pattern, .. } => ask == Ask::Published(Some(pattern)),
        TriggerRule::Dispatch => ask == Ask::Dispatch,
        TriggerRule::CommandLine => ask == Ask::CommandLine,
    }
}

/// Why no rule applies to this trigger.
pub(super) fn why_none(trigger: &Trigger, application: &Application, environment: &Environment) -> Reason {
    match trigger {
        Trigger::PullRequest { number } => Reason::PullRequest { number: *number },
        Trigger::Push { branch, .. } => Reason::OtherBranch { branch: branch.clone(), wanted: branches(environment) },
        Trigger::Tag { tag, .. } | Trigger::Published { tag, .. } => match tagged(application, environment, tag) {
            Some((form, _)) => Reason::PublishesOnly {
                tag: tag.clone(),
                form: form.clone(),
                wanted: unique(environment.deploy_on.iter().filter_map(pattern_of)),
            },
            None => Reason::OtherTag { tag: tag.clone(), forms: unique(forms(application, environment)) },
        },
        Trigger::Dispatch | Trigger::CommandLine => Reason::NotListed {
            trigger: trigger.clone(),
            listed: environment.deploy_on.iter().map(TriggerRule::to_string).collect(),
        },
    }
}

fn branches(environment: &Environment) -> Vec<BranchName> {
    unique(environment.deploy_on.iter().filter_map(|rule| match rule {
        TriggerRule::Push { branch, .. } => Some(branch),
        TriggerRule::Tag { .. } | TriggerRule::Published { .. } | TriggerRule::Dispatch | TriggerRule::CommandLine => {
            None
        }
    }))
}

fn unique<'a, T: Clone + PartialEq + 'a>(items: impl Iterator<Item = &'a T>) -> Vec<T> {
    let mut seen: Vec<T> = Vec::new();
    for item in items {
        if !seen.contains(item) {
            seen.push(item.clone());
        }
    }
    seen
}
