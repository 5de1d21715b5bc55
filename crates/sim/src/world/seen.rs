//! What other services see of ECS at an instant: running tasks make log streams, ring alarms and are targets.
//!
//! ECS knows nothing of it.

use jiff::Timestamp;

use super::{Alarms, Logs, Registered, estate::Estate, place::Place};
use crate::{
    alarms::{Seen, SeenRollout},
    ecs::Ecs,
    image::{ImageCatalog as _, PulledImage},
    images::Catalog,
    logs::Ran,
};

impl Estate {
    /// Lets logs and alarms take in what ECS is like at `at`.
    pub(super) fn observe(&mut self, at: Timestamp) {
        let catalog = Catalog { registries: &self.registries, behaviours: &self.behaviours };
        for (place, ecs) in &self.ecs {
            log(&mut self.logs, place, ecs, &catalog);
        }
        for (place, alarms) in &mut self.alarms {
            match self.ecs.get(place).filter(|_| alarms.watches()) {
                Some(ecs) => watch(alarms, place, ecs, &catalog, at),
                None => alarms.step(at, &Seen::default()),
            }
        }
    }

    /// The tasks that are registered in the target groups of a place.
    pub(super) fn registered(&self, place: &Place) -> Vec<Registered> {
        let catalog = Catalog { registries: &self.registries, behaviours: &self.behaviours };
        self.ecs.get(place).map(|ecs| registered(ecs, &catalog)).unwrap_or_default()
    }
}

/// Every container that has started has a stream.
fn log(logs: &mut std::collections::BTreeMap<Place, Logs>, place: &Place, ecs: &Ecs, catalog: &Catalog<'_>) {
    for task in ecs.tasks_seen() {
        let Some(started) = task.started else { continue };
        let ended = task.execution_stopped.map(|at| (at, task.killed));
        for container in &task.containers {
            let ran = Ran { definition: &container.definition, task: &task.id, started, ended };
            let to = Place::new(place.account(), ran.region().unwrap_or(place.region()));
            let image = container.definition["image"].as_str().unwrap_or_default();
            let digest = container.pulled.as_ref().map_or("", |pulled| &pulled.digest);
            logs.entry(to).or_default().observe(&ran, || catalog.conduct(image, digest).logs);
        }
    }
}

fn watch(alarms: &mut Alarms, place: &Place, ecs: &Ecs, catalog: &Catalog<'_>, at: Timestamp) {
    let (tasks, rollouts) = (ecs.tasks_seen(), ecs.rollouts_seen());
    let running = tasks.iter().filter(|task| task.started.is_some() && task.execution_stopped.is_none());
    let images = running
        .flat_map(|task| &task.containers)
        .filter_map(|container| Some((container.definition["image"].as_str()?, container.pulled.as_ref()?)));
    let would_be = |image: &str| -> Option<PulledImage> { catalog.pull(place.account(), place.region(), image).ok() };
    let rollouts = rollouts.iter().map(|rollout| SeenRollout {
        id: &rollout.arn,
        began: rollout.created,
        images: rollout.images.iter().map(|image| (image.as_str(), would_be(image))).collect(),
    });
    let seen = Seen { running: images.collect(), rollouts: rollouts.collect() };
    alarms.step(at, &seen);
}

/// A task is registered once it runs, and until it has drained.
fn registered(ecs: &Ecs, catalog: &Catalog<'_>) -> Vec<Registered> {
    let mut registered = Vec::new();
    for task in ecs.tasks_seen() {
        let (Some(since), Some(main)) = (task.started, task.containers.get(task.main)) else { continue };
        let Some(pulled) = main.pulled.as_ref().filter(|_| ["RUNNING", "DEACTIVATING"].contains(&task.last_status))
        else {
            continue;
        };
        let image = main.definition["image"].as_str().unwrap_or_default();
        let conduct = catalog.conduct(image, &pulled.digest);
        registered.extend(task.targets.iter().map(|target| Registered {
            group: target.group.clone(),
            ip: task.private_ip.clone(),
            port: target.port,
            since,
            draining: task.stopping.is_some(),
            answers: (pulled.behaviour.healthy_after, pulled.behaviour.unhealthy_after),
            otherwise: conduct.unhealthy_answer,
            patience: ecs.knobs().target_unhealthy,
        }));
    }
    registered
}
