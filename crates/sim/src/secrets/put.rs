//! `PutSecretValue`.
//!
//! A client request token becomes the version's id and makes a repeated call harmless. How often a value is put is not limited.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    input::{read_token, read_value},
    names::version_id,
    secret::{CURRENT, Version},
    vault::Secrets,
};
use crate::{api::Members, fault::AwsError};

const PUT: &[&str] =
    &["SecretId", "ClientRequestToken", "SecretBinary", "SecretString", "VersionStages", "RotationToken"];

pub(super) fn put(secrets: &mut Secrets, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
    let members = Members::of(input, PUT)?;
    let value = read_value(&members)?.ok_or_else(|| {
        AwsError::client("InvalidRequestException", "You must provide either SecretString or SecretBinary.")
    })?;
    let token = read_token(&members)?;
    let mut stages = members.texts("VersionStages")?;
    if stages.is_empty() {
        stages.push(CURRENT);
    }
    let id = members.required_text("SecretId")?;
    let number = secrets.count();
    let secret = secrets.find_mut(id)?;
    secret.check_usable()?;
    let version = token.map_or_else(|| version_id(&secret.arn, number), str::to_owned);
    match secret.versions.get(&version) {
        Some(existing) if existing.value != value => {
            return Err(AwsError::client(
                "ResourceExistsException",
                format!("A resource with the version ID '{version}' already exists but with a different secret value."),
            ));
        }
        Some(_) => (),
        None => {
            secret.versions.insert(version.clone(), Version { value, created_at: now });
            secret.changed_at = now;
            for stage in stages {
                secret.label(stage, &version);
            }
        }
    }
    Ok(
        json!({"ARN": secret.arn, "Name": secret.name, "VersionId": version, "VersionStages": secret.labels_of(&version)}),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    fn secrets() -> Secrets {
        Secrets::new("111111111111", "us-west-2")
    }

    fn call(secrets: &mut Secrets, operation: &str, input: &Value) -> Result<Value, AwsError> {
        secrets.call(operation, input, Timestamp::UNIX_EPOCH)
    }

    fn text(secrets: &mut Secrets, stage: &str) -> String {
        let value = call(secrets, "GetSecretValue", &json!({"SecretId": "shop/token", "VersionStage": stage})).unwrap();
        value["SecretString"].as_str().unwrap().to_owned()
    }

    #[test]
    fn putting_a_value_moves_the_old_one_back() {
        let mut secrets = secrets();
        call(&mut secrets, "CreateSecret", &json!({"Name": "shop/token", "SecretString": "one"})).unwrap();
        call(&mut secrets, "PutSecretValue", &json!({"SecretId": "shop/token", "SecretString": "two"})).unwrap();
        assert_eq!(text(&mut secrets, "AWSCURRENT"), "two");
        assert_eq!(text(&mut secrets, "AWSPREVIOUS"), "one");
    }

    #[test]
    fn a_token_makes_a_repeated_call_harmless() {
        let mut secrets = secrets();
        let create = json!({"Name": "shop/token", "SecretString": "one", "ClientRequestToken": TOKEN});
        let first = call(&mut secrets, "CreateSecret", &create).unwrap();
        assert_eq!(call(&mut secrets, "CreateSecret", &create).unwrap(), first);
        let put = json!({"SecretId": "shop/token", "SecretString": "other", "ClientRequestToken": TOKEN});
        assert_eq!(call(&mut secrets, "PutSecretValue", &put).unwrap_err().code, "ResourceExistsException");
    }
}
