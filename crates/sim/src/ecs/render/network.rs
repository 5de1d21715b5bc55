//! The network interface of a task in a private network.
//!
//! Its identifiers are made from the task's id; there is no network.

use serde_json::{Value, json};

use crate::ecs::world::task::{Task, TaskStatus};

/// `attachments` of a task.
pub(super) fn attachments(task: &Task) -> Value {
    let Some(subnet) = &task.subnet else {
        return json!([]);
    };
    let ip = task.private_ip();
    let detail = |name: &str, value: &str| json!({"name": name, "value": value});
    let name = format!("ip-{}.ec2.internal", ip.replace('.', "-"));
    json!([{
        "id": id(task),
        "type": "ElasticNetworkInterface",
        "status": status(task),
        "details": [
            detail("subnetId", subnet),
            detail("networkInterfaceId", &format!("eni-{}", task.id.get(..17).unwrap_or_default())),
            detail("privateDnsName", &name),
            detail("privateIPv4Address", &ip),
        ],
    }])
}

/// `networkInterfaces` of a container.
pub(super) fn interfaces(task: &Task) -> Value {
    match &task.subnet {
        Some(_) => json!([{"attachmentId": id(task), "privateIpv4Address": task.private_ip()}]),
        None => json!([]),
    }
}

fn id(task: &Task) -> String {
    let part = |from: usize, to: usize| task.id.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-a{}-{}", part(8, 16), part(0, 4), part(1, 4), part(2, 5), part(12, 24))
}

fn status(task: &Task) -> &'static str {
    match task.last_status {
        TaskStatus::Provisioning => "ATTACHING",
        TaskStatus::Pending
        | TaskStatus::Activating
        | TaskStatus::Running
        | TaskStatus::Deactivating
        | TaskStatus::Stopping => "ATTACHED",
        TaskStatus::Deprovisioning => "DETACHING",
        TaskStatus::Stopped => "DELETED",
    }
}
