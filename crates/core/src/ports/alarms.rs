//! The Alarms port: how alarms stand.

use async_trait::async_trait;

use crate::{identifier::AlarmName, rollout::Alarm};

use super::CallError;

/// `CloudWatch` alarms of one account and region.
#[async_trait]
pub trait Alarms: Send + Sync {
    /// The alarms of these names; those that do not exist are left out.
    ///
    /// Guarantees: reads only; any number of names.
    async fn look(&self, names: &[AlarmName]) -> Result<Vec<Alarm>, CallError>;
}
