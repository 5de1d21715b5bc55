//! What happened. Each event goes to the journal before the effects that follow from it.
//!
//! The format is persisted: variants and members are only added, never changed in meaning.

use serde::{Deserialize, Serialize};

use crate::{
    identifier::{ComponentName, DeploymentId, TaskDefinitionArn},
    policy::Decision,
    rollout::{Diagnosis, Pause, RolloutEnd},
    smoke::CheckResult,
};

use super::{
    component::{Failure, FailureKind},
    outcome::Outcome,
    plan::ComponentPlan,
    request::Request,
    site_plan::{SiteComponentPlan, Switch},
};

/// What happened in a promotion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// It was asked for.
    Requested {
        /// What was asked.
        request: Box<Request>,
    },
    /// Policy decided.
    Decided {
        /// The decision with its reasons.
        decision: Decision,
    },
    /// The right to change the environment was taken.
    Leased {
        /// The lease's fence.
        fence: u64,
    },
    /// Somebody else holds that right.
    LeaseHeld {
        /// Who, until when, for people.
        holder: String,
        /// When to try again.
        until: jiff::Timestamp,
    },
    /// The check found what forbids the promotion. Nothing was changed.
    CheckRefused {
        /// What was found.
        findings: Vec<String>,
    },
    /// Everything that can be known beforehand was verified.
    Checked {
        /// What is to be done, one plan a service.
        plans: Vec<ComponentPlan>,
        /// What is to be done, one plan a site.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        sites: Vec<SiteComponentPlan>,
    },
    /// The component's image is in the environment's registry, byte for byte; or all of a site is in its bucket that no
    /// visitor sees yet.
    Published {
        /// The component.
        component: ComponentName,
        /// How many bytes had to be sent; what was there already is not sent again.
        bytes: u64,
    },
    /// A site's documents and its marker are the release's, and the edges are being told.
    Switched {
        /// The component.
        component: ComponentName,
        /// What was written.
        switch: Switch,
    },
    /// The edges answer from what was switched to, where there are any.
    WentLive {
        /// The component.
        component: ComponentName,
    },
    /// A component's revision exists.
    Registered {
        /// The component.
        component: ComponentName,
        /// The revision.
        revision: TaskDefinitionArn,
        /// Whether an identical revision was there before.
        reused: bool,
    },
    /// ECS accepted our update.
    UpdateAccepted {
        /// The component.
        component: ComponentName,
        /// Our deployment.
        deployment: DeploymentId,
    },
    /// ECS waits at a hook for a word before it goes on with our rollout.
    Paused {
        /// The component.
        component: ComponentName,
        /// The hook.
        pause: Pause,
    },
    /// What is paused may go on; ECS was not told yet.
    Cleared {
        /// The component.
        component: ComponentName,
        /// Who says so.
        by: ClearedBy,
        /// What the smoke checks brought that were asked meanwhile.
        results: Vec<CheckResult>,
    },
    /// What was paused goes on.
    Continued {
        /// The component.
        component: ComponentName,
    },
    /// Why a rollout, or a way back, goes badly: what was seen, and what it means.
    Diagnosed {
        /// The component.
        component: ComponentName,
        /// What was found out.
        diagnosis: Box<Diagnosis>,
    },
    /// ECS ended our rollout, and it is proven: as many tasks as wanted run our digest.
    RolledOut {
        /// The component.
        component: ComponentName,
        /// How ECS ended it; nothing where nothing had to change.
        end: Option<RolloutEnd>,
        /// How many tasks were proven; 0 where the service wants none.
        tasks: u32,
    },
    /// Somebody else deployed over us.
    Superseded {
        /// The component.
        component: ComponentName,
        /// What they deployed, where it is known.
        by: Option<TaskDefinitionArn>,
    },
    /// Somebody else published over our site.
    Replaced {
        /// The component.
        component: ComponentName,
        /// Who or what, as the marker says.
        by: String,
    },
    /// The component's smoke checks passed; for a site, visitors get its files too.
    SmokePassed {
        /// The component.
        component: ComponentName,
        /// What they brought.
        results: Vec<CheckResult>,
    },
    /// A component was judged bad, or could not be brought.
    Failed {
        /// The component.
        component: ComponentName,
        /// Why.
        failure: Failure,
        /// How ECS ended the rollout, where it came to that.
        end: Option<RolloutEnd>,
        /// What the smoke checks brought, where it came to that.
        results: Vec<CheckResult>,
    },
    /// The way back has begun.
    RollbackBegan {
        /// The component.
        component: ComponentName,
        /// Who puts it back.
        by: RestoredBy,
        /// The deployment that brings it back.
        deployment: DeploymentId,
        /// The revision that it brings, where the target's own could not be brought and an identical one was registered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        revision: Option<TaskDefinitionArn>,
    },
    /// A site's documents and its marker are again those that were live, and the edges are being told.
    SwitchedBack {
        /// The component.
        component: ComponentName,
        /// What was written.
        switch: Switch,
    },
    /// The rollback target serves again, and it is proven.
    RolledBack {
        /// The component.
        component: ComponentName,
        /// What the smoke checks brought.
        results: Vec<CheckResult>,
    },
    /// The way back failed, or there is none.
    Stuck {
        /// The component.
        component: ComponentName,
        /// Why.
        why: String,
    },
    /// We could not act or could not tell, before anything was changed.
    Errored {
        /// Why.
        failure: Failure,
    },
    /// A run ended while the promotion was not over. It can be resumed.
    Suspended {
        /// Why, for people.
        why: String,
    },
    /// Another run goes on with it.
    Resumed {
        /// That run's lease.
        fence: u64,
    },
    /// It is over and its record is written.
    Concluded {
        /// How it ended.
        outcome: Outcome,
        /// The record's place in the ledger; nothing where no record could be written.
        record: Option<u64>,
    },
}

/// Who puts the rollback target back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RestoredBy {
    /// ECS, by circuit breaker or alarm: no second update is sent.
    Ecs,
    /// Us.
    Towpath,
}

/// Who says that what is paused may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClearedBy {
    /// The smoke checks that are asked before production traffic.
    Smoke,
    /// A person.
    Person,
}

impl Event {
    /// The event's name, as in the journal.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Requested { .. } => "requested",
            Self::Decided { .. } => "decided",
            Self::Leased { .. } => "leased",
            Self::LeaseHeld { .. } => "lease-held",
            Self::CheckRefused { .. } => "check-refused",
            Self::Checked { .. } => "checked",
            Self::Published { .. } => "published",
            Self::Switched { .. } => "switched",
            Self::WentLive { .. } => "went-live",
            Self::Replaced { .. } => "replaced",
            Self::SwitchedBack { .. } => "switched-back",
            Self::Registered { .. } => "registered",
            Self::UpdateAccepted { .. } => "update-accepted",
            Self::Paused { .. } => "paused",
            Self::Cleared { .. } => "cleared",
            Self::Continued { .. } => "continued",
            Self::Diagnosed { .. } => "diagnosed",
            Self::RolledOut { .. } => "rolled-out",
            Self::Superseded { .. } => "superseded",
            Self::SmokePassed { .. } => "smoke-passed",
            Self::Failed { .. } => "failed",
            Self::RollbackBegan { .. } => "rollback-began",
            Self::RolledBack { .. } => "rolled-back",
            Self::Stuck { .. } => "stuck",
            Self::Errored { .. } => "errored",
            Self::Suspended { .. } => "suspended",
            Self::Resumed { .. } => "resumed",
            Self::Concluded { .. } => "concluded",
        }
    }

    /// Whether it says what only a reader that knows sites can take in.
    pub(super) fn is_about_sites(&self) -> bool {
        match self {
            Self::Switched { .. } | Self::WentLive { .. } | Self::Replaced { .. } | Self::SwitchedBack { .. } => true,
            Self::Checked { sites, .. } => !sites.is_empty(),
            Self::Requested { request } => request.intent.is_about_sites(),
            Self::Failed { failure, .. } => matches!(failure.kind, FailureKind::Switch | FailureKind::Delivery),
            Self::Decided { .. }
            | Self::Leased { .. }
            | Self::LeaseHeld { .. }
            | Self::CheckRefused { .. }
            | Self::Published { .. }
            | Self::Registered { .. }
            | Self::UpdateAccepted { .. }
            | Self::Paused { .. }
            | Self::Cleared { .. }
            | Self::Continued { .. }
            | Self::Diagnosed { .. }
            | Self::RolledOut { .. }
            | Self::Superseded { .. }
            | Self::SmokePassed { .. }
            | Self::RollbackBegan { .. }
            | Self::RolledBack { .. }
            | Self::Stuck { .. }
            | Self::Errored { .. }
            | Self::Suspended { .. }
            | Self::Resumed { .. }
            | Self::Concluded { .. } => false,
        }
    }

    /// The component that it happened to, if to one.
    pub fn component(&self) -> Option<&ComponentName> {
        match self {
            Self::Published { component, .. }
            | Self::Switched { component, .. }
            | Self::WentLive { component }
            | Self::Replaced { component, .. }
            | Self::SwitchedBack { component, .. }
            | Self::Registered { component, .. }
            | Self::UpdateAccepted { component, .. }
            | Self::Paused { component, .. }
            | Self::Cleared { component, .. }
            | Self::Continued { component, .. }
            | Self::Diagnosed { component, .. }
            | Self::RolledOut { component, .. }
            | Self::Superseded { component, .. }
            | Self::SmokePassed { component, .. }
            | Self::Failed { component, .. }
            | Self::RollbackBegan { component, .. }
            | Self::RolledBack { component, .. }
            | Self::Stuck { component, .. } => Some(component),
            Self::Requested { .. }
            | Self::Decided { .. }
            | Self::Leased { .. }
            | Self::LeaseHeld { .. }
            | Self::CheckRefused { .. }
            | Self::Checked { .. }
            | Self::Errored { .. }
            | Self::Suspended { .. }
            | Self::Resumed { .. }
            | Self::Concluded { .. } => None,
        }
    }
}
