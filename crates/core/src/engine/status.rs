//! What an environment looks like: what the ledger says serves, and what ECS shows.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    config::{Application, Environment},
    identifier::{ComponentName, EnvironmentName, PromotionId, TaskDefinitionArn},
    ledger::{Ledger, Record, history},
    ports::CallError,
    promotion::{LiveSite, Outcome, Serving},
    rollout::{RolloutState, ServiceSnapshot},
};

use super::{
    check::key,
    entry::{EngineError, open_promotion},
    world::World,
};

/// An environment as ledger and ECS show it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EnvironmentStatus {
    /// Its name.
    pub environment: EnvironmentName,
    /// The promotion that is open here, if one is.
    pub open: Option<PromotionId>,
    /// How the newest promotion ended, and when.
    pub last: Option<(Outcome, Timestamp)>,
    /// Its services.
    pub components: BTreeMap<ComponentName, ComponentStatus>,
    /// Its sites.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sites: BTreeMap<ComponentName, SiteStatus>,
}

/// A site as ledger and bucket show it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SiteStatus {
    /// What was last proven.
    pub proven: Option<LiveSite>,
    /// Since when.
    pub since: Option<Timestamp>,
    /// What is live by the bucket's marker.
    pub live: Option<LiveSite>,
    /// What it amounts to.
    pub health: Health,
}

/// A component as ledger and ECS show it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComponentStatus {
    /// What was last proven.
    pub proven: Option<Serving>,
    /// Since when.
    pub since: Option<Timestamp>,
    /// What ECS is set to now.
    pub task_definition: Option<TaskDefinitionArn>,
    /// How many tasks run.
    pub running: u32,
    /// How many are wanted.
    pub desired: u32,
    /// What it amounts to.
    pub health: Health,
}

/// What a component's state amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// What was proven is set, complete, and all wanted tasks run.
    Steady,
    /// A rollout is under way.
    Rolling,
    /// Something else serves than what was proven.
    Drifted,
    /// Nothing was ever proven here.
    Unproven,
    /// Wanted tasks are missing, or the rollout was given up.
    Degraded,
    /// The service wants no tasks.
    Parked,
    /// There is no such service.
    Missing,
    /// ECS could not be asked.
    Unknown,
}

impl Health {
    /// The word for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Rolling => "rolling",
            Self::Drifted => "drifted",
            Self::Unproven => "unproven",
            Self::Degraded => "degraded",
            Self::Parked => "parked",
            Self::Missing => "missing",
            Self::Unknown => "unknown",
        }
    }
}

impl EnvironmentStatus {
    /// Reads the ledger and ECS. Where ECS cannot be asked, the second value says why and the ledger's part stands.
    ///
    /// # Errors
    /// When the ledger cannot be read or was tampered with.
    pub async fn read(
        application: &Application,
        environment: &Environment,
        world: &World,
    ) -> Result<(Self, Option<CallError>), EngineError> {
        let records = Ledger::new(&*world.store, &environment.name).records().await?;
        let keys: Vec<_> = environment.services.values().map(key).collect();
        let (snapshots, trouble) = match world.services.describe(&keys).await {
            Ok(snapshots) => (snapshots.into_iter().map(Asked::of).collect(), None),
            Err(error) => (keys.iter().map(|_| Asked::InVain).collect::<Vec<_>>(), Some(error)),
        };
        let mut status = Self::of_records(&environment.name, &records);
        status.open = open_promotion(&*world.store, &environment.name).await?;
        let proven = history::last_proven(&records);
        for (name, asked) in environment.services.keys().zip(snapshots) {
            let serving = proven.get(name).map(|proven| proven.serving.clone());
            status.components.insert(name.clone(), component(&records, name, serving, &asked));
        }
        status.components.retain(|name, _| application.component(name).is_some());
        let (sites, site_trouble) = super::site::look(application, environment, world, &records).await;
        status.sites = sites;
        let trouble = trouble.or(site_trouble);
        Ok((status, trouble))
    }

    fn of_records(environment: &EnvironmentName, records: &[Record]) -> Self {
        let last = records.iter().rev().find(|record| record.outcome != Outcome::Adopted);
        Self {
            environment: environment.clone(),
            open: None,
            last: last.map(|record| (record.outcome, record.timestamp_utc)),
            components: BTreeMap::new(),
            sites: BTreeMap::new(),
        }
    }
}

/// What ECS answered about a service.
enum Asked {
    /// This.
    Found(Box<ServiceSnapshot>),
    /// That it is missing.
    Missing,
    /// Nothing.
    InVain,
}

impl Asked {
    fn of(answer: Option<ServiceSnapshot>) -> Self {
        answer.map_or(Self::Missing, |snapshot| Self::Found(Box::new(snapshot)))
    }
}

fn component(records: &[Record], name: &ComponentName, proven: Option<Serving>, asked: &Asked) -> ComponentStatus {
    let service = match asked {
        Asked::Found(service) => Some(&**service),
        Asked::Missing | Asked::InVain => None,
    };
    ComponentStatus {
        since: proven.as_ref().and_then(|proven| serving_since(records, name, proven)),
        task_definition: service.and_then(|service| service.task_definition.clone()),
        running: service.map_or(0, |service| service.running),
        desired: service.map_or(0, |service| service.desired),
        health: match asked {
            Asked::InVain => Health::Unknown,
            Asked::Missing => Health::Missing,
            Asked::Found(service) => health(service, proven.as_ref()),
        },
        proven,
    }
}

fn serving_since(records: &[Record], name: &ComponentName, proven: &Serving) -> Option<Timestamp> {
    let serves = |record: &&Record| record.components.get(name).is_some_and(|one| one.serves.is_some());
    let same = |record: &&Record| {
        let then = record.components.get(name).and_then(|one| one.serves.as_ref());
        then.is_some_and(|then| then.task_definition == proven.task_definition)
    };
    records.iter().rev().filter(serves).take_while(same).last().map(|record| record.timestamp_utc)
}

fn health(service: &ServiceSnapshot, proven: Option<&Serving>) -> Health {
    let Some(primary) = service.primary() else {
        return Health::Degraded;
    };
    match (&primary.rollout, proven) {
        (Some(RolloutState::InProgress), _) => Health::Rolling,
        (Some(RolloutState::Failed), _) => Health::Degraded,
        _ if service.desired == 0 => Health::Parked,
        _ if primary.running < service.desired => Health::Degraded,
        (_, None) => Health::Unproven,
        (_, Some(proven)) if proven.task_definition != primary.task_definition => Health::Drifted,
        (_, Some(_)) => Health::Steady,
    }
}
