//! The Logs port: what containers wrote.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{identifier::Region, rollout::LogLine};

use super::CallError;

/// Where a container's log is: a stream of `CloudWatch` Logs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogStream {
    /// The region, where it is not the environment's.
    pub region: Option<Region>,
    /// The log group.
    pub group: String,
    /// The stream in it.
    pub stream: String,
}

/// Logs of containers.
#[async_trait]
pub trait Logs: Send + Sync {
    /// The last lines of the stream, at most `most`, oldest first; none where there is no such group or stream: a
    /// container that never ran has none.
    ///
    /// Guarantees: reads only.
    async fn last(&self, stream: &LogStream, most: usize) -> Result<Vec<LogLine>, CallError>;

    /// The lines that were written at `from` or later, oldest first, at most ten thousand; none where there is no such
    /// group or stream.
    ///
    /// Guarantees: reads only. Lines may arrive seconds late: whoever follows asks again from the newest that it has.
    async fn since(&self, stream: &LogStream, from: Timestamp) -> Result<Vec<LogLine>, CallError>;
}
