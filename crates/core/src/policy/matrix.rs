//! The whole policy at a glance: every trigger against every environment, and the rule that would decide.
//!
//! It says what the rules say; whether a release is proven upstream, or its commit on a branch, is a condition here
//! and not looked up.

use std::time::Duration;

use serde::Serialize;

use crate::{
    config::{Application, Environment, plain_duration},
    identifier::{BranchName, EnvironmentName},
};

use super::{
    PathGlob, TagPattern, TriggerRule,
    decide::rule_path,
    select::{Ask, Selection, select},
};

/// Every trigger against every environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Matrix {
    /// The environments, in the order of the file.
    pub environments: Vec<EnvironmentName>,
    /// One row a trigger.
    pub rows: Vec<Row>,
}

/// What one trigger may do in each environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The trigger, in words.
    pub trigger: String,
    /// One cell an environment, in the order of [`Matrix::environments`].
    pub cells: Vec<Cell>,
}

/// What one trigger may do in one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Cell {
    /// It may bring a release there, by any of these rules, under the rule's conditions.
    MayDeploy {
        /// The rules.
        ways: Vec<Way>,
    },
    /// It is refused, because no rule lists it.
    Refused,
    /// It is none of the environment's business.
    Ignored,
    /// It makes a release, and brings it nowhere there.
    PublishOnly,
}

/// One rule that lets a trigger bring a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Way {
    /// The rule, as a path into the configuration.
    pub rule: String,
    /// What must hold besides.
    pub conditions: Vec<Condition>,
}

/// What must hold for a rule to allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Condition {
    /// A changed path matches one of these.
    PathChanged {
        /// The globs.
        globs: Vec<PathGlob>,
    },
    /// The tag of this form and the same version is on the same commit.
    SameCommitAs {
        /// The form.
        form: TagPattern,
    },
    /// The commit is on this branch.
    OnBranch {
        /// The branch.
        branch: BranchName,
    },
    /// The release is proven there.
    ProvenIn {
        /// The environment.
        environment: EnvironmentName,
    },
    /// The release has served upstream for so long.
    Soaked {
        /// For how long.
        soak: Duration,
    },
}

/// The matrix of this application.
pub fn matrix(application: &Application) -> Matrix {
    let rows = asks(application).into_iter().map(|(trigger, ask)| Row {
        trigger,
        cells: application.environments.iter().map(|environment| cell(environment, ask)).collect(),
    });
    Matrix {
        rows: rows.collect(),
        environments: application.environments.iter().map(|environment| environment.name.clone()).collect(),
    }
}

/// Every trigger that makes a difference: each branch and form that is named anywhere, and one of each that is not.
fn asks(application: &Application) -> Vec<(String, Ask<'_>)> {
    let rules = || application.environments.iter().flat_map(|environment| &environment.deploy_on);
    let mut asks: Vec<(String, Ask<'_>)> = Vec::new();
    asks.extend(
        rules().filter_map(|rule| push(rule).map(|branch| (format!("push to {branch}"), Ask::Push(Some(branch))))),
    );
    asks.push(("push to another branch".to_owned(), Ask::Push(None)));
    let tags = || application.release.tags.iter().chain(rules().filter_map(tag));
    asks.extend(tags().map(|form| (format!("tag {form}"), Ask::Tag(Some(form)))));
    asks.push(("tag of another form".to_owned(), Ask::Tag(None)));
    let published = rules().filter_map(published);
    asks.extend(published.map(|form| (format!("published release {form}"), Ask::Published(Some(form)))));
    asks.push(("pull request".to_owned(), Ask::PullRequest));
    asks.push(("workflow started by hand".to_owned(), Ask::Dispatch));
    asks.push(("command line".to_owned(), Ask::CommandLine));
    without_doubles(asks)
}

fn push(rule: &TriggerRule) -> Option<&BranchName> {
    match rule {
        TriggerRule::Push { branch, .. } => Some(branch),
        TriggerRule::Tag { .. } | TriggerRule::Published { .. } | TriggerRule::Dispatch | TriggerRule::CommandLine => {
            None
        }
    }
}

fn tag(rule: &TriggerRule) -> Option<&TagPattern> {
    match rule {
        TriggerRule::Tag { pattern, .. } => Some(pattern),
        TriggerRule::Push { .. } | TriggerRule::Published { .. } | TriggerRule::Dispatch | TriggerRule::CommandLine => {
            None
        }
    }
}

fn published(rule: &TriggerRule) -> Option<&TagPattern> {
    match rule {
        TriggerRule::Published { pattern, .. } => Some(pattern),
        TriggerRule::Push { .. } | TriggerRule::Tag { .. } | TriggerRule::Dispatch | TriggerRule::CommandLine => None,
    }
}

fn without_doubles(asks: Vec<(String, Ask<'_>)>) -> Vec<(String, Ask<'_>)> {
    let mut kept: Vec<(String, Ask<'_>)> = Vec::new();
    for ask in asks {
        if !kept.contains(&ask) {
            kept.push(ask);
        }
    }
    kept
}

fn cell(environment: &Environment, ask: Ask<'_>) -> Cell {
    match select(environment, ask) {
        Selection::Rules(rules) => {
            Cell::MayDeploy { ways: rules.iter().filter_map(|index| way(environment, *index)).collect() }
        }
        Selection::PublishOnly => Cell::PublishOnly,
        Selection::Ignored => Cell::Ignored,
        Selection::NotListed => Cell::Refused,
    }
}

fn way(environment: &Environment, index: usize) -> Option<Way> {
    let rule = environment.deploy_on.get(index)?;
    let paths = (!rule.paths().is_empty()).then(|| Condition::PathChanged { globs: rule.paths().to_vec() });
    let branch = rule.from().map(|branch| Condition::OnBranch { branch: branch.clone() });
    let before = rule.same_commit_as().map(|form| Condition::SameCommitAs { form: form.clone() });
    let proven = environment.after.iter().map(|upstream| Condition::ProvenIn { environment: upstream.clone() });
    let soak = (!environment.soak.is_zero()).then_some(Condition::Soaked { soak: environment.soak });
    Some(Way {
        rule: rule_path(&environment.name, index),
        conditions: paths.into_iter().chain(branch).chain(before).chain(proven).chain(soak).collect(),
    })
}

impl std::fmt::Display for Condition {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::PathChanged { globs } => {
                let globs: Vec<String> = globs.iter().map(PathGlob::to_string).collect();
                write!(formatter, "{} changed", globs.join(" or "))
            }
            Self::OnBranch { branch } => write!(formatter, "commit on {branch}"),
            Self::SameCommitAs { form } => write!(formatter, "on the commit of {form}"),
            Self::ProvenIn { environment } => write!(formatter, "proven in {environment}"),
            Self::Soaked { soak } => {
                write!(formatter, "served there for {}", plain_duration(*soak))
            }
        }
    }
}
