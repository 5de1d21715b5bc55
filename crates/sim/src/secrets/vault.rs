//! The secrets of one account and region, how one is looked up, and which operation goes where.
//!
//! The operations themselves stand in the files beside this one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{create, delete, put, read, secret::Secret};
use crate::fault::AwsError;

/// Secrets Manager of one account and region.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Secrets {
    pub(super) account: String,
    pub(super) region: String,
    /// The secrets by name.
    pub(super) by_name: BTreeMap<String, Secret>,
    /// How many secrets and versions there have been: what their made-up names are counted from.
    pub(super) made: u64,
}

impl Secrets {
    /// A Secrets Manager without secrets.
    pub fn new(account: &str, region: &str) -> Self {
        Self { account: account.to_owned(), region: region.to_owned(), by_name: BTreeMap::new(), made: 0 }
    }

    /// Performs one API operation (`GetSecretValue`, …) at `now`.
    ///
    /// # Errors
    /// What AWS would answer.
    pub fn call(&mut self, operation: &str, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
        self.by_name.retain(|_, secret| !secret.is_gone(now));
        match operation {
            "CreateSecret" => create::create(self, input, now),
            "PutSecretValue" => put::put(self, input, now),
            "DeleteSecret" => delete::delete(self, input, now),
            "DescribeSecret" => read::describe(self, input),
            "GetSecretValue" => read::value(self, input),
            "ListSecrets" => read::list(self, input),
            unknown => Err(AwsError::client(
                "UnknownOperationException",
                format!("The simulator does not know the Secrets Manager operation '{unknown}'"),
            )),
        }
    }

    /// The secret that `id` names: by name, by ARN, or by ARN without the six characters at its end.
    pub(super) fn find(&self, id: &str) -> Result<&Secret, AwsError> {
        let name = self.name_of(id).ok_or_else(not_found)?;
        self.by_name.get(name).ok_or_else(not_found)
    }

    pub(super) fn find_mut(&mut self, id: &str) -> Result<&mut Secret, AwsError> {
        let name = self.name_of(id).map(str::to_owned).ok_or_else(not_found)?;
        self.by_name.get_mut(&name).ok_or_else(not_found)
    }

    fn name_of(&self, id: &str) -> Option<&str> {
        if !id.starts_with("arn:") {
            return self.by_name.get_key_value(id).map(|(name, _)| name.as_str());
        }
        let is_whole = |secret: &&Secret| secret.arn == id;
        let is_part = |secret: &&Secret| secret.arn.len() > 7 && secret.arn.get(..secret.arn.len() - 7) == Some(id);
        let all = || self.by_name.values();
        all().find(is_whole).or_else(|| all().find(is_part)).map(|secret| secret.name.as_str())
    }

    /// The next number that nothing was named after yet.
    pub(super) fn count(&mut self) -> u64 {
        self.made += 1;
        self.made
    }
}

fn not_found() -> AwsError {
    AwsError::client("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}
