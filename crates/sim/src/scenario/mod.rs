//! Scenarios: the world that the simulator starts with, as a TOML file.
//!
//! Only reading and checking; making what is described is the world's work.

mod contents;
mod entries;
mod error;
mod read;

pub use crate::cloudfront::{CloudFrontKnobs, DistributionSpec, ErrorPageSpec, LocationSpec, ReusedReference};
pub use crate::s3::{AbsentDelete, BucketSpec, Denial, ObjectSpec, S3Knobs, WrongRegion};
pub use crate::world::{
    AlarmChange, AlarmSpec, AlarmState, HealthCheckSpec, ListenerSpec, LoadBalancerSpec, RuleSpec, TargetGroupSpec,
    When,
};
pub use contents::Scenario;
pub use entries::{CircuitBreaker, ClusterEntry, RepositoryEntry, SecretEntry, ServiceEntry, TagMutability};
pub use error::ScenarioError;
