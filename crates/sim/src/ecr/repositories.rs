//! `CreateRepository`, `DescribeRepositories` and `DeleteRepository`.
//!
//! Tags of repositories are taken and forgotten.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{error::invalid, mutability, registry::Ecr, repository::Repository};
use crate::{
    api::{Members, Page, epoch_seconds, page_size},
    fault::AwsError,
};

const CREATE: &[&str] = &[
    "registryId",
    "repositoryName",
    "tags",
    "imageTagMutability",
    "imageTagMutabilityExclusionFilters",
    "imageScanningConfiguration",
    "encryptionConfiguration",
];

pub(super) fn create(ecr: &mut Ecr, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
    let members = Members::of(input, CREATE)?;
    let name = members.required_text("repositoryName")?;
    check_name(name)?;
    if ecr.repositories.contains_key(name) {
        return Err(AwsError::client(
            "RepositoryAlreadyExistsException",
            format!("The repository with name '{name}' already exists in the registry with id '{}'", ecr.account),
        ));
    }
    let repository = read_repository(&members, name, now)?;
    let answer = json!({"repository": shown(ecr, &repository)});
    ecr.repositories.insert(name.to_owned(), repository);
    Ok(answer)
}

fn read_repository(members: &Members<'_>, name: &str, now: Timestamp) -> Result<Repository, AwsError> {
    let scanning = members.object("imageScanningConfiguration", &["scanOnPush"])?;
    let (mutability, exclusions) = mutability::read(members)?;
    Ok(Repository {
        name: name.to_owned(),
        created_at: now,
        mutability,
        exclusions,
        scan_on_push: scanning.map_or(Ok(None), |scanning| scanning.flag("scanOnPush"))?.unwrap_or(false),
        encryption: read_encryption(members)?,
        images: BTreeMap::new(),
        tags: BTreeMap::new(),
        layers: BTreeMap::new(),
        policy: None,
        lifecycle: None,
        preview: None,
        scans: BTreeMap::new(),
    })
}

fn read_encryption(members: &Members<'_>) -> Result<Value, AwsError> {
    let Some(encryption) = members.object("encryptionConfiguration", &["encryptionType", "kmsKey"])? else {
        return Ok(json!({"encryptionType": "AES256"}));
    };
    let mut answer = json!({"encryptionType": encryption.required_text("encryptionType")?});
    if let Some(key) = encryption.text("kmsKey")? {
        answer["kmsKey"] = key.into();
    }
    Ok(answer)
}

pub(super) fn describe(ecr: &Ecr, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(input, &["registryId", "repositoryNames", "nextToken", "maxResults"])?;
    let names = members.texts("repositoryNames")?;
    let asked = if names.is_empty() {
        ecr.repositories.values().collect()
    } else {
        names.iter().map(|name| ecr.repository(name)).collect::<Result<Vec<_>, _>>()?
    };
    let size = page_size(members.whole("maxResults")?, 100, 1000)?;
    let page = Page::cut(asked, members.text("nextToken")?, size)?;
    let shown: Vec<_> = page.items.iter().map(|repository| shown(ecr, repository)).collect();
    let mut answer = json!({"repositories": shown});
    if let Some(next) = page.next {
        answer["nextToken"] = next.into();
    }
    Ok(answer)
}

pub(super) fn delete(ecr: &mut Ecr, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(input, &["registryId", "repositoryName", "force"])?;
    let name = members.required_text("repositoryName")?;
    let is_forced = members.flag("force")?.unwrap_or(false);
    let repository = ecr.repository(name)?;
    if !is_forced && !repository.images.is_empty() {
        return Err(AwsError::client(
            "RepositoryNotEmptyException",
            format!(
                "The repository with name '{name}' in registry with id '{}' cannot be deleted because it still contains images",
                ecr.account
            ),
        ));
    }
    let answer = json!({"repository": shown(ecr, repository)});
    ecr.repositories.remove(name);
    Ok(answer)
}

fn shown(ecr: &Ecr, repository: &Repository) -> Value {
    let Ecr { account, region, .. } = ecr;
    let name = &repository.name;
    let mut answer = json!({
        "repositoryArn": arn(ecr, name),
        "registryId": account,
        "repositoryName": name,
        "repositoryUri": format!("{}/{name}", host(account, region)),
        "createdAt": epoch_seconds(repository.created_at),
        "imageScanningConfiguration": {"scanOnPush": repository.scan_on_push},
        "encryptionConfiguration": repository.encryption,
    });
    for (member, value) in mutability::shown(repository) {
        answer[member] = value;
    }
    answer
}

/// The ARN of the repository `name`.
pub(super) fn arn(ecr: &Ecr, name: &str) -> String {
    let Ecr { account, region, .. } = ecr;
    format!("arn:{}:ecr:{region}:{account}:repository/{name}", partition(region))
}

/// The registry's host name.
pub(super) fn host(account: &str, region: &str) -> String {
    let suffix = if region.starts_with("cn-") { ".cn" } else { "" };
    format!("{account}.dkr.ecr.{region}.amazonaws.com{suffix}")
}

fn partition(region: &str) -> &'static str {
    match region {
        china if china.starts_with("cn-") => "aws-cn",
        government if government.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

fn check_name(name: &str) -> Result<(), AwsError> {
    let is_part = |part: &str| {
        let bytes = part.as_bytes();
        let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        is_word(bytes.first())
            && is_word(bytes.last())
            && bytes.iter().all(|byte| is_word(Some(byte)) || b"._-".contains(byte))
    };
    if (2..=256).contains(&name.len()) && name.split('/').all(is_part) {
        return Ok(());
    }
    Err(invalid(
        "repositoryName",
        "must satisfy regular expression '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*'",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ecr() -> Ecr {
        Ecr::new("111111111111", "us-west-2")
    }

    fn call(ecr: &mut Ecr, operation: &str, input: &Value) -> Result<Value, AwsError> {
        ecr.call(operation, input, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_repository_is_created_once() {
        let mut ecr = ecr();
        let created = call(&mut ecr, "CreateRepository", &json!({"repositoryName": "shop/api"})).unwrap();
        assert_eq!(created["repository"]["repositoryUri"], "111111111111.dkr.ecr.us-west-2.amazonaws.com/shop/api");
        let again = call(&mut ecr, "CreateRepository", &json!({"repositoryName": "shop/api"})).unwrap_err();
        assert_eq!(again.code, "RepositoryAlreadyExistsException");
    }

    #[test]
    fn a_missing_repository_is_named() {
        let error = call(&mut ecr(), "DescribeRepositories", &json!({"repositoryNames": ["nowhere"]})).unwrap_err();
        assert_eq!(
            error.message,
            "The repository with name 'nowhere' does not exist in the registry with id '111111111111'"
        );
    }

    #[test]
    fn names_are_checked() {
        for name in ["a", "Shop", "shop//api", "-shop", "shop-"] {
            let error = call(&mut ecr(), "CreateRepository", &json!({"repositoryName": name})).unwrap_err();
            assert_eq!(error.code, "InvalidParameterException", "{name}");
        }
    }
}
