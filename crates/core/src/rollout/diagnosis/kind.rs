//! The causes that have a name, and what can be asked of each.
//!
//! Their names are kept in records for ever; what they mean is in [`super::catalogue`].

use std::fmt;

use serde::{Deserialize, Serialize};

use super::catalogue::{self, Entry};

/// A named cause. They are in the order of how telling they are: what comes first explains what comes after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each has its meaning in the catalogue, where programs and pages read it too")]
pub enum CauseKind {
    ServiceMissing,
    TaskDefinitionMissing,
    TaskDefinitionInvalid,
    RoleCannotBeAssumed,
    RoleCannotBePassed,
    ImageNotFound,
    WrongArchitecture,
    ImagePullDenied,
    RegistryAuth,
    RegistryLimit,
    ImagePullNetwork,
    ImagePullFailed,
    DigestUnresolved,
    DiskFull,
    SecretMissing,
    ParameterMissing,
    SecretDenied,
    EnvironmentFile,
    LogGroupMissing,
    LogDenied,
    LogDriver,
    Volume,
    CommandNotFound,
    Network,
    AccessDenied,
    OutOfMemory,
    DependencyFailed,
    CrashLoop,
    Crash,
    KilledBySignal,
    ExitsAtOnce,
    ContainerHealthCheck,
    HealthCheckStatus,
    HealthCheckTimeout,
    WrongPort,
    HealthCheckFailed,
    TargetGroupMissing,
    TargetUnused,
    DeploymentHookFailed,
    Alarm,
    PlacementConstraint,
    Quota,
    Capacity,
    PercentDeadlock,
    ProtectedTasks,
    IamMisconfigured,
    ContainerRuntime,
    SpotOrInfrastructure,
    StoppedByHand,
    ThrottledByAws,
    NoRollbackCandidate,
    NoSteadyState,
    Unknown,
}

impl CauseKind {
    /// All of them, the most telling first.
    pub fn all() -> impl Iterator<Item = Self> {
        catalogue::ENTRIES.iter().map(|entry| entry.kind)
    }

    /// Its name in records.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// What it means, as a fragment of a sentence.
    pub fn meaning(self) -> &'static str {
        self.entry().meaning
    }

    /// What it is recognised by.
    pub fn recognised_by(self) -> &'static str {
        self.entry().recognised_by
    }

    /// What to change or to look at next.
    pub fn remedy(self) -> &'static str {
        self.entry().remedy
    }

    /// Whether it says less than any of the others: it is told only where nothing else is known.
    pub(super) fn is_symptom(self) -> bool {
        self >= Self::NoSteadyState
    }

    fn entry(self) -> &'static Entry {
        &catalogue::ENTRIES[self as usize]
    }
}

impl fmt::Display for CauseKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_kind_has_its_own_entry_under_the_name_that_records_have() {
        for (place, kind) in CauseKind::all().enumerate() {
            assert_eq!(kind as usize, place, "{kind}");
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
        assert_eq!(CauseKind::all().last(), Some(CauseKind::Unknown), "the last kind of the enum has an entry");
        let names: BTreeSet<&str> = CauseKind::all().map(CauseKind::name).collect();
        assert_eq!(names.len(), CauseKind::all().count());
    }

    #[test]
    fn every_kind_says_what_it_means_and_what_to_do() {
        for kind in CauseKind::all() {
            for text in [kind.meaning(), kind.recognised_by(), kind.remedy()] {
                assert!(!text.is_empty() && !text.contains(['\n', '|']) && !text.ends_with('.'), "{kind}: {text}");
            }
        }
    }
}
