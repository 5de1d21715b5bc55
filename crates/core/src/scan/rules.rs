//! What an environment allows to be found: how many of each severity, what in particular and until when, and what is
//! done where nobody could look.

use std::{collections::BTreeMap, time::Duration};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::identifier::{PackageName, VulnerabilityId};

use super::{Finding, Severity};

/// The rules of one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// How many findings there may be.
    pub maximum: Maximum,
    /// Where findings come from.
    pub from: Origin,
    /// What is done with an image that was not scanned, or could not be.
    pub unscanned: Unscanned,
    /// How old a scan and its database may be; nothing where age does not matter.
    pub max_age: Option<Duration>,
    /// How long a scan that the registry has not finished is waited for.
    pub wait: Duration,
    /// What does not count, for a time.
    pub allow: Vec<Allowance>,
}

/// Where findings come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// From the reports that were taken in.
    Reports,
    /// From the registry's own scanner.
    Ecr,
}

/// What is done with an image that was not scanned, or could not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unscanned {
    /// It is refused.
    Refuse,
    /// It passes, and that is said.
    Allow,
    /// It is held: a scan may come.
    Hold,
}

/// How many findings there may be of each severity. Of one that is not named there may be any number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Maximum(BTreeMap<Severity, usize>);

impl Maximum {
    /// How many there may be; nothing where there may be any number.
    pub fn of(&self, severity: Severity) -> Option<usize> {
        self.0.get(&severity).copied()
    }
}

impl FromIterator<(Severity, usize)> for Maximum {
    fn from_iter<T: IntoIterator<Item = (Severity, usize)>>(maximum: T) -> Self {
        Self(maximum.into_iter().collect())
    }
}

/// A finding that does not count, for a reason and for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Allowance {
    /// What.
    pub id: VulnerabilityId,
    /// In which package; in any where none is named.
    pub package: Option<PackageName>,
    /// Why it does not count.
    pub reason: String,
    /// The last day on which it does not, in UTC.
    pub expires: Date,
}

impl Allowance {
    /// Whether it is about this finding. Names are compared whole.
    pub fn covers(&self, finding: &Finding) -> bool {
        self.id == finding.id && self.package.as_ref().is_none_or(|package| finding.package.as_ref() == Some(package))
    }

    /// Whether its last day is over.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now.to_zoned(TimeZone::UTC).date() > self.expires
    }
}
