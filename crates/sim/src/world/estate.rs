//! Everything that exists in the world and outlives a restart.
//!
//! The clock is not part of it, nor is the log of calls.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Alarms, LoadBalancing, Logs, place::Place};
use crate::{
    cloudfront::CloudFront,
    ecr::{Ecr, RegistryKnobs, ScanSpec},
    ecs::{Ecs, Knobs},
    faults::FaultPlan,
    images::{Behaviours, Catalog},
    secrets::Secrets,
    sts::Sessions,
};

/// The most instants that one step goes through; what is left waits for the next step.
const MOST_INSTANTS: usize = 100_000;

/// Everything that exists.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Estate {
    /// The account of keys that name none, and of scenario entries without one.
    pub(crate) default_account: String,
    pub(crate) default_region: String,
    /// The settings of every ECS, as the scenario gave them.
    pub(crate) knobs: Knobs,
    /// The settings of every ECR, as the scenario gave them.
    #[serde(default)]
    pub(crate) registry_knobs: RegistryKnobs,
    /// What becomes of scans, for every ECR; the first that is about an image holds.
    #[serde(default)]
    pub(crate) scans: Vec<ScanSpec>,
    pub(crate) ecs: BTreeMap<Place, Ecs>,
    pub(crate) registries: BTreeMap<Place, Ecr>,
    pub(crate) secrets: BTreeMap<Place, Secrets>,
    pub(crate) sessions: Sessions,
    #[serde(default)]
    pub(crate) alarms: BTreeMap<Place, Alarms>,
    #[serde(default)]
    pub(crate) logs: BTreeMap<Place, Logs>,
    #[serde(default)]
    pub(crate) balancing: BTreeMap<Place, LoadBalancing>,
    #[serde(default)]
    pub(crate) cloudfront: CloudFront,
    pub(crate) behaviours: Behaviours,
    pub(crate) faults: FaultPlan,
}

impl Estate {
    pub(crate) fn new(default_account: &str, default_region: &str, knobs: Knobs) -> Self {
        Self {
            default_account: default_account.to_owned(),
            default_region: default_region.to_owned(),
            knobs,
            registry_knobs: RegistryKnobs::default(),
            scans: Vec::new(),
            ecs: BTreeMap::new(),
            registries: BTreeMap::new(),
            secrets: BTreeMap::new(),
            sessions: Sessions::default(),
            alarms: BTreeMap::new(),
            logs: BTreeMap::new(),
            balancing: BTreeMap::new(),
            cloudfront: CloudFront::default(),
            behaviours: Behaviours::default(),
            faults: FaultPlan::default(),
        }
    }

    pub(crate) fn ecs(&mut self, place: &Place) -> &mut Ecs {
        self.ecs.entry(place.clone()).or_insert_with(|| {
            let mut ecs = Ecs::new(place.account(), place.region());
            ecs.set_knobs(self.knobs.clone());
            ecs
        })
    }

    pub(crate) fn registry(&mut self, place: &Place) -> &mut Ecr {
        self.registries.entry(place.clone()).or_insert_with(|| {
            let mut ecr = Ecr::new(place.account(), place.region());
            ecr.set_knobs(self.registry_knobs.clone());
            let fitting = self.scans.iter().rev().filter(|spec| spec.is_at(place.account(), place.region()));
            fitting.for_each(|spec| ecr.set_scan(spec.clone()));
            ecr
        })
    }

    pub(crate) fn secrets(&mut self, place: &Place) -> &mut Secrets {
        let new = || Secrets::new(place.account(), place.region());
        self.secrets.entry(place.clone()).or_insert_with(new)
    }

    pub(crate) fn alarms(&mut self, place: &Place) -> &mut Alarms {
        self.alarms.entry(place.clone()).or_default()
    }

    /// Every alarm with its place and its state, for people.
    pub(crate) fn shown_alarms(&self) -> Vec<Value> {
        let shown = |(place, alarms): (&Place, &Alarms)| alarms.shown(&place.to_string());
        self.alarms.iter().flat_map(shown).collect()
    }

    pub(crate) fn logs(&mut self, place: &Place) -> &mut Logs {
        self.logs.entry(place.clone()).or_default()
    }

    pub(crate) fn balancing(&mut self, place: &Place) -> &mut LoadBalancing {
        self.balancing.entry(place.clone()).or_default()
    }

    /// When something will happen next by itself.
    pub(crate) fn next_step(&self) -> Option<Timestamp> {
        let ecs = self.ecs.values().filter_map(Ecs::next_step);
        let registries = self.registries.values().filter_map(Ecr::next_step);
        ecs.chain(self.alarms.values().filter_map(Alarms::next_step)).chain(registries).min()
    }

    /// Lets everything happen that is due until `now`, one instant after the other.
    ///
    /// Everywhere the same instant comes next, so that what one service sees of another is true then.
    pub(crate) fn step(&mut self, now: Timestamp) {
        self.faults.date(now);
        for _ in 0..MOST_INSTANTS {
            let Some(at) = self.next_step().filter(|at| *at <= now) else {
                return;
            };
            self.happen(at);
        }
    }

    fn happen(&mut self, at: Timestamp) {
        self.registries.values_mut().for_each(|registry| registry.step(at));
        let catalog = Catalog { registries: &self.registries, behaviours: &self.behaviours };
        for (place, ecs) in &mut self.ecs {
            let alarms = self.alarms.entry(place.clone()).or_default();
            ecs.step_with(at, &catalog, alarms);
        }
        self.observe(at);
    }
}
