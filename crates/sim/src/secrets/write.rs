//! `CreateSecret`, `PutSecretValue` and `DeleteSecret`.
//!
//! A client request token becomes the version's id and makes a repeated call harmless.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    secret::{CURRENT, Deletion, Secret, SecretValue, Version},
    vault::Secrets,
};
use crate::{
    api::{Members, epoch_seconds, sha256},
    fault::AwsError,
};

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
const LARGEST: usize = 65_536;

pub(super) fn create(
    secrets: &mut Secrets,
    input: &Value,
    now: Timestamp,
) -> Result<Value, AwsError> {
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

fn repeated(
    existing: &Secret,
    token: Option<&str>,
    value: Option<&SecretValue>,
) -> Result<Value, AwsError> {
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
            format!(
                "The operation failed because the secret {} already exists.",
                existing.name
            ),
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

fn add_version(
    secret: &mut Secret,
    value: SecretValue,
    token: Option<&str>,
    number: u64,
    now: Timestamp,
) -> String {
    let id = token.map_or_else(|| version_id(&secret.arn, number), str::to_owned);
    secret.versions.insert(
        id.clone(),
        Version {
            value,
            created_at: now,
        },
    );
    secret.label(CURRENT, &id);
    id
}

const PUT: &[&str] = &[
    "SecretId",
    "ClientRequestToken",
    "SecretBinary",
    "SecretString",
    "VersionStages",
    "RotationToken",
];

pub(super) fn put(secrets: &mut Secrets, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
    let members = Members::of(input, PUT)?;
    let value = read_value(&members)?.ok_or_else(|| {
        AwsError::client(
            "InvalidRequestException",
            "You must provide either SecretString or SecretBinary.",
        )
    })?;
    let token = read_token(&members)?;
    let mut stages = members.texts("VersionStages")?;
    if stages.is_empty() {
        stages.push(CURRENT);
    }
    let id = members.required_text("SecretId")?;
    let number = secrets.count();
    let secret = secrets.find_mut(id)?;
    check_usable(secret)?;
    let version = token.map_or_else(|| version_id(&secret.arn, number), str::to_owned);
    match secret.versions.get(&version) {
        Some(existing) if existing.value != value => {
            return Err(AwsError::client(
                "ResourceExistsException",
                format!(
                    "A resource with the version ID '{version}' already exists but with a different secret value."
                ),
            ));
        }
        Some(_) => (),
        None => {
            secret.versions.insert(
                version.clone(),
                Version {
                    value,
                    created_at: now,
                },
            );
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

pub(super) fn delete(
    secrets: &mut Secrets,
    input: &Value,
    now: Timestamp,
) -> Result<Value, AwsError> {
    let members = Members::of(
        input,
        &[
            "SecretId",
            "RecoveryWindowInDays",
            "ForceDeleteWithoutRecovery",
        ],
    )?;
    let is_forced = members.flag("ForceDeleteWithoutRecovery")?.unwrap_or(false);
    let days = read_window(members.whole("RecoveryWindowInDays")?, is_forced)?;
    let secret = secrets.find_mut(members.required_text("SecretId")?)?;
    check_usable(secret)?;
    let due_at = now
        .checked_add(SignedDuration::from_hours(24 * days))
        .unwrap_or(Timestamp::MAX);
    secret.deletion = Some(Deletion {
        asked_at: now,
        due_at,
    });
    Ok(json!({"ARN": secret.arn, "Name": secret.name, "DeletionDate": epoch_seconds(due_at)}))
}

fn read_window(days: Option<i64>, is_forced: bool) -> Result<i64, AwsError> {
    match (days, is_forced) {
        (Some(_), true) => Err(invalid(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        )),
        (None, true) => Ok(0),
        (None, false) => Ok(30),
        (Some(days @ 7..=30), false) => Ok(days),
        (Some(_), false) => Err(invalid(
            "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
        )),
    }
}

/// Refuses a secret that was deleted and can only be restored.
pub(super) fn check_usable(secret: &Secret) -> Result<(), AwsError> {
    match secret.deletion {
        None => Ok(()),
        Some(_) => Err(AwsError::client(
            "InvalidRequestException",
            "You can't perform this operation on the secret because it was marked for deletion.",
        )),
    }
}

fn read_value(members: &Members<'_>) -> Result<Option<SecretValue>, AwsError> {
    let (text, binary) = (members.text("SecretString")?, members.text("SecretBinary")?);
    match (text, binary) {
        (Some(_), Some(_)) => Err(invalid(
            "You can't specify both a binary secret value and a string secret value in the same secret.",
        )),
        (Some(text), None) if !(1..=LARGEST).contains(&text.len()) => {
            Err(invalid("SecretString must have between 1 and 65536 bytes."))
        }
        (Some(text), None) => Ok(Some(SecretValue::Text(text.to_owned()))),
        (None, Some(binary)) => match BASE64_STANDARD.decode(binary) {
            Ok(bytes) if (1..=LARGEST).contains(&bytes.len()) => {
                Ok(Some(SecretValue::Binary(binary.to_owned())))
            }
            Ok(_) => Err(invalid("SecretBinary must have between 1 and 65536 bytes.")),
            Err(_) => Err(AwsError::client(
                "SerializationException",
                "Unexpected value for 'SecretBinary': expected base64",
            )),
        },
        (None, None) => Ok(None),
    }
}

fn read_token<'a>(members: &Members<'a>) -> Result<Option<&'a str>, AwsError> {
    match members.text("ClientRequestToken")? {
        Some(token) if !(32..=64).contains(&token.len()) => Err(invalid(
            "ClientRequestToken must have between 32 and 64 characters.",
        )),
        token => Ok(token),
    }
}

fn read_tags(members: &Members<'_>) -> Result<Vec<Value>, AwsError> {
    let tags = members.list("Tags")?;
    for tag in tags {
        let tag = Members::of(tag, &["Key", "Value"])?;
        tag.required_text("Key")?;
        tag.text("Value")?;
    }
    Ok(tags.to_vec())
}

fn check_name(name: &str) -> Result<(), AwsError> {
    let is_allowed =
        |character: char| character.is_ascii_alphanumeric() || "/_+=.@-!".contains(character);
    if name.len() <= 512 && name.chars().all(is_allowed) {
        return Ok(());
    }
    Err(AwsError::client(
        "ValidationException",
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
    ))
}

fn arn(secrets: &Secrets, name: &str, number: u64) -> String {
    let Secrets {
        account, region, ..
    } = secrets;
    let partition = if region.starts_with("cn-") {
        "aws-cn"
    } else {
        "aws"
    };
    let suffix = hexadecimal(&format!("{account}/{region}/{name}/{number}"));
    format!(
        "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-{}",
        &suffix[..6]
    )
}

/// An id in the shape of a UUID, the same for the same number of the same secret.
fn version_id(arn: &str, number: u64) -> String {
    let text = hexadecimal(&format!("{arn}/{number}"));
    format!(
        "{}-{}-4{}-8{}-{}",
        &text[..8],
        &text[8..12],
        &text[13..16],
        &text[17..20],
        &text[20..32]
    )
}

fn hexadecimal(text: &str) -> String {
    sha256(text).replace("sha256:", "")
}

fn invalid(message: &str) -> AwsError {
    AwsError::client("InvalidParameterException", message)
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
        let value = call(
            secrets,
            "GetSecretValue",
            &json!({"SecretId": "shop/token", "VersionStage": stage}),
        )
        .unwrap();
        value["SecretString"].as_str().unwrap().to_owned()
    }

    #[test]
    fn putting_a_value_moves_the_old_one_back() {
        let mut secrets = secrets();
        call(
            &mut secrets,
            "CreateSecret",
            &json!({"Name": "shop/token", "SecretString": "one"}),
        )
        .unwrap();
        call(
            &mut secrets,
            "PutSecretValue",
            &json!({"SecretId": "shop/token", "SecretString": "two"}),
        )
        .unwrap();
        assert_eq!(text(&mut secrets, "AWSCURRENT"), "two");
        assert_eq!(text(&mut secrets, "AWSPREVIOUS"), "one");
    }

    #[test]
    fn a_token_makes_a_repeated_call_harmless() {
        let mut secrets = secrets();
        let create =
            json!({"Name": "shop/token", "SecretString": "one", "ClientRequestToken": TOKEN});
        let first = call(&mut secrets, "CreateSecret", &create).unwrap();
        assert_eq!(call(&mut secrets, "CreateSecret", &create).unwrap(), first);
        let put =
            json!({"SecretId": "shop/token", "SecretString": "other", "ClientRequestToken": TOKEN});
        assert_eq!(
            call(&mut secrets, "PutSecretValue", &put).unwrap_err().code,
            "ResourceExistsException"
        );
    }

    #[test]
    fn a_deleted_secret_cannot_be_read_and_is_gone_after_its_window() {
        let mut secrets = secrets();
        call(
            &mut secrets,
            "CreateSecret",
            &json!({"Name": "shop/token", "SecretString": "one"}),
        )
        .unwrap();
        call(
            &mut secrets,
            "DeleteSecret",
            &json!({"SecretId": "shop/token", "RecoveryWindowInDays": 7}),
        )
        .unwrap();
        let error = call(
            &mut secrets,
            "GetSecretValue",
            &json!({"SecretId": "shop/token"}),
        )
        .unwrap_err();
        assert_eq!(error.code, "InvalidRequestException");
        let later = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(7 * 24);
        let error = secrets
            .call("DescribeSecret", &json!({"SecretId": "shop/token"}), later)
            .unwrap_err();
        assert_eq!(error.code, "ResourceNotFoundException");
    }

    #[test]
    fn a_secret_is_found_by_its_arn_whole_or_in_part() {
        let mut secrets = secrets();
        let created = call(
            &mut secrets,
            "CreateSecret",
            &json!({"Name": "shop/token", "SecretString": "one"}),
        )
        .unwrap();
        let arn = created["ARN"].as_str().unwrap();
        for id in [arn, &arn[..arn.len() - 7]] {
            call(&mut secrets, "DescribeSecret", &json!({"SecretId": id})).unwrap();
        }
        assert!(
            call(
                &mut secrets,
                "DescribeSecret",
                &json!({"SecretId": &arn[..arn.len() - 1]})
            )
            .is_err()
        );
    }
}
