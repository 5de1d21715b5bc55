//! The Secrets port on Secrets Manager. It describes, and never asks for a value.

use async_trait::async_trait;
use serde_json::Value;
use towpath_core::{
    identifier::SecretReference,
    ports::{CallError, SecretPresence, Secrets},
};

use crate::{
    call::{Call, Nature},
    connect::Aws,
    fault, json,
};

/// Secrets Manager, in whichever region a secret's ARN names.
#[derive(Clone)]
pub struct SecretsManager {
    aws: Aws,
}

impl SecretsManager {
    pub(crate) fn new(aws: Aws) -> Self {
        Self { aws }
    }
}

#[async_trait]
impl Secrets for SecretsManager {
    async fn presence(&self, secret: &SecretReference) -> Result<SecretPresence, CallError> {
        let call = Call {
            operation: "secretsmanager:DescribeSecret",
            nature: Nature::Read,
            codes: fault::secrets,
            terms: self.aws.terms(),
        };
        let (arn, region) = whole_secret(secret);
        let client = self.aws.secrets_manager(region);
        let request = client.describe_secret().secret_id(arn);
        let answer = call.json(|wire| request.clone().customize().interceptor(wire).send()).await;
        match answer {
            Ok(answer) => Ok(presence(&answer)),
            Err(error) if error.is_not_found() => Ok(SecretPresence::Missing),
            Err(error) => Err(error),
        }
    }
}

fn presence(answer: &Value) -> SecretPresence {
    match json::member(answer, "DeletedDate") {
        Some(_) => SecretPresence::BeingDeleted,
        None => SecretPresence::Present,
    }
}

/// The secret's ARN without the key, stage and version that a task definition may add, and its region.
fn whole_secret(secret: &SecretReference) -> (&str, &str) {
    let text = secret.as_str();
    let end = text.match_indices(':').nth(6).map_or(text.len(), |(at, _)| at);
    (&text[..end], text.split(':').nth(3).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn key_stage_and_version_do_not_belong_to_the_secret() {
        let arn = "arn:aws:secretsmanager:us-west-2:111111111111:secret:shop/db-AbCdEf";
        for suffix in ["", ":password::", ":password:AWSCURRENT:", "::AWSPREVIOUS:", ":k:s:0f1e"] {
            let secret: SecretReference = format!("{arn}{suffix}").parse().unwrap();
            assert_eq!(whole_secret(&secret), (arn, "us-west-2"), "{suffix}");
        }
    }

    #[test]
    fn a_secret_with_a_date_of_deletion_is_being_deleted() {
        assert_eq!(presence(&json!({"ARN": "a"})), SecretPresence::Present);
        assert_eq!(presence(&json!({"DeletedDate": null})), SecretPresence::Present);
        let deleted = json!({"DeletedDate": 1_763_761_226.5});
        assert_eq!(presence(&deleted), SecretPresence::BeingDeleted);
    }
}
