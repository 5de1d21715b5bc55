//! Finds what a request names: clusters, services and tasks by name or ARN.

use super::{
    errors::{cluster_not_found, service_not_active, service_not_found},
    input::Input,
};
use crate::{
    ecs::world::{
        World,
        cluster::Cluster,
        service::{Service, ServiceStatus},
        service_deployment::ServiceDeployment,
    },
    fault::AwsError,
};

/// What follows the last slash of an ARN, or a plain name.
pub(super) fn short(reference: &str) -> &str {
    reference.rsplit_once('/').map_or(reference, |(_, name)| name)
}

/// The name of the cluster that a request is about.
pub(super) fn cluster_name(input: &Input) -> &str {
    short(input.text("cluster").unwrap_or("default"))
}

/// The cluster that a request is about.
pub(super) fn cluster<'a>(world: &'a World, input: &Input) -> Result<&'a Cluster, AwsError> {
    world.clusters.get(cluster_name(input)).filter(|cluster| !cluster.deleted).ok_or_else(cluster_not_found)
}

/// Refuses a cluster that is not there; its name otherwise.
pub(super) fn checked_cluster_name(world: &World, input: &Input) -> Result<String, AwsError> {
    cluster(world, input).map(|cluster| cluster.name.clone())
}

/// The service that a request names in its member `service`, in whatever state.
pub(super) fn service<'a>(world: &'a World, input: &Input) -> Result<&'a Service, AwsError> {
    let name = short(input.text("service").unwrap_or_default());
    cluster(world, input)?.services.get(name).ok_or_else(service_not_found)
}

/// The ACTIVE service that a request names: its cluster's name and its own.
pub(super) fn active_service(world: &World, input: &Input) -> Result<(String, String), AwsError> {
    let service = service(world, input)?;
    match service.status {
        ServiceStatus::Active => Ok((service.cluster.clone(), service.name.clone())),
        ServiceStatus::Draining | ServiceStatus::Inactive => Err(service_not_active()),
    }
}

/// A service deployment and its service, by ARN.
pub(super) fn service_deployment<'a>(world: &'a World, arn: &str) -> Option<(&'a Service, &'a ServiceDeployment)> {
    let (_, rest) = arn.split_once(":service-deployment/")?;
    let service = by_path(world, rest)?;
    Some((service, service.service_deployments.iter().find(|deployment| deployment.arn == arn)?))
}

/// The service of a service deployment, by ARN, to be changed.
pub(super) fn service_of_deployment_mut<'a>(world: &'a mut World, arn: &str) -> Option<&'a mut Service> {
    let (service, _) = service_deployment(world, arn)?;
    let (cluster, name) = (service.cluster.clone(), service.name.clone());
    world.clusters.get_mut(&cluster)?.services.get_mut(&name)
}

/// The service of `<cluster>/<service>/…`.
pub(super) fn by_path<'a>(world: &'a World, path: &str) -> Option<&'a Service> {
    let mut parts = path.split('/');
    world.clusters.get(parts.next()?)?.services.get(parts.next()?)
}
