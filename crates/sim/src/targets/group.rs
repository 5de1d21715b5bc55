//! A target group: its name, its ARN, how its targets are checked.
//!
//! A group that only a service names is there too, with the defaults of AWS.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::spec::TargetGroupSpec;
use crate::world::Place;

/// How targets are checked. Nothing is really asked: an image's behaviour says what it would answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct HealthCheckSpec {
    /// The path that is asked for.
    pub path: String,
    /// From one check to the next, in seconds.
    pub interval: u32,
    /// How long an answer may take, in seconds.
    pub timeout: u32,
    /// How many good answers make a target healthy.
    pub healthy_threshold: u32,
    /// How many bad answers make a target unhealthy.
    pub unhealthy_threshold: u32,
    /// The codes of good answers.
    pub codes: String,
}

impl Default for HealthCheckSpec {
    fn default() -> Self {
        Self {
            path: "/".to_owned(),
            interval: 30,
            timeout: 5,
            healthy_threshold: 5,
            unhealthy_threshold: 2,
            codes: "200".to_owned(),
        }
    }
}

/// A target group.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group {
    pub(super) arn: String,
    pub(super) spec: TargetGroupSpec,
}

impl Group {
    /// The group that a scenario describes.
    pub(super) fn described(spec: &TargetGroupSpec, place: &Place) -> Self {
        Self { arn: arn(place, &format!("targetgroup/{}/{}", spec.name, spec.id)), spec: spec.clone() }
    }

    /// The group that a service names by ARN, if it is of this place.
    pub(super) fn named(group: &str, port: i64, place: &Place) -> Option<Self> {
        let rest = group.strip_prefix(&arn(place, "targetgroup/"))?;
        let (name, id) = rest.split_once('/')?;
        let spec = TargetGroupSpec {
            name: name.to_owned(),
            id: id.to_owned(),
            account: None,
            region: None,
            port: u16::try_from(port).unwrap_or(80),
            health_check: HealthCheckSpec::default(),
            deregistration_delay: None,
        };
        Some(Self { arn: group.to_owned(), spec })
    }

    /// One entry of `TargetGroups`.
    pub(super) fn show(&self, balancers: &[String]) -> Value {
        let check = &self.spec.health_check;
        json!({
            "TargetGroupArn": self.arn,
            "TargetGroupName": self.spec.name,
            "Protocol": "HTTP",
            "Port": self.spec.port,
            "VpcId": VPC,
            "HealthCheckProtocol": "HTTP",
            "HealthCheckPort": "traffic-port",
            "HealthCheckEnabled": true,
            "HealthCheckIntervalSeconds": check.interval,
            "HealthCheckTimeoutSeconds": check.timeout,
            "HealthyThresholdCount": check.healthy_threshold,
            "UnhealthyThresholdCount": check.unhealthy_threshold,
            "HealthCheckPath": check.path,
            "Matcher": {"HttpCode": check.codes},
            "LoadBalancerArns": balancers,
            "TargetType": "ip",
            "ProtocolVersion": "HTTP1",
            "IpAddressType": "ipv4",
        })
    }
}

/// The only network there is.
pub(super) const VPC: &str = "vpc-00000000";

/// `arn:aws:elasticloadbalancing:<region>:<account>:<rest>`.
pub(super) fn arn(place: &Place, rest: &str) -> String {
    format!("arn:aws:elasticloadbalancing:{}:{}:{rest}", place.region(), place.account())
}
