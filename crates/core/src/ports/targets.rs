//! The Targets port: what a load balancer thinks of its targets.

use std::time::Duration;

use async_trait::async_trait;

use crate::{identifier::TargetGroupArn, rollout::TargetHealth};

use super::CallError;

/// Target groups of load balancers.
#[async_trait]
pub trait Targets: Send + Sync {
    /// The health of all targets of the group.
    ///
    /// Guarantees: reads only. Errors: `NotFound` where there is no such group.
    async fn health(&self, group: &TargetGroupArn) -> Result<Vec<TargetHealth>, CallError>;

    /// How long a target that is being removed may finish what it serves (the deregistration delay).
    ///
    /// Guarantees: reads only. Errors: `NotFound` where there is no such group.
    async fn drain_time(&self, group: &TargetGroupArn) -> Result<Duration, CallError>;
}
