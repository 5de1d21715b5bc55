//! `DescribeSecret`, `GetSecretValue` and `ListSecrets`.
//!
//! The date of the last access is not kept.

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::{
    secret::{CURRENT, Secret, SecretValue},
    vault::Secrets,
};
use crate::{
    api::{Members, Page, epoch_seconds, page_size},
    fault::AwsError,
};

pub(super) fn describe(secrets: &Secrets, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(input, &["SecretId"])?;
    let secret = secrets.find(members.required_text("SecretId")?)?;
    Ok(shown(secret, "VersionIdsToStages"))
}

fn shown(secret: &Secret, versions_member: &str) -> Value {
    let mut versions = json!({});
    for id in secret.versions.keys() {
        versions[id.as_str()] = secret.labels_of(id).into();
    }
    let mut answer = json!({
        "ARN": secret.arn,
        "Name": secret.name,
        "CreatedDate": epoch_seconds(secret.created_at),
        "LastChangedDate": epoch_seconds(secret.changed_at),
        "Tags": secret.tags,
        versions_member: versions,
    });
    if let Some(description) = &secret.description {
        answer["Description"] = description.as_str().into();
    }
    if let Some(key) = &secret.key {
        answer["KmsKeyId"] = key.as_str().into();
    }
    if let Some(deletion) = secret.deletion {
        answer["DeletedDate"] = epoch_seconds(deletion.asked_at);
    }
    answer
}

pub(super) fn value(secrets: &Secrets, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(input, &["SecretId", "VersionId", "VersionStage"])?;
    let secret = secrets.find(members.required_text("SecretId")?)?;
    secret.check_usable()?;
    let id = version_id(secret, members.text("VersionId")?, members.text("VersionStage")?)?;
    let version = secret.versions.get(id).ok_or_else(|| no_version(&format!("VersionId: {id}")))?;
    let mut answer = json!({
        "ARN": secret.arn,
        "Name": secret.name,
        "VersionId": id,
        "VersionStages": secret.labels_of(id),
        "CreatedDate": epoch_seconds(version.created_at),
    });
    match &version.value {
        SecretValue::Text(text) => answer["SecretString"] = text.as_str().into(),
        SecretValue::Binary(base64) => answer["SecretBinary"] = base64.as_str().into(),
    }
    Ok(answer)
}

fn version_id<'a>(secret: &'a Secret, version: Option<&'a str>, stage: Option<&str>) -> Result<&'a str, AwsError> {
    let labelled = |stage: &str| {
        let missing = || no_version(&format!("staging label: {stage}"));
        secret.labels.get(stage).map(String::as_str).ok_or_else(missing)
    };
    match (version, stage) {
        (Some(version), None) => Ok(version),
        (None, stage) => labelled(stage.unwrap_or(CURRENT)),
        (Some(version), Some(stage)) if labelled(stage)? == version => Ok(version),
        (Some(_), Some(_)) => Err(AwsError::client(
            "InvalidRequestException",
            "You provided a VersionStage that is not associated to the provided VersionId.",
        )),
    }
}

fn no_version(what: &str) -> AwsError {
    AwsError::client(
        "ResourceNotFoundException",
        format!("Secrets Manager can't find the specified secret value for {what}"),
    )
}

const LIST: &[&str] = &["IncludePlannedDeletion", "MaxResults", "NextToken", "Filters", "SortOrder", "SortBy"];

pub(super) fn list(secrets: &Secrets, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(input, LIST)?;
    let filters = members.list("Filters")?.iter().map(Filter::read).collect::<Result<Vec<_>, _>>()?;
    let with_deleted = members.flag("IncludePlannedDeletion")?.unwrap_or(false);
    let wanted = secrets.by_name.values().filter(|secret| with_deleted || secret.deletion.is_none());
    let mut found: Vec<_> = wanted.filter(|secret| filters.iter().all(|filter| filter.lets_pass(secret))).collect();
    sort(&mut found, members.text("SortBy")?, members.text("SortOrder")?)?;
    let page = Page::cut(found, members.text("NextToken")?, page_size(members.whole("MaxResults")?, 100, 100)?)?;
    let shown: Vec<_> = page.items.iter().map(|secret| shown(secret, "SecretVersionsToStages")).collect();
    let mut answer = json!({"SecretList": shown});
    if let Some(next) = page.next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}

fn sort(secrets: &mut [&Secret], by: Option<&str>, order: Option<&str>) -> Result<(), AwsError> {
    match by {
        None | Some("created-date") => secrets.sort_by_key(|secret| Reverse(secret.created_at)),
        Some("last-changed-date" | "last-accessed-date") => {
            secrets.sort_by_key(|secret| Reverse(secret.changed_at));
        }
        Some("name") => secrets.sort_by_key(|secret| Reverse(&secret.name)),
        Some(_) => {
            return Err(AwsError::client("InvalidParameterException", "Invalid SortBy"));
        }
    }
    match order {
        None | Some("desc") => Ok(()),
        Some("asc") => {
            secrets.reverse();
            Ok(())
        }
        Some(_) => Err(AwsError::client("InvalidParameterException", "Invalid SortOrder")),
    }
}

/// One condition of a list: some value is the beginning of what the key names, or, after `!`, is not.
struct Filter<'a> {
    key: &'a str,
    values: Vec<&'a str>,
}

impl<'a> Filter<'a> {
    fn read(value: &'a Value) -> Result<Self, AwsError> {
        let members = Members::of(value, &["Key", "Values"])?;
        let (key, values) = (members.required_text("Key")?, members.texts("Values")?);
        match key {
            "name" | "description" | "tag-key" | "tag-value" | "all" => Ok(Self { key, values }),
            other => Err(AwsError::client(
                "InvalidParameterException",
                format!("The simulator cannot filter secrets by '{other}'"),
            )),
        }
    }

    fn lets_pass(&self, secret: &Secret) -> bool {
        let texts = self.texts(secret);
        let begins = |prefix: &str| texts.iter().any(|text| text.starts_with(prefix));
        self.values.iter().any(|value| match value.strip_prefix('!') {
            Some(unwanted) => !begins(unwanted),
            None => begins(value),
        })
    }

    fn texts(&self, secret: &'a Secret) -> Vec<&'a str> {
        let tags =
            |member: &'static str| secret.tags.iter().filter_map(move |tag| tag.get(member).and_then(Value::as_str));
        let description = secret.description.as_deref();
        match self.key {
            "name" => vec![&secret.name],
            "description" => description.into_iter().collect(),
            "tag-key" => tags("Key").collect(),
            "tag-value" => tags("Value").collect(),
            _ => {
                [secret.name.as_str()].into_iter().chain(description).chain(tags("Key")).chain(tags("Value")).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn secrets_are_listed_by_the_beginning_of_their_names() {
        let mut secrets = Secrets::new("111111111111", "us-west-2");
        for name in ["shop/a", "shop/b", "other"] {
            secrets.call("CreateSecret", &json!({"Name": name}), Timestamp::UNIX_EPOCH).unwrap();
        }
        let input = json!({"Filters": [{"Key": "name", "Values": ["shop/"]}], "SortBy": "name", "SortOrder": "asc"});
        let answer = secrets.call("ListSecrets", &input, Timestamp::UNIX_EPOCH).unwrap();
        let names: Vec<_> = answer["SecretList"].as_array().unwrap().iter().map(|secret| &secret["Name"]).collect();
        assert_eq!(names, ["shop/a", "shop/b"]);
    }

    #[test]
    fn a_missing_label_is_named() {
        let mut secrets = Secrets::new("111111111111", "us-west-2");
        secrets.call("CreateSecret", &json!({"Name": "empty"}), Timestamp::UNIX_EPOCH).unwrap();
        let error = secrets.call("GetSecretValue", &json!({"SecretId": "empty"}), Timestamp::UNIX_EPOCH).unwrap_err();
        assert_eq!(
            error.message,
            "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT"
        );
    }
}
