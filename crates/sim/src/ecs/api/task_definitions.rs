//! Task definitions: describe, list, deregister.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    errors::{client, invalid},
    input::Input,
    paging::page,
    tags,
};
use crate::{
    ecs::{
        knobs::Repeated,
        render::task_definition::task_definition,
        world::{World, task_definition::Family},
    },
    fault::AwsError,
};

/// `DescribeTaskDefinition`: the latest ACTIVE revision if only the family is named.
pub(super) fn describe(world: &World, input: &Input, _: Timestamp) -> Result<Value, AwsError> {
    let reference = input.text("taskDefinition").unwrap_or_default();
    let definition = world.families.find(reference).ok_or_else(|| client("Unable to describe task definition."))?;
    let mut answer = json!({"taskDefinition": task_definition(definition, &world.account)});
    if input.wants_tags() {
        answer["tags"] = tags::shown(world, &definition.arn);
    }
    Ok(answer)
}

/// `ListTaskDefinitions`.
pub(super) fn list(world: &World, input: &Input, _: Timestamp) -> Result<Value, AwsError> {
    let active = match input.text("status").unwrap_or("ACTIVE") {
        "ACTIVE" => true,
        "INACTIVE" => false,
        _ => return page("taskDefinitionArns", &[], input, 100),
    };
    let families = match input.text("familyPrefix") {
        Some(family) => world.families.0.get_key_value(family).into_iter().collect(),
        None => world.families.0.iter().collect::<Vec<_>>(),
    };
    let definitions = families
        .into_iter()
        .flat_map(|(_, family)| family.revisions.values())
        .filter(|definition| definition.active == active);
    let mut arns: Vec<Value> = definitions.map(|definition| definition.arn.clone().into()).collect();
    if input.text("sort") == Some("DESC") {
        arns.reverse();
    }
    page("taskDefinitionArns", &arns, input, 100)
}

/// `ListTaskDefinitionFamilies`.
pub(super) fn list_families(world: &World, input: &Input, _: Timestamp) -> Result<Value, AwsError> {
    let prefix = input.text("familyPrefix").unwrap_or_default();
    let is_active = |family: &Family| family.revisions.values().any(|definition| definition.active);
    let wanted = |family: &Family| match input.text("status").unwrap_or("ACTIVE") {
        "ACTIVE" => is_active(family),
        "INACTIVE" => !is_active(family),
        _ => true,
    };
    let families = world.families.0.iter().filter(|(name, family)| name.starts_with(prefix) && wanted(family));
    let names: Vec<Value> = families.map(|(name, _)| name.clone().into()).collect();
    page("families", &names, input, 100)
}

/// `DeregisterTaskDefinition`.
pub(super) fn deregister(world: &mut World, input: &Input, now: Timestamp) -> Result<Value, AwsError> {
    let reference = input.text("taskDefinition").unwrap_or_default();
    if !reference.rsplit('/').next().unwrap_or_default().contains(':') {
        return Err(client("Invalid revision number. Number: null"));
    }
    let account = world.account.clone();
    let refuses = world.knobs.deregister_twice == Repeated::Refused;
    let definition = world.families.find_mut(reference).ok_or_else(|| {
        invalid(
            "The specified task definition does not exist. Specify a valid account, family, revision and try again.",
        )
    })?;
    if !definition.active && refuses {
        return Err(invalid(
            "The specified task definition is inactive. Specify an active task definition and try again.",
        ));
    }
    if definition.active {
        definition.active = false;
        definition.deregistered_at = Some(now);
    }
    Ok(json!({"taskDefinition": task_definition(definition, &account)}))
}
