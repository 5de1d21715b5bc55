//! Services: describe and list.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    errors::{check_size, missing},
    find::{self, short},
    input::Input,
    paging::page,
    tags,
};
use crate::{
    ecs::{
        render,
        world::{
            World,
            service::{Service, ServiceStatus},
        },
    },
    fault::AwsError,
};

/// `DescribeServices`: an unknown service is a failure, not an error.
pub(super) fn describe(world: &World, input: &Input, now: Timestamp) -> Result<Value, AwsError> {
    check_size("Services", input.items("services"), 10)?;
    let cluster = find::cluster(world, input)?;
    let (mut services, mut failures) = (Vec::new(), Vec::new());
    for reference in input.texts("services") {
        match cluster.services.get(short(reference)) {
            Some(service) => services.push(shown(world, service, input.wants_tags(), now)),
            None => failures.push(missing(&world.arn(&format!("service/{}/{}", cluster.name, short(reference))))),
        }
    }
    Ok(json!({"services": services, "failures": failures}))
}

/// `ListServices`.
pub(super) fn list(world: &World, input: &Input, _: Timestamp) -> Result<Value, AwsError> {
    let cluster = find::cluster(world, input)?;
    let matches = |service: &Service, name: &str| {
        input.text(name).is_none_or(|wanted| service.document.get(name).is_some_and(|value| value == wanted))
    };
    let services = cluster.services.values().filter(|service| service.status != ServiceStatus::Inactive);
    let services = services.filter(|service| matches(service, "launchType"));
    let services = services.filter(|_| input.text("schedulingStrategy").is_none_or(|strategy| strategy == "REPLICA"));
    let arns: Vec<Value> = services.map(|service| service.arn.clone().into()).collect();
    page("serviceArns", &arns, input, 10)
}

/// A service as the answers show it.
pub(super) fn shown(world: &World, service: &Service, with_tags: bool, now: Timestamp) -> Value {
    let mut shown = render::service::service(service, &world.knobs, now);
    if with_tags {
        shown.insert("tags".to_owned(), tags::shown(world, &service.arn));
    }
    Value::Object(shown)
}
