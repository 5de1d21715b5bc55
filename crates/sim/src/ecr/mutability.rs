//! `PutImageTagMutability`: whether tags may move, and which of them the rule does not hold for.
//!
//! What the settings mean for a push is said in `repository`.

use serde_json::{Value, json};

use super::{
    error::invalid,
    registry::Ecr,
    repository::{Mutability, Repository},
};
use crate::{api::Members, fault::AwsError};

/// The most filters of a repository.
const MOST: usize = 5;

/// The mutability and the filters of an input.
pub(super) fn read(members: &Members<'_>) -> Result<(Mutability, Vec<String>), AwsError> {
    let mutability = read_mutability(members.text("imageTagMutability")?)?;
    let filters = read_filters(members)?;
    let takes_filters = matches!(mutability, Mutability::ImmutableWithExclusion | Mutability::MutableWithExclusion);
    if takes_filters == filters.is_empty() {
        let constraint = "must be given with IMMUTABLE_WITH_EXCLUSION and MUTABLE_WITH_EXCLUSION, and only then";
        return Err(invalid("imageTagMutabilityExclusionFilters", constraint));
    }
    Ok((mutability, filters))
}

fn read_mutability(text: Option<&str>) -> Result<Mutability, AwsError> {
    match text {
        None | Some("MUTABLE") => Ok(Mutability::Mutable),
        Some("IMMUTABLE") => Ok(Mutability::Immutable),
        Some("IMMUTABLE_WITH_EXCLUSION") => Ok(Mutability::ImmutableWithExclusion),
        Some("MUTABLE_WITH_EXCLUSION") => Ok(Mutability::MutableWithExclusion),
        Some(_) => Err(invalid(
            "imageTagMutability",
            "must be MUTABLE, IMMUTABLE, IMMUTABLE_WITH_EXCLUSION or MUTABLE_WITH_EXCLUSION",
        )),
    }
}

fn read_filters(members: &Members<'_>) -> Result<Vec<String>, AwsError> {
    let filters = members.list("imageTagMutabilityExclusionFilters")?;
    if filters.len() > MOST {
        return Err(invalid("imageTagMutabilityExclusionFilters", "must have at most 5 items"));
    }
    let filters = filters.iter().map(|filter| {
        let filter = Members::of(filter, &["filterType", "filter"])?;
        match filter.required_text("filterType")? {
            "WILDCARD" => read_filter(filter.required_text("filter")?),
            _ => Err(invalid("filterType", "must be WILDCARD")),
        }
    });
    filters.collect()
}

fn read_filter(filter: &str) -> Result<String, AwsError> {
    let is_written_right = |byte: u8| byte.is_ascii_alphanumeric() || b"._*-".contains(&byte);
    if filter.len() <= 128 && filter.bytes().all(is_written_right) && filter.matches('*').count() <= 2 {
        return Ok(filter.to_owned());
    }
    Err(invalid("filter", "must satisfy regular expression '^[0-9a-zA-Z._*-]{1,128}' and have at most 2 wildcards"))
}

/// The members of an answer.
pub(super) fn shown(repository: &Repository) -> Vec<(&'static str, Value)> {
    let mut shown = vec![("imageTagMutability", json!(repository.mutability))];
    if !repository.exclusions.is_empty() {
        let filter = |filter: &String| json!({"filterType": "WILDCARD", "filter": filter});
        let filters: Vec<_> = repository.exclusions.iter().map(filter).collect();
        shown.push(("imageTagMutabilityExclusionFilters", filters.into()));
    }
    shown
}

pub(super) fn put(ecr: &mut Ecr, input: &Value) -> Result<Value, AwsError> {
    const MEMBERS: &[&str] =
        &["registryId", "repositoryName", "imageTagMutability", "imageTagMutabilityExclusionFilters"];
    let members = Members::of(input, MEMBERS)?;
    members.required_text("imageTagMutability")?;
    let (name, (mutability, exclusions)) = (members.required_text("repositoryName")?, read(&members)?);
    let account = ecr.account.clone();
    let repository = ecr.repository_mut(name)?;
    (repository.mutability, repository.exclusions) = (mutability, exclusions);
    let mut answer = json!({"registryId": account, "repositoryName": name});
    for (member, value) in shown(repository) {
        answer[member] = value;
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn check(mutability: &str, filters: &[&str], expected: Option<&str>) {
        let mut ecr = Ecr::new("111111111111", "us-west-2");
        let create = json!({"repositoryName": "shop"});
        ecr.call("CreateRepository", &create, Timestamp::UNIX_EPOCH).unwrap();
        let filters: Vec<_> =
            filters.iter().map(|filter| json!({"filterType": "WILDCARD", "filter": filter})).collect();
        let input = json!({"repositoryName": "shop", "imageTagMutability": mutability,
            "imageTagMutabilityExclusionFilters": filters});
        let put = ecr.call("PutImageTagMutability", &input, Timestamp::UNIX_EPOCH);
        match (put, expected) {
            (Ok(answer), None) => assert_eq!(answer["imageTagMutability"], mutability),
            (Err(error), Some(expected)) => assert!(error.message.contains(expected), "{}", error.message),
            (put, _) => panic!("{mutability} {filters:?}: {put:?}"),
        }
    }

    #[test]
    fn exclusions_come_with_a_rule_that_has_them() {
        check("IMMUTABLE", &[], None);
        check("IMMUTABLE_WITH_EXCLUSION", &["latest", "dev-*"], None);
        check("IMMUTABLE_WITH_EXCLUSION", &[], Some("must be given with"));
        check("MUTABLE", &["latest"], Some("must be given with"));
        check("MUTABLE_WITH_EXCLUSION", &["a*b*c*"], Some("at most 2 wildcards"));
        check("MUTABLE_WITH_EXCLUSION", &["a/b"], Some("regular expression"));
        check("MUTABLE_WITH_EXCLUSION", &["a"; 6], Some("at most 5"));
        check("FIXED", &[], Some("must be MUTABLE"));
    }
}
