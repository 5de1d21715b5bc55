//! The record: what is kept of a promotion for ever, on every outcome.
//!
//! It keeps the twelve fields of the JSON file that pipelines wrote before Towpath, so that whoever reads those keeps
//! working, and has the whole truth beside them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    identifier::{
        AppName, CommitId, ComponentName, Digest, EnvironmentName, ImageReference, PromotionId, Sha256,
        TaskDefinitionArn, Version,
    },
    policy::{Decision, Trigger},
    promotion::{Failure, Outcome, RestoredBy, Serving, Target},
    rollout::{Diagnosis, RolloutEnd, ServiceKey},
    smoke::CheckResult,
};

use super::site_record::SiteRecord;

/// The format of a [`Record`] that is about services alone.
pub const RECORD_SCHEMA: u32 = 1;

/// The format of one that tells of sites. Readers of the older format refuse it, because they would lose these.
pub(super) const WITH_SITES: u32 = 2;

/// What is kept of a promotion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Record {
    /// The format's version: the oldest that has everything that is used.
    pub schema: u32,
    /// Its place in the environment's ledger, from 1.
    pub sequence: u64,
    /// The hash of the record before; nothing for the first.
    pub previous: Option<Sha256>,
    /// When it was written.
    pub timestamp_utc: Timestamp,
    /// The environment.
    pub environment: EnvironmentName,
    /// The digest of the first service's image.
    pub digest: Option<Digest>,
    /// The first service's image.
    pub image_uri: Option<ImageReference>,
    /// The outcome in three words, for readers of the old file.
    pub status: SeedStatus,
    /// The workflow run.
    pub run_id: Option<u64>,
    /// Its attempt.
    pub run_attempt: Option<u32>,
    /// Who asked.
    pub actor: String,
    /// `owner/name` of the repository.
    pub repo: Option<String>,
    /// The workflow.
    pub workflow: Option<String>,
    /// The full reference.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// The commit of the release, or of the run where there is no release.
    pub sha: Option<String>,
    /// The promotion.
    pub promotion: PromotionId,
    /// What kind of attempt it was.
    pub kind: RecordKind,
    /// The application.
    pub app: AppName,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, for people.
    pub reason: String,
    /// The release's version, where one is known.
    pub version: Option<Version>,
    /// The release's commit, where one is known.
    pub commit: Option<CommitId>,
    /// What asked.
    pub trigger: Trigger,
    /// What policy decided.
    pub decision: Option<Decision>,
    /// The fence of the lease that the last change was made under.
    pub fence: Option<u64>,
    /// What happened to each service.
    pub components: BTreeMap<ComponentName, ComponentRecord>,
    /// What happened to each site.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sites: BTreeMap<ComponentName, SiteRecord>,
    /// What happened, in order.
    pub timeline: Vec<TimelineEntry>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The version of Towpath.
    pub tool_version: String,
}

/// What kind of attempt a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordKind {
    /// A release was to be brought.
    Promotion,
    /// A person went back to what was proven before.
    Restoration,
    /// What served was taken as the baseline.
    Adoption,
    /// A deliberately bad copy of what served was brought, to see that it is found and put back.
    Drill,
}

/// The outcome in the three words of the old file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SeedStatus {
    /// The release serves.
    Success,
    /// It does not, or nobody can say.
    Failure,
    /// The run was interrupted or never had to change anything.
    Cancelled,
}

impl From<Outcome> for SeedStatus {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Succeeded | Outcome::Unchanged | Outcome::Adopted => Self::Success,
            Outcome::Unverified
            | Outcome::Refused
            | Outcome::Errored
            | Outcome::Unauthorized
            | Outcome::RolledBack
            | Outcome::Stuck
            | Outcome::Inconclusive => Self::Failure,
            Outcome::Ignored | Outcome::Held | Outcome::Interrupted | Outcome::Superseded => Self::Cancelled,
        }
    }
}

impl Record {
    /// The same record, with what happened to each site.
    #[must_use]
    pub fn with_sites(mut self, sites: BTreeMap<ComponentName, SiteRecord>) -> Self {
        self.schema = if sites.is_empty() { RECORD_SCHEMA } else { WITH_SITES };
        self.sites = sites;
        self
    }
}

/// What happened to one service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct ComponentRecord {
    /// Its service.
    pub service: ServiceKey,
    /// The image that was asked for.
    pub image: Option<ImageReference>,
    /// Where its bytes were copied from, where they were not in the environment's registry yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copied_from: Option<ImageReference>,
    /// What served before.
    pub before: Option<Serving>,
    /// The revision that was brought.
    pub after: Option<TaskDefinitionArn>,
    /// Whether that revision was there before.
    pub reused: bool,
    /// How what was brought differs from what served, without values.
    pub difference: Vec<String>,
    /// How ECS ended the rollout.
    pub rollout: Option<RolloutEnd>,
    /// What the smoke checks brought.
    pub smoke: Vec<CheckResult>,
    /// What the smoke checks brought that were asked before production traffic.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub smoke_before_traffic: Vec<CheckResult>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// What was seen of the rollout going badly, and what it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<Diagnosis>,
    /// The way back, where there was one.
    pub rollback: Option<RollbackRecord>,
    /// What serves now, where it is proven.
    pub serves: Option<Serving>,
    /// What the user should know.
    pub notes: Vec<String>,
}

/// A way back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct RollbackRecord {
    /// What was gone back to.
    pub target: Option<Target>,
    /// Who put it back, where it is back.
    pub by: Option<RestoredBy>,
    /// What the smoke checks brought then.
    pub smoke: Vec<CheckResult>,
    /// Why it is stuck, where it is.
    pub stuck: Option<String>,
    /// What was seen of the way back going badly, and what it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<Diagnosis>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct TimelineEntry {
    /// When, by the run's clock.
    pub at: Timestamp,
    /// The event's name.
    pub event: String,
    /// The component, where it is about one.
    pub component: Option<ComponentName>,
}
