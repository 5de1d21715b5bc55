//! `DescribeTargetHealth`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    super::{
        health::{Health, Registered},
        store::View,
    },
    groups,
};
use crate::{api::Members, fault::AwsError};

pub(super) fn perform(view: &View<'_>, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
    let members = Members::of(input, &["TargetGroupArn", "Targets", "Include"])?;
    let group = groups::find(view, members.required_text("TargetGroupArn")?)?;
    members.texts("Include")?;
    let wanted = members.list("Targets")?;
    let is_in_use = view.is_in_use(group);
    let registered: Vec<&Registered> = view.targets.iter().filter(|target| target.group == group.arn).collect();
    let health = |target: &Registered| if is_in_use { target.health(now) } else { Health::not_in_use() };
    let describe = |target: &Registered| entry(&target.show(view.place.region()), target.port, &health(target));
    if wanted.is_empty() {
        let described: Vec<Value> = registered.into_iter().map(describe).collect();
        return Ok(json!({"TargetHealthDescriptions": described}));
    }
    let described = wanted.iter().map(|wanted| {
        let asked = Members::of(wanted, &["Id", "Port", "AvailabilityZone", "QuicServerId"])?;
        let (id, port) = (asked.required_text("Id")?, asked.whole("Port")?.unwrap_or(group.spec.port.into()));
        let found = registered.iter().find(|target| target.ip == id && target.port == port);
        let absent = || entry(&json!({"Id": id, "Port": port}), port, &Health::not_registered());
        Ok(found.map_or_else(absent, |target| describe(target)))
    });
    let described = described.collect::<Result<Vec<Value>, AwsError>>()?;
    Ok(json!({"TargetHealthDescriptions": described}))
}

fn entry(target: &Value, port: i64, health: &Health) -> Value {
    json!({"Target": target, "HealthCheckPort": port.to_string(), "TargetHealth": health.show()})
}
