//! Tags of every kind of resource.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    errors::{client, invalid},
    find,
    input::Input,
};
use crate::{
    ecs::world::{World, cluster::Cluster},
    fault::AwsError,
};

/// The most tags of a resource.
const MOST: usize = 50;

/// Tags by key.
pub(super) type Tags = BTreeMap<String, String>;

/// `TagResource`.
pub(super) fn tag(world: &mut World, input: &Input, _: Timestamp) -> Result<Value, AwsError> {
    let arn = existing(world, input)?;
    let given = read(input)?;
    let mut tags = world.tags.get(&arn).cloned().unwrap_or_default();
    tags.extend(given);
    if tags.len() > MOST {
        return Err(invalid("The maximum number of tags of a resource is 50."));
    }
    world.tags.insert(arn, tags);
    Ok(json!({}))
}

/// `UntagResource`.
pub(super) fn untag(world: &mut World, input: &Input, _: Timestamp) -> Result<Value, AwsError> {
    let arn = existing(world, input)?;
    if let Some(tags) = world.tags.get_mut(&arn) {
        tags.retain(|key, _| !input.texts("tagKeys").any(|removed| removed == key));
    }
    Ok(json!({}))
}

/// `ListTagsForResource`.
pub(super) fn list(world: &World, input: &Input, _: Timestamp) -> Result<Value, AwsError> {
    let arn = existing(world, input)?;
    Ok(json!({"tags": shown(world, &arn)}))
}

/// The tags of a request; a list without entries is refused, as AWS refuses it.
pub(super) fn read(input: &Input) -> Result<Tags, AwsError> {
    let items = input.items("tags");
    if input.get("tags").is_some() && items.is_empty() {
        return Err(client("Tags can not be empty."));
    }
    if items.len() > MOST {
        return Err(invalid("The maximum number of tags of a resource is 50."));
    }
    let mut tags = Tags::new();
    for item in items {
        let key = item["key"].as_str().filter(|key| (1..=128).contains(&key.chars().count()));
        let key = key.ok_or_else(|| invalid("A tag's key must have between 1 and 128 characters."))?;
        let value = item["value"].as_str().unwrap_or_default();
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid("Tag keys that start with 'aws:' are reserved."));
        }
        if value.chars().count() > 256 {
            return Err(invalid("A tag's value can have at most 256 characters."));
        }
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(invalid(format!("Duplicate tag keys are not allowed: {key}.")));
        }
    }
    Ok(tags)
}

/// Keeps the tags of a new resource.
pub(super) fn store(world: &mut World, arn: &str, tags: Tags) {
    if !tags.is_empty() {
        world.tags.insert(arn.to_owned(), tags);
    }
}

/// The tags of a resource as AWS lists them.
pub(super) fn shown(world: &World, arn: &str) -> Value {
    let tags = world.tags.get(arn).into_iter().flatten();
    tags.map(|(key, value)| json!({"key": key, "value": value})).collect()
}

fn existing(world: &World, input: &Input) -> Result<String, AwsError> {
    let arn = input.text("resourceArn").unwrap_or_default();
    if exists(world, arn) {
        Ok(arn.to_owned())
    } else {
        Err(invalid("The specified resource was not found. Specify a valid ARN and try again."))
    }
}

fn exists(world: &World, arn: &str) -> bool {
    let Some((kind, path)) = arn.splitn(6, ':').nth(5).and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    match kind {
        "cluster" => world.clusters.get(path).is_some_and(|cluster| cluster.arn == arn),
        "service" => find::by_path(world, path).is_some_and(|service| service.arn == arn),
        "task-definition" => world.families.find(path).is_some_and(|definition| definition.arn == arn),
        "task" => world.clusters.values().flat_map(Cluster::all_tasks).any(|task| task.arn == arn),
        _ => false,
    }
}
