//! The Targets port on Elastic Load Balancing: what a load balancer thinks of the targets of a group.
//!
//! A target group's ARN names its region, which need not be the environment's.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_elasticloadbalancingv2::{
    Client,
    types::{TargetGroupAttribute, TargetHealthDescription},
};
use towpath_core::{
    identifier::TargetGroupArn,
    ports::{CallError, Targets},
    rollout::TargetHealth,
};

use crate::{
    call::{Call, Nature},
    connect::Aws,
    fault,
    json::Unreadable,
};

/// The deregistration delay where the group has none of its own: the default that AWS documents.
const DRAIN_TIME: Duration = Duration::from_mins(5);
const DRAIN_TIME_KEY: &str = "deregistration_delay.timeout_seconds";

/// Target groups of application and network load balancers.
#[derive(Clone)]
pub struct LoadBalancerTargets {
    aws: Aws,
}

impl LoadBalancerTargets {
    pub(crate) fn new(aws: Aws) -> Self {
        Self { aws }
    }

    fn read(&self, operation: &'static str) -> Call<'_> {
        Call { operation, nature: Nature::Read, codes: fault::load_balancing, terms: self.aws.terms() }
    }

    fn client(&self, group: &TargetGroupArn) -> Client {
        self.aws.load_balancing(region(group))
    }
}

#[async_trait]
impl Targets for LoadBalancerTargets {
    async fn health(&self, group: &TargetGroupArn) -> Result<Vec<TargetHealth>, CallError> {
        let call = self.read("elasticloadbalancing:DescribeTargetHealth");
        let request = self.client(group).describe_target_health().target_group_arn(group.as_str());
        let answer = call.typed(|wire| request.clone().customize().interceptor(wire).send()).await?;
        let targets = answer.target_health_descriptions().iter().map(|described| health(group, described));
        targets.collect::<Result<_, _>>().map_err(|problem| call.unreadable(&problem))
    }

    async fn drain_time(&self, group: &TargetGroupArn) -> Result<Duration, CallError> {
        let call = self.read("elasticloadbalancing:DescribeTargetGroupAttributes");
        let request = self.client(group).describe_target_group_attributes().target_group_arn(group.as_str());
        let answer = call.typed(|wire| request.clone().customize().interceptor(wire).send()).await?;
        drain_time(answer.attributes()).map_err(|problem| call.unreadable(&problem))
    }
}

/// The region of `arn:PARTITION:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID`.
fn region(group: &TargetGroupArn) -> &str {
    group.as_str().split(':').nth(3).unwrap_or_default()
}

/// A target without a state is not taken for any: neither healthy nor gone.
fn health(group: &TargetGroupArn, described: &TargetHealthDescription) -> Result<TargetHealth, Unreadable> {
    let missing = |name: &str| Unreadable::Missing(name.to_owned());
    let target = described.target().ok_or_else(|| missing("Target"))?;
    let health = described.target_health().ok_or_else(|| missing("TargetHealth"))?;
    let state = health.state().ok_or_else(|| missing("State"))?;
    Ok(TargetHealth {
        group: group.clone(),
        target: target.id().ok_or_else(|| missing("Id"))?.to_owned(),
        port: target.port().and_then(|port| u32::try_from(port).ok()),
        state: state.as_str().to_owned(),
        reason: health.reason().map(|reason| reason.as_str().to_owned()),
        description: health.description().map(str::to_owned),
    })
}

fn drain_time(attributes: &[TargetGroupAttribute]) -> Result<Duration, Unreadable> {
    let Some(delay) = attributes.iter().find(|attribute| attribute.key() == Some(DRAIN_TIME_KEY)) else {
        return Ok(DRAIN_TIME);
    };
    let seconds = delay.value().and_then(|value| value.parse().ok());
    let seconds = seconds
        .ok_or_else(|| Unreadable::Malformed { member: DRAIN_TIME_KEY.to_owned(), expected: "a number of seconds" })?;
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use aws_sdk_elasticloadbalancingv2::types::{TargetDescription, TargetHealth as Health, TargetHealthStateEnum};

    use super::*;

    fn group() -> TargetGroupArn {
        "arn:aws:elasticloadbalancing:eu-central-1:111111111111:targetgroup/api/0123456789abcdef".parse().unwrap()
    }

    #[test]
    fn the_region_is_the_groups_own() {
        assert_eq!(region(&group()), "eu-central-1");
    }

    #[test]
    fn a_target_without_a_state_is_unreadable() {
        let target = TargetDescription::builder().id("10.0.0.1").port(8000).build();
        let described = TargetHealthDescription::builder().target(target);
        assert_eq!(health(&group(), &described.clone().build()), Err(Unreadable::Missing("TargetHealth".to_owned())));
        let none = described.clone().target_health(Health::builder().build()).build();
        assert_eq!(health(&group(), &none), Err(Unreadable::Missing("State".to_owned())));
        let newer = Health::builder().state(TargetHealthStateEnum::from("resting")).build();
        let read = health(&group(), &described.target_health(newer).build()).unwrap();
        assert_eq!((read.state.as_str(), read.port), ("resting", Some(8000)));
    }

    #[test]
    fn targets_drain_for_five_minutes_unless_the_group_says_otherwise() {
        let attribute = |key: &str, value: &str| TargetGroupAttribute::builder().key(key).value(value).build();
        let check = |attributes: &[TargetGroupAttribute], seconds| {
            assert_eq!(drain_time(attributes), Ok(Duration::from_secs(seconds)));
        };
        check(&[], 300);
        check(&[attribute("stickiness.enabled", "false"), attribute(DRAIN_TIME_KEY, "5")], 5);
        check(&[attribute(DRAIN_TIME_KEY, "0")], 0);
        assert!(drain_time(&[attribute(DRAIN_TIME_KEY, "soon")]).is_err());
    }
}
