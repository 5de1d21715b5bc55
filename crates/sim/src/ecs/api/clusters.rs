//! Clusters: create, describe, list, delete.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    errors::{check_size, client, cluster_not_found, invalid, missing},
    find::{cluster_name, short},
    input::Input,
    paging::page,
    tags,
};
use crate::{
    ecs::world::{
        World,
        cluster::Cluster,
        service::{ServiceStatus, count},
        task::Task,
    },
    fault::AwsError,
};

/// `CreateCluster`: a cluster that exists already is given back.
pub(super) fn create(world: &mut World, input: &Input, _: Timestamp) -> Result<Value, AwsError> {
    let name = input.text("clusterName").unwrap_or("default").to_owned();
    if name.is_empty()
        || name.len() > 255
        || !name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter))
    {
        return Err(invalid("Invalid cluster name."));
    }
    let given = tags::read(input)?;
    let arn = world.arn(&format!("cluster/{name}"));
    if world.clusters.get(&name).is_none_or(|cluster| cluster.deleted) {
        let mut cluster = Cluster::new(&name, arn.clone());
        cluster.document = input
            .0
            .iter()
            .filter(|(name, _)| !["clusterName", "tags"].contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        world.clusters.insert(name.clone(), cluster);
        tags::store(world, &arn, given);
    }
    let cluster = world.clusters.get(&name).ok_or_else(cluster_not_found)?;
    Ok(json!({"cluster": shown(world, cluster, true)}))
}

/// `DescribeClusters`.
pub(super) fn describe(world: &World, input: &Input, _: Timestamp) -> Result<Value, AwsError> {
    let default = [json!("default")];
    let asked = if input.items("clusters").is_empty() { &default[..] } else { input.items("clusters") };
    check_size("Clusters", asked, 100)?;
    let (mut clusters, mut failures) = (Vec::new(), Vec::new());
    for reference in asked.iter().filter_map(Value::as_str) {
        match world.clusters.get(short(reference)) {
            Some(cluster) => clusters.push(shown(world, cluster, input.wants_tags())),
            None => failures.push(missing(&world.arn(&format!("cluster/{}", short(reference))))),
        }
    }
    Ok(json!({"clusters": clusters, "failures": failures}))
}

/// `ListClusters`.
pub(super) fn list(world: &World, input: &Input, _: Timestamp) -> Result<Value, AwsError> {
    let arns: Vec<Value> =
        world.clusters.values().filter(|cluster| !cluster.deleted).map(|cluster| cluster.arn.clone().into()).collect();
    page("clusterArns", &arns, input, 100)
}

/// `DeleteCluster`.
pub(super) fn delete(world: &mut World, input: &Input, _: Timestamp) -> Result<Value, AwsError> {
    let name = cluster_name(input).to_owned();
    let cluster = world.clusters.get_mut(&name).ok_or_else(cluster_not_found)?;
    if cluster.services.values().any(|service| service.status != ServiceStatus::Inactive) {
        return Err(AwsError::client(
            "ClusterContainsServicesException",
            "The Cluster cannot be deleted while Services are active.",
        ));
    }
    if cluster.all_tasks().any(Task::is_live) {
        return Err(AwsError::client(
            "ClusterContainsTasksException",
            "The Cluster cannot be deleted while Tasks are active.",
        ));
    }
    cluster.deleted = true;
    let cluster = world.clusters.get(&name).ok_or_else(|| client("Cluster not found."))?;
    Ok(json!({"cluster": shown(world, cluster, false)}))
}

fn shown(world: &World, cluster: &Cluster, with_tags: bool) -> Value {
    let mut shown = json!({
        "clusterArn": cluster.arn,
        "clusterName": cluster.name,
        "status": if cluster.deleted { "INACTIVE" } else { "ACTIVE" },
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": count(cluster.all_tasks().filter(|task| task.is_running())),
        "pendingTasksCount": count(cluster.all_tasks().filter(|task| task.is_pending())),
        "activeServicesCount": count(cluster.services.values().filter(|service| service.status == ServiceStatus::Active)),
        "statistics": [],
        "tags": if with_tags { tags::shown(world, &cluster.arn) } else { json!([]) },
        "settings": [{"name": "containerInsights", "value": "disabled"}],
        "capacityProviders": [],
        "defaultCapacityProviderStrategy": [],
    });
    for (name, value) in &cluster.document {
        shown[name] = value.clone();
    }
    shown
}
