//! Load balancers and target groups as a scenario describes them.
//!
//! Who names a target group by ARN can write it down beforehand: `…:targetgroup/NAME/ID` with the name and the id given here.

use serde::{Deserialize, Serialize};

use super::group::HealthCheckSpec;

/// A target group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TargetGroupSpec {
    /// Its name.
    pub name: String,
    /// The end of its ARN; sixteen zeros without it.
    #[serde(default = "zeros")]
    pub id: String,
    /// Its account; absent means the default one.
    pub account: Option<String>,
    /// Its region; absent means the default one.
    pub region: Option<String>,
    /// The port that targets have unless they say otherwise.
    #[serde(default = "http")]
    pub port: u16,
    /// How targets are checked.
    #[serde(default)]
    pub health_check: HealthCheckSpec,
    /// `deregistration_delay.timeout_seconds`; absent means how long the simulated ECS drains.
    pub deregistration_delay: Option<u32>,
}

/// An application load balancer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LoadBalancerSpec {
    /// Its name.
    pub name: String,
    /// The end of its ARN, and of those of its listeners; sixteen zeros without it.
    #[serde(default = "zeros")]
    pub id: String,
    /// Its account; absent means the default one.
    pub account: Option<String>,
    /// Its region; absent means the default one.
    pub region: Option<String>,
    /// Its listeners.
    #[serde(default)]
    pub listeners: Vec<ListenerSpec>,
}

/// A listener, whose ARN ends in the load balancer's id and sixteen digits of its port.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ListenerSpec {
    /// The port; 443 speaks HTTPS, any other one HTTP.
    pub port: u16,
    /// The name of the target group that requests go to.
    pub target_group: String,
    /// Rules that go before that, in this order.
    #[serde(default)]
    pub rules: Vec<RuleSpec>,
}

/// A rule of a listener, whose ARN ends in sixteen digits of its place, from 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RuleSpec {
    /// The pattern of paths that it is for.
    pub path: String,
    /// The name of the target group that requests go to.
    pub target_group: String,
}

fn zeros() -> String {
    "0000000000000000".to_owned()
}

const fn http() -> u16 {
    80
}
