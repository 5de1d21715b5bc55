//! Towpath's ports on AWS: the only crate that names the AWS SDK.
//!
//! [`Aws::connect`] gives one environment's adapters, all calling as one caller.
//! It decides nothing: it carries out a port's method, and says what a failure proves.

mod connect;

mod budget;
mod call;
mod fault;
mod json;

mod alarms;
mod ecr;
mod ecs;
mod identity;
mod log_line;
mod logs;
mod registry;
mod secrets;
mod site;
mod targets;

pub mod answers;

pub use alarms::CloudWatchAlarms;
pub use budget::{Budget, Category, InvalidShare, Share, Use};
pub use connect::{AccessKeys, Aws, ConnectError, Patience, Settings, Source};
pub use ecr::{EcrBundles, EcrImages, EcrScans};
pub use ecs::{EcsServices, EcsTaskDefinitions};
pub use identity::StsIdentity;
pub use logs::CloudWatchLogs;
pub use registry::RegistryLogin;
pub use secrets::SecretsManager;
pub use site::{CloudFront, Limits, S3Bucket};
pub use targets::LoadBalancerTargets;
