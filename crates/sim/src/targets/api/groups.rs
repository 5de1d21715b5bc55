//! `DescribeTargetGroups` and `DescribeTargetGroupAttributes`.

use serde_json::{Value, json};

use super::{
    super::{group::Group, store::View},
    errors::{no_balancer, no_group, validation},
    paged,
};
use crate::{api::Members, fault::AwsError};

pub(super) fn describe(view: &View<'_>, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(input, &["LoadBalancerArn", "TargetGroupArns", "Names", "Marker", "PageSize"])?;
    let (arns, names) = (members.texts("TargetGroupArns")?, members.texts("Names")?);
    let balancer = members.text("LoadBalancerArn")?;
    if [!arns.is_empty(), !names.is_empty(), balancer.is_some()].into_iter().filter(|given| *given).count() > 1 {
        return Err(validation("Load balancer ARN, target group ARNs and names cannot be specified at the same time"));
    }
    if let Some(balancer) =
        balancer.filter(|arn| view.store.balancers.iter().all(|one| view.balancer_arn(one) != **arn))
    {
        return Err(no_balancer(balancer));
    }
    let is_missing = |wanted: &str| view.groups.iter().all(|group| group.arn != wanted && group.spec.name != wanted);
    if arns.iter().chain(&names).any(|wanted| is_missing(wanted)) {
        return Err(no_group());
    }
    let fits = |group: &&Group| {
        (arns.is_empty() || arns.contains(&&*group.arn))
            && (names.is_empty() || names.contains(&&*group.spec.name))
            && balancer.is_none_or(|arn| view.balancers_of(group).iter().any(|one| one == arn))
    };
    let shown = view.groups.iter().filter(fits).map(|group| group.show(&view.balancers_of(group)));
    paged("TargetGroups", shown.collect(), &members)
}

pub(super) fn attributes(view: &View<'_>, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(input, &["TargetGroupArn"])?;
    let group = find(view, members.required_text("TargetGroupArn")?)?;
    let delay = group.spec.deregistration_delay.map_or(view.drain, f64::from);
    let attributes = [
        ("deregistration_delay.timeout_seconds", format!("{delay:.0}")),
        ("stickiness.enabled", "false".to_owned()),
        ("stickiness.type", "lb_cookie".to_owned()),
        ("stickiness.lb_cookie.duration_seconds", "86400".to_owned()),
        ("slow_start.duration_seconds", "0".to_owned()),
        ("load_balancing.algorithm.type", "round_robin".to_owned()),
        ("load_balancing.cross_zone.enabled", "use_load_balancer_configuration".to_owned()),
    ];
    Ok(json!({"Attributes": attributes.map(|(key, value)| json!({"Key": key, "Value": value}))}))
}

/// The group with an ARN.
pub(super) fn find<'a>(view: &'a View<'_>, arn: &str) -> Result<&'a Group, AwsError> {
    if !arn.starts_with("arn:") || !arn.contains(":targetgroup/") {
        return Err(validation(format!("'{arn}' is not a valid target group ARN")));
    }
    view.groups.iter().find(|group| group.arn == arn).ok_or_else(no_group)
}
