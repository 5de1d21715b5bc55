//! Where a service is looked at in AWS's console, for who must see for themselves.
//!
//! The addresses are those that the console had in 2026; AWS documents none of them.

use towpath_core::{
    identifier::TaskDefinitionArn,
    promotion::{Component, Outcome},
    rollout::ServiceKey,
};

/// The address, where anything of the component was judged bad or could not be told.
pub(super) fn address(component: &Component, outcome: Outcome) -> Option<String> {
    let revision = component.plan.before.as_ref().map(|before| &before.task_definition)?;
    match outcome {
        Outcome::RolledBack | Outcome::Stuck | Outcome::Inconclusive | Outcome::Superseded | Outcome::Unverified => {
            of(&component.plan.service, revision)
        }
        Outcome::Succeeded
        | Outcome::Unchanged
        | Outcome::Refused
        | Outcome::Ignored
        | Outcome::Held
        | Outcome::Errored
        | Outcome::Unauthorized
        | Outcome::Interrupted
        | Outcome::Adopted => None,
    }
}

/// A service's page in the region, and the partition, of one of its revisions.
fn of(service: &ServiceKey, revision: &TaskDefinitionArn) -> Option<String> {
    let mut parts = revision.as_str().split(':').skip(1);
    let (partition, region) = (parts.next()?, parts.nth(1)?);
    let domain = match partition {
        "aws" => "console.aws.amazon.com",
        "aws-cn" => "console.amazonaws.cn",
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        _ => return None,
    };
    let ServiceKey { cluster, service } = service;
    Some(format!("https://{region}.{domain}/ecs/v2/clusters/{cluster}/services/{service}/deployments?region={region}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_partition_has_a_console_of_its_own() {
        let check = |partition: &str, region: &str, expected: Option<&str>| {
            let service = ServiceKey { cluster: "shop-dev".parse().unwrap(), service: "api".parse().unwrap() };
            let revision = format!("arn:{partition}:ecs:{region}:111111111111:task-definition/api:1");
            assert_eq!(of(&service, &revision.parse().unwrap()).as_deref(), expected);
        };
        check(
            "aws",
            "us-west-2",
            Some(
                "https://us-west-2.console.aws.amazon.com/ecs/v2/clusters/shop-dev/services/api/deployments?region=us-west-2",
            ),
        );
        check(
            "aws-cn",
            "cn-north-1",
            Some(
                "https://cn-north-1.console.amazonaws.cn/ecs/v2/clusters/shop-dev/services/api/deployments?region=cn-north-1",
            ),
        );
        check("aws-iso", "us-iso-east-1", None);
    }
}
