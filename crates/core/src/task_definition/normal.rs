//! The normal form of a document: two documents that mean the same have the same.
//!
//! Both the diff and the fingerprint go through it, so that one is empty exactly where the other is equal.
//! Tags have no part in it: they are no part of what runs. Numbers are compared as they are written: 1 is not 1.0.
//!
//! What AWS fills in counts as absent: empty lists, `cpu: 0`, `essential: true`, `protocol: tcp`, a host port that is
//! the container's own, and the documented defaults of a health check.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value, json};

use super::{CpuUnits, Document, Mebibytes};

/// A part of a document in normal form.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// A text, number, boolean, or null within a list.
    Leaf(Value),
    /// An object.
    Members(BTreeMap<String, Self>),
    /// A list whose elements have a name each and no order.
    Named(BTreeMap<String, Self>),
    /// A list without order, sorted.
    Bag(Vec<Self>),
    /// A list whose order counts.
    List(Vec<Self>),
}

/// Lists whose elements are told apart by a member, in any order.
const NAMED: [(&str, &str); 13] = [
    ("containerDefinitions", "name"),
    ("volumes", "name"),
    ("environment", "name"),
    ("secrets", "name"),
    ("secretOptions", "name"),
    ("ulimits", "name"),
    ("properties", "name"),
    ("mountPoints", "containerPath"),
    ("tmpfs", "containerPath"),
    ("volumesFrom", "sourceContainer"),
    ("dependsOn", "containerName"),
    ("systemControls", "namespace"),
    ("inferenceAccelerators", "deviceName"),
];

/// Lists in which order means nothing. (`environmentFiles`, `dnsServers` and commands have one.)
const BAGS: [&str; 9] = [
    "requiresCompatibilities",
    "placementConstraints",
    "portMappings",
    "links",
    "extraHosts",
    "dockerSecurityOptions",
    "resourceRequirements",
    "add",
    "drop",
];

/// Objects that say nothing when they are empty.
const SAY_NOTHING_EMPTY: [&str; 5] = ["options", "dockerLabels", "host", "driverOpts", "labels"];

/// What a health check has when it does not say.
const HEALTH_CHECK_DEFAULTS: [(&str, u64); 3] = [("interval", 30), ("timeout", 5), ("retries", 3)];

impl Document {
    /// The document in normal form.
    pub(super) fn normal(&self) -> Node {
        let mut members = self.members.clone();
        let quantities = [("cpu", self.cpu().map(CpuUnits::get)), ("memory", self.memory().map(Mebibytes::get))];
        for (name, units) in quantities {
            if let Some(units) = units {
                members.insert(name.to_owned(), Value::from(units.to_string()));
            }
        }
        let ports = match self.network_mode() {
            Some("awsvpc" | "host") => HostPorts::AreTheContainers,
            _ => HostPorts::AreMapped,
        };
        let containers = members.get_mut("containerDefinitions").and_then(Value::as_array_mut).into_iter().flatten();
        containers.filter_map(Value::as_object_mut).for_each(|container| drop_container_defaults(container, ports));
        Node::Members(node_members(&members))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HostPorts {
    /// The task has an address of its own, or the host's.
    AreTheContainers,
    /// Docker maps them, or picks one for 0.
    AreMapped,
}

fn drop_container_defaults(container: &mut Map<String, Value>, ports: HostPorts) {
    drop_where(container, "cpu", &json!(0));
    drop_where(container, "essential", &json!(true));
    if let Some(health_check) = container.get_mut("healthCheck").and_then(Value::as_object_mut) {
        for (name, default) in HEALTH_CHECK_DEFAULTS {
            drop_where(health_check, name, &json!(default));
        }
    }
    let mappings = container.get_mut("portMappings").and_then(Value::as_array_mut).into_iter().flatten();
    mappings.filter_map(Value::as_object_mut).for_each(|mapping| drop_mapping_defaults(mapping, ports));
}

fn drop_mapping_defaults(mapping: &mut Map<String, Value>, ports: HostPorts) {
    drop_where(mapping, "protocol", &json!("tcp"));
    drop_where(mapping, "hostPort", &json!(0));
    let container_port = mapping.get("containerPort").cloned();
    if let (HostPorts::AreTheContainers, Some(port)) = (ports, container_port) {
        drop_where(mapping, "hostPort", &port);
    }
}

fn drop_where(members: &mut Map<String, Value>, name: &str, default: &Value) {
    if members.get(name) == Some(default) {
        members.shift_remove(name);
    }
}

fn node(name: &str, value: &Value) -> Node {
    match value {
        Value::Array(elements) => list_node(name, elements),
        Value::Object(members) => Node::Members(node_members(members)),
        // -0.0 and 0.0 are equal and are written differently.
        Value::Number(number) if number.as_f64() == Some(0.0) && number.is_f64() => {
            Node::Leaf(Number::from_f64(0.0).map_or(Value::Null, Value::Number))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Node::Leaf(value.clone()),
    }
}

fn node_members(members: &Map<String, Value>) -> BTreeMap<String, Node> {
    members
        .iter()
        .filter(|(name, value)| !says_nothing(name, value))
        .map(|(name, value)| (name.clone(), node(name, value)))
        .collect()
}

fn says_nothing(name: &str, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty() && SAY_NOTHING_EMPTY.contains(&name),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn list_node(name: &str, elements: &[Value]) -> Node {
    let named = match NAMED.iter().find(|(list, _)| *list == name) {
        Some((_, key)) => named_node(elements, |members| members.get(*key)?.as_str().map(str::to_owned)),
        None if name == "portMappings" => named_node(elements, port_key),
        None => None,
    };
    named.unwrap_or_else(|| {
        let nodes = elements.iter().map(|element| node("", element));
        if BAGS.contains(&name) { sorted(nodes.collect()) } else { Node::List(nodes.collect()) }
    })
}

/// The elements by name, where every element has one of its own.
fn named_node(elements: &[Value], key: impl Fn(&Map<String, Value>) -> Option<String>) -> Option<Node> {
    let mut named = BTreeMap::new();
    for element in elements {
        let members = element.as_object()?;
        if named.insert(key(members)?, node("", element)).is_some() {
            return None;
        }
    }
    Some(Node::Named(named))
}

fn port_key(mapping: &Map<String, Value>) -> Option<String> {
    let port = match (mapping.get("containerPort"), mapping.get("containerPortRange")) {
        (Some(Value::Number(port)), None) => port.to_string(),
        (None, Some(Value::String(range))) => range.clone(),
        _ => return None,
    };
    let protocol = mapping.get("protocol").and_then(Value::as_str).unwrap_or("tcp");
    Some(format!("{port}/{protocol}"))
}

fn sorted(mut nodes: Vec<Node>) -> Node {
    nodes.sort_by_cached_key(Node::canonical);
    Node::Bag(nodes)
}
