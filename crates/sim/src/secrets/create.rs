//! `CreateSecret`.
//!
//! A client request token becomes the version's id and makes a repeated call harmless. Replicas are taken and forgotten.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    input::{read_tags, read_token, read_value},
    names::{arn, check_name, version_id},
    secret::{CURRENT, Secret, SecretValue, Version},
    vault::Secrets,
};
use crate::{api::Members, fault::AwsError};

const CREATE: &[&str] = &[
    "Name",
    "ClientRequestToken",
    "Description",
    "KmsKeyId",
    "SecretBinary",
    "SecretString",
    "Tags",
    "AddReplicaRegions",
    "ForceOverwriteReplicaSecret",
    "Type",
];

pub(super) fn create(secrets: &mut Secrets, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
    let members = Members::of(input, CREATE)?;
    let name = members.required_text("Name")?;
    check_name(name)?;
    let value = read_value(&members)?;
    let token = read_token(&members)?;
    if let Some(existing) = secrets.by_name.get(name) {
        return repeated(existing, token, value.as_ref());
    }
    let number = secrets.count();
    let mut secret = Secret {
        name: name.to_owned(),
        arn: arn(secrets, name, number),
        description: members.text("Description")?.map(str::to_owned),
        key: members.text("KmsKeyId")?.map(str::to_owned),
        tags: read_tags(&members)?,
        created_at: now,
        changed_at: now,
        deletion: None,
        versions: BTreeMap::new(),
        labels: BTreeMap::new(),
    };
    let version = value.map(|value| add_version(&mut secret, value, token, number, now));
    let answer = created(&secret, version.as_deref());
    secrets.by_name.insert(name.to_owned(), secret);
    Ok(answer)
}

fn repeated(existing: &Secret, token: Option<&str>, value: Option<&SecretValue>) -> Result<Value, AwsError> {
    if existing.deletion.is_some() {
        return Err(AwsError::client(
            "InvalidRequestException",
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
        ));
    }
    let version = token.and_then(|token| existing.versions.get_key_value(token));
    match version {
        Some((id, version)) if Some(&version.value) == value => Ok(created(existing, Some(id))),
        Some(_) | None => Err(AwsError::client(
            "ResourceExistsException",
            format!("The operation failed because the secret {} already exists.", existing.name),
        )),
    }
}

fn created(secret: &Secret, version: Option<&str>) -> Value {
    let mut answer = json!({"ARN": secret.arn, "Name": secret.name});
    if let Some(version) = version {
        answer["VersionId"] = version.into();
    }
    answer
}

fn add_version(secret: &mut Secret, value: SecretValue, token: Option<&str>, number: u64, now: Timestamp) -> String {
    let id = token.map_or_else(|| version_id(&secret.arn, number), str::to_owned);
    secret.versions.insert(id.clone(), Version { value, created_at: now });
    secret.label(CURRENT, &id);
    id
}
