//! The verdict on one report: passed, failed with what, or nobody can tell.
//!
//! What is done where nobody can tell is the rules' to say, and the gate's to do.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    config::plain_duration,
    identifier::{Digest, PackageName, VulnerabilityId},
};

use super::{Allowance, Counts, Finding, Found, Report, Rules, Severity, Tool};

/// How many findings are named in a verdict; all are counted.
const NAMED: usize = 20;

/// How far ahead of ours a scanner's clock may be.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);

/// What a report amounts to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[must_use = "an image whose verdict is dropped is brought unseen"]
pub enum Verdict {
    /// What was found is within the rules.
    Passed {
        /// What was found.
        scan: Summary,
    },
    /// It is not.
    Failed {
        /// What was found.
        scan: Summary,
        /// The severities of which there are too many.
        over: Vec<Over>,
        /// The allowances that cover a finding still, and have expired.
        expired: Vec<Allowed>,
    },
    /// Nobody can tell.
    CannotTell {
        /// Why.
        why: String,
    },
}

/// A report in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Summary {
    /// What was scanned.
    pub image: Digest,
    /// What it runs on.
    pub platform: Option<String>,
    /// Who scanned.
    pub tool: Tool,
    /// When its database was made.
    pub database: Option<Timestamp>,
    /// When it scanned.
    pub scanned_at: Option<Timestamp>,
    /// How many findings count.
    pub counts: Counts,
    /// The worst of them, at most twenty.
    pub worst: Vec<Worst>,
    /// What was found and does not count.
    pub allowed: Vec<Allowed>,
    /// How many more the scanner was told to ignore by its own settings.
    pub ignored: usize,
}

/// A finding that counts, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Worst {
    /// What.
    pub id: VulnerabilityId,
    /// In which package.
    pub package: Option<PackageName>,
    /// How bad.
    pub severity: Severity,
    /// The versions in which it is mended.
    pub fixed: Option<String>,
}

/// A finding that an allowance is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Allowed {
    /// How bad it is.
    pub severity: Severity,
    /// The package that it was found in.
    pub found_in: Option<PackageName>,
    /// The allowance.
    pub by: Allowance,
}

/// A severity of which there are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Over {
    /// Which.
    pub severity: Severity,
    /// How many count.
    pub found: usize,
    /// How many there may be.
    pub maximum: usize,
}

/// Judges a report by an environment's rules. It depends on nothing else.
///
/// A finding that an allowance covers does not count while the allowance lasts. One whose allowances have all expired
/// counts, and fails by itself: somebody promised that it would be gone by then.
pub fn judge(report: &Report, rules: &Rules, now: Timestamp) -> Verdict {
    let (findings, ignored) = match &report.found {
        Found::Findings { findings, ignored } => (findings, *ignored),
        Found::Nothing { why } => {
            return Verdict::CannotTell { why: format!("{} could not scan it: {why}", report.tool) };
        }
    };
    if let Some(why) = rules.max_age.and_then(|most| too_old(report, most, now)) {
        return Verdict::CannotTell { why };
    }
    let (mut counting, mut allowed, mut expired) = (Vec::new(), Vec::new(), Vec::new());
    for finding in findings {
        match standing(finding, &rules.allow, now) {
            Standing::Allowed(by) => allowed.push(mark(finding, by)),
            Standing::Expired(by) => {
                expired.push(mark(finding, by));
                counting.push(finding);
            }
            Standing::Counts => counting.push(finding),
        }
    }
    let scan = summary(report, &counting, allowed, ignored);
    let over = over(&scan.counts, rules);
    if over.is_empty() && expired.is_empty() {
        return Verdict::Passed { scan };
    }
    Verdict::Failed { scan, over, expired }
}

/// What the allowances make of a finding.
enum Standing<'a> {
    Allowed(&'a Allowance),
    Expired(&'a Allowance),
    Counts,
}

/// An allowance that lasts wins; among those that have expired, the last to do so is named.
fn standing<'a>(finding: &Finding, allow: &'a [Allowance], now: Timestamp) -> Standing<'a> {
    let latest = allow.iter().filter(|allowance| allowance.covers(finding)).max_by_key(|allowance| allowance.expires);
    match latest {
        Some(allowance) if allowance.is_expired(now) => Standing::Expired(allowance),
        Some(allowance) => Standing::Allowed(allowance),
        None => Standing::Counts,
    }
}

fn mark(finding: &Finding, by: &Allowance) -> Allowed {
    Allowed { severity: finding.severity, found_in: finding.package.clone(), by: by.clone() }
}

fn summary(report: &Report, counting: &[&Finding], allowed: Vec<Allowed>, ignored: usize) -> Summary {
    let worst = |finding: &&Finding| Worst {
        id: finding.id.clone(),
        package: finding.package.clone(),
        severity: finding.severity,
        fixed: finding.fixed.clone().map(String::from),
    };
    Summary {
        image: report.image.clone(),
        platform: report.platform.clone(),
        tool: report.tool.clone(),
        database: report.database,
        scanned_at: report.scanned_at,
        counts: counting.iter().map(|finding| finding.severity).collect(),
        worst: counting.iter().take(NAMED).map(worst).collect(),
        allowed,
        ignored,
    }
}

fn over(counts: &Counts, rules: &Rules) -> Vec<Over> {
    let of = |severity| {
        let (found, maximum) = (counts.of(severity), rules.maximum.of(severity)?);
        (found > maximum).then_some(Over { severity, found, maximum })
    };
    Severity::ALL.into_iter().filter_map(of).collect()
}

/// Why the scan says too little about today: it, or what it knew, is older than it may be, or nobody knows how old.
fn too_old(report: &Report, most: Duration, now: Timestamp) -> Option<String> {
    let dates = [("the scan", report.scanned_at), ("the scanner's database", report.database)];
    let known: Vec<(&str, Timestamp)> = dates.into_iter().filter_map(|(what, at)| Some((what, at?))).collect();
    if known.is_empty() {
        return Some("neither the scan nor its database has a date, and `max-age` asks for one".to_owned());
    }
    known.into_iter().find_map(|(what, at)| {
        let age = now.duration_since(at);
        if age < -AHEAD {
            return Some(format!("{what} is of {at}, which is still to come"));
        }
        let age: Duration = age.try_into().unwrap_or_default();
        (age > most)
            .then(|| format!("{what} is of {at}, older than the {} that `max-age` allows", plain_duration(most)))
    })
}
