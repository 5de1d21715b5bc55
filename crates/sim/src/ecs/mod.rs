//! Amazon ECS of one account and region: its API and its scheduler.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    fault::AwsError,
    image::{ImageCatalog, Target},
};

/// ECS of one account and region.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ecs {
    account: String,
    region: String,
}

impl Ecs {
    /// An ECS with nothing in it.
    pub fn new(account: &str, region: &str) -> Self {
        Self { account: account.to_owned(), region: region.to_owned() }
    }

    /// Performs one API operation (`DescribeServices`, …) at `now`.
    ///
    /// # Errors
    /// What AWS would answer.
    pub fn call(&mut self, operation: &str, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
        let _ = (input, now);
        Err(AwsError::client("UnknownOperationException", operation))
    }

    /// Lets everything happen that is due until `now`.
    pub fn step(&mut self, now: Timestamp, images: &dyn ImageCatalog) {
        let _ = (now, images);
    }

    /// When something will happen next by itself.
    pub fn next_step(&self) -> Option<Timestamp> {
        None
    }

    /// The running tasks of a service, as a load balancer would see them.
    pub fn targets(&self, cluster: &str, service: &str, now: Timestamp) -> Vec<Target> {
        let _ = (cluster, service, now);
        Vec::new()
    }
}
