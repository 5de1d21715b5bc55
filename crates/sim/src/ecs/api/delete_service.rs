//! `DeleteService`: the service drains, and is INACTIVE when its last task has stopped.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    errors::{invalid, service_not_found},
    find,
    input::Input,
    services,
};
use crate::{
    ecs::world::{World, service::ServiceStatus},
    fault::AwsError,
};

/// `DeleteService`: without `force` only a service that is scaled to zero.
pub(super) fn perform(world: &mut World, input: &Input, now: Timestamp) -> Result<Value, AwsError> {
    let (cluster, name) = {
        let service = find::service(world, input)?;
        (service.cluster.clone(), service.name.clone())
    };
    let service = world
        .clusters
        .get_mut(&cluster)
        .and_then(|cluster| cluster.services.get_mut(&name))
        .ok_or_else(service_not_found)?;
    if service.status == ServiceStatus::Active {
        if service.desired > 0 && !input.flag("force") {
            return Err(invalid("The service cannot be stopped while it is scaled above 0."));
        }
        service.status = ServiceStatus::Draining;
        service.desired = 0;
        for deployment in &mut service.deployments {
            deployment.desired = 0;
        }
        for deployment in &mut service.service_deployments {
            deployment.due = None;
        }
        service.look_at = Some(now);
    }
    let service = world.clusters.get(&cluster).and_then(|cluster| cluster.services.get(&name));
    Ok(json!({"service": service.map(|service| services::shown(world, service, true, now))}))
}
