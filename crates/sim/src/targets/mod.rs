//! Elastic Load Balancing of one account and region, as far as a deployment looks at it: groups, targets, health.
//!
//! Load balancers are described and never made by API; targets are the tasks of the ECS services that name a group.
//! Requests do not pass through here: what services answer is served elsewhere.

mod group;
mod health;
mod spec;
mod store;

mod api;

pub use group::HealthCheckSpec;
pub(crate) use health::Registered;
pub use spec::{ListenerSpec, LoadBalancerSpec, RuleSpec, TargetGroupSpec};
pub(crate) use store::LoadBalancing;
