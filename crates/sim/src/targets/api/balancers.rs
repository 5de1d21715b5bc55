//! `DescribeLoadBalancers`.

use serde_json::{Value, json};

use super::{
    super::{group::VPC, spec::LoadBalancerSpec, store::View},
    errors::no_balancer,
    paged,
};
use crate::{api::Members, fault::AwsError};

/// When every load balancer was made: nobody saw it.
const CREATED: &str = "2026-01-01T00:00:00Z";

pub(super) fn perform(view: &View<'_>, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(input, &["LoadBalancerArns", "Names", "Marker", "PageSize"])?;
    let (arns, names) = (members.texts("LoadBalancerArns")?, members.texts("Names")?);
    let is =
        |balancer: &LoadBalancerSpec, wanted: &str| view.balancer_arn(balancer) == wanted || balancer.name == wanted;
    let all = &view.store.balancers;
    if let Some(missing) = arns.iter().chain(&names).find(|wanted| !all.iter().any(|one| is(one, wanted))) {
        return Err(no_balancer(missing));
    }
    let everything = arns.is_empty() && names.is_empty();
    let wanted =
        |balancer: &&LoadBalancerSpec| everything || arns.iter().chain(&names).any(|wanted| is(balancer, wanted));
    let shown = all.iter().filter(wanted).map(|balancer| show(view, balancer));
    paged("LoadBalancers", shown.collect(), &members)
}

fn show(view: &View<'_>, balancer: &LoadBalancerSpec) -> Value {
    let region = view.place.region();
    json!({
        "LoadBalancerArn": view.balancer_arn(balancer),
        "DNSName": format!("{}-{}.{region}.elb.amazonaws.com", balancer.name, balancer.id),
        "CanonicalHostedZoneId": "Z00000000000000000000",
        "CreatedTime": CREATED,
        "LoadBalancerName": balancer.name,
        "Scheme": "internet-facing",
        "VpcId": VPC,
        "State": {"Code": "active"},
        "Type": "application",
        "AvailabilityZones": [{"ZoneName": format!("{region}a"), "SubnetId": "subnet-00000000"}],
        "SecurityGroups": ["sg-00000000"],
        "IpAddressType": "ipv4",
    })
}
