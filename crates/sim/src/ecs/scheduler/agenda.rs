//! The order in which things happen: the earliest due instant first.

use jiff::Timestamp;

use super::{
    bookkeeping, look, rollout,
    task_life::{self, Outcome, Pull},
};
use crate::{
    ecs::knobs::Knobs,
    ecs::world::{Scope, World, cluster::Cluster, service::Service, task::Task, time::after},
    image::{ImageCatalog, PulledImage},
    world::Alarms,
};

/// The earliest instant at which something is due.
pub(crate) fn next_due(world: &World) -> Option<Timestamp> {
    world.clusters.values().filter_map(|cluster| cluster_due(cluster, &world.knobs)).min()
}

/// Lets everything happen that is due at `at`.
pub(crate) fn happen(world: &mut World, at: Timestamp, images: &dyn ImageCatalog, alarms: &Alarms) {
    let (clusters, mut scope) = world.split(at);
    scope.alarms = Some(alarms);
    for cluster in
        clusters.values_mut().filter(|cluster| cluster_due(cluster, scope.knobs).is_some_and(|due| due <= at))
    {
        forget_deleted(&scope, cluster);
        advance_one_off(&scope, cluster, images);
        for service in cluster.services.values_mut() {
            if service_due(service).is_some_and(|due| due <= at) {
                advance(&mut scope, service, images);
            }
        }
    }
}

fn cluster_due(cluster: &Cluster, knobs: &Knobs) -> Option<Timestamp> {
    let tasks = cluster.tasks.iter().filter_map(Task::due);
    let forgotten = cluster.tasks.iter().filter_map(|task| look::forgotten_at(task, knobs));
    tasks.chain(forgotten).chain(cluster.services.values().filter_map(service_due)).min()
}

fn service_due(service: &Service) -> Option<Timestamp> {
    let tasks = service.tasks.iter().filter_map(Task::due);
    let deployments = service.service_deployments.iter().filter_map(|deployment| deployment.due);
    tasks.chain(deployments).chain(service.look_at).min()
}

/// Services that were deleted long ago are MISSING from now on; their tasks stay as long as tasks do.
fn forget_deleted(scope: &Scope<'_>, cluster: &mut Cluster) {
    let stay = scope.knobs.inactive_services_stay;
    let is_gone = |service: &Service| service.inactive_since.is_some_and(|since| after(since, stay) <= scope.at);
    let Cluster { services, tasks, .. } = cluster;
    for service in services.values_mut().filter(|service| is_gone(service)) {
        tasks.append(&mut service.tasks);
    }
    services.retain(|_, service| !is_gone(service));
}

fn advance_one_off(scope: &Scope<'_>, cluster: &mut Cluster, images: &dyn ImageCatalog) {
    let pull = |_: &str, image: &str| images.pull(scope.account, scope.region, image);
    for task in &mut cluster.tasks {
        while task_life::advance(task, scope.at, scope.knobs, &pull).is_some() {}
    }
    look::forget_stopped(scope, &mut cluster.tasks);
}

fn advance(scope: &mut Scope<'_>, service: &mut Service, images: &dyn ImageCatalog) {
    for index in 0..service.tasks.len() {
        for outcome in advance_task(scope, service, index, images) {
            bookkeeping::note(scope, service, index, outcome);
        }
    }
    rollout::advance(scope, service);
    look::look(scope, service);
}

/// Everything that is due for one task; later images of a revision are those of its first task.
fn advance_task(scope: &Scope<'_>, service: &mut Service, index: usize, images: &dyn ImageCatalog) -> Vec<Outcome> {
    let Service { tasks, revisions, .. } = service;
    let Some(task) = tasks.get_mut(index).filter(|task| task.due().is_some_and(|due| due <= scope.at)) else {
        return Vec::new();
    };
    let revision = revisions.iter().find(|revision| task.is_of(&revision.digits));
    let pull = |container: &str, image: &str| {
        let resolved = revision.into_iter().flat_map(|revision| &revision.images);
        let pinned = resolved.filter(|resolved| resolved.pinned).find(|resolved| resolved.container == container);
        pull_pinned(scope, images, image, pinned.map(|resolved| &resolved.pulled))
    };
    let pull: &Pull<'_> = &pull;
    std::iter::from_fn(|| task_life::advance(task, scope.at, scope.knobs, pull)).flatten().collect()
}

/// Pulls `image`, by the digest that the revision is bound to if there is one.
fn pull_pinned(
    scope: &Scope<'_>,
    images: &dyn ImageCatalog,
    image: &str,
    pinned: Option<&PulledImage>,
) -> Result<PulledImage, String> {
    let by_name = || images.pull(scope.account, scope.region, image);
    let Some(pinned) = pinned else {
        return by_name();
    };
    if image.contains('@') {
        return by_name();
    }
    let reference = format!("{}@{}", repository(image), pinned.digest);
    images.pull(scope.account, scope.region, &reference).or_else(|reason| match by_name() {
        Ok(pulled) if pulled.digest == pinned.digest => Ok(pulled),
        _ => Err(reason),
    })
}

/// An image reference without its tag.
fn repository(image: &str) -> &str {
    match image.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => image,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_taken_off_and_a_port_is_not() {
        assert_eq!(repository("nginx"), "nginx");
        assert_eq!(repository("nginx:1"), "nginx");
        assert_eq!(repository("host:5000/nginx"), "host:5000/nginx");
        assert_eq!(repository("host:5000/nginx:1"), "host:5000/nginx");
    }
}
