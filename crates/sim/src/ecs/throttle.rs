//! AWS's request throttling of ECS: token buckets of an account and region, each for a category of operations.
//!
//! They are filled by simulated time. *Guess*: the operations that AWS's page does not list draw on their
//! neighbours' buckets.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::fault::AwsError;

/// A category of operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Category {
    ClusterModify,
    ClusterRead,
    TaskDefinitionModify,
    TaskDefinitionRead,
    TagModify,
    TagRead,
    ClusterResourceModify,
    ClusterResourceRead,
    ServiceModify,
    ServiceRead,
    ServiceDeployment,
    ServiceRevision,
}

/// How much is left in a bucket, and since when.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Bucket {
    tokens: f64,
    since: Timestamp,
}

/// The buckets that were drawn on.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Buckets(BTreeMap<Category, Bucket>);

impl Category {
    fn of(operation: &str) -> Option<Self> {
        Some(match operation {
            "CreateCluster" | "DeleteCluster" => Self::ClusterModify,
            "DescribeClusters" | "ListClusters" => Self::ClusterRead,
            "RegisterTaskDefinition" | "DeregisterTaskDefinition" => Self::TaskDefinitionModify,
            "DescribeTaskDefinition" | "ListTaskDefinitions" | "ListTaskDefinitionFamilies" => Self::TaskDefinitionRead,
            "TagResource" | "UntagResource" => Self::TagModify,
            "ListTagsForResource" => Self::TagRead,
            "RunTask" | "StopTask" => Self::ClusterResourceModify,
            "DescribeTasks" | "ListTasks" => Self::ClusterResourceRead,
            "CreateService" | "UpdateService" | "DeleteService" => Self::ServiceModify,
            "DescribeServices" | "ListServices" => Self::ServiceRead,
            "DescribeServiceDeployments"
            | "ListServiceDeployments"
            | "StopServiceDeployment"
            | "ContinueServiceDeployment" => Self::ServiceDeployment,
            "DescribeServiceRevisions" => Self::ServiceRevision,
            _ => return None,
        })
    }

    /// How much a bucket holds, and how much comes in every second.
    fn limits(self) -> (f64, f64) {
        match self {
            Self::ClusterModify | Self::TaskDefinitionModify => (20.0, 1.0),
            Self::TagModify => (20.0, 10.0),
            Self::ClusterResourceModify => (100.0, 40.0),
            Self::ClusterResourceRead | Self::ServiceRead => (100.0, 20.0),
            Self::ServiceModify => (50.0, 5.0),
            Self::ClusterRead
            | Self::TaskDefinitionRead
            | Self::TagRead
            | Self::ServiceDeployment
            | Self::ServiceRevision => (50.0, 20.0),
        }
    }
}

impl Buckets {
    /// Takes a token for `operation`.
    ///
    /// # Errors
    /// AWS's `ThrottlingException` when there is none.
    pub(super) fn take(&mut self, operation: &str, now: Timestamp) -> Result<(), AwsError> {
        let Some(category) = Category::of(operation) else {
            return Ok(());
        };
        let (burst, refill) = category.limits();
        let bucket = self.0.entry(category).or_insert(Bucket { tokens: burst, since: now });
        let passed = now.duration_since(bucket.since).as_secs_f64().max(0.0);
        bucket.tokens = passed.mul_add(refill, bucket.tokens).min(burst);
        bucket.since = bucket.since.max(now);
        if bucket.tokens < 1.0 {
            return Err(AwsError::client("ThrottlingException", "Rate exceeded"));
        }
        bucket.tokens -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecs::world::time::after;

    #[track_caller]
    fn check(operation: &str, burst: usize, seconds: f64, refilled: usize) {
        let mut buckets = Buckets::default();
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let taken = |buckets: &mut Buckets, now| (0..1000).take_while(|_| buckets.take(operation, now).is_ok()).count();
        assert_eq!(taken(&mut buckets, now), burst, "{operation}");
        assert_eq!(taken(&mut buckets, after(now, seconds)), refilled, "{operation}");
    }

    #[test]
    fn each_category_has_its_burst_and_its_refill() {
        check("RegisterTaskDefinition", 20, 3.0, 3);
        check("DescribeTaskDefinition", 50, 1.0, 20);
        check("UpdateService", 50, 2.0, 10);
        check("DescribeServices", 100, 1.0, 20);
        check("DescribeServiceDeployments", 50, 1.0, 20);
        check("DescribeServiceRevisions", 50, 1.0, 20);
        check("RunTask", 100, 1.0, 40);
        check("DescribeTasks", 100, 100.0, 100);
        check("TagResource", 20, 1.0, 10);
        check("CreateCluster", 20, 1.0, 1);
    }

    #[test]
    fn every_operation_of_the_simulator_has_a_category() {
        for line in include_str!("shapes/inputs.txt").lines() {
            if let Some(operation) = line.strip_prefix("operation ").and_then(|line| line.split(' ').next()) {
                assert!(Category::of(operation).is_some(), "{operation}");
            }
        }
    }

    #[test]
    fn operations_of_one_category_share_their_bucket() {
        let mut buckets = Buckets::default();
        let now = Timestamp::UNIX_EPOCH;
        for _ in 0..10 {
            buckets.take("RegisterTaskDefinition", now).unwrap();
            buckets.take("DeregisterTaskDefinition", now).unwrap();
        }
        let refusal = buckets.take("DeregisterTaskDefinition", now).unwrap_err();
        assert_eq!(
            (refusal.status, refusal.code.as_str(), refusal.message.as_str()),
            (400, "ThrottlingException", "Rate exceeded")
        );
        buckets.take("DescribeTaskDefinition", now).unwrap();
    }
}
