//! Amazon's names: accounts, regions, and the things of ECS.
//!
//! Ids that AWS makes are opaque: their form is checked only as far as ours depends on it.

use super::macros::identifier;

identifier! {
    /// An AWS account.
    AccountId, "an account id", "use the 12 digits, in quotes", |text| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
identifier! {
    /// An AWS region, for example `us-west-2`.
    Region, "a region", "use a region's code, for example us-west-2", is_region
}
identifier! {
    /// An IAM role.
    RoleArn, "a role", "use `arn:aws:iam::ACCOUNT:role/NAME`", is_role
}
identifier! {
    /// An ECS cluster's name.
    ClusterName, "a cluster name", "use 1 to 255 letters, digits, hyphens and underscores; not an ARN", is_ecs_name
}
identifier! {
    /// An ECS service's name.
    ServiceName, "a service name", "use 1 to 255 letters, digits, hyphens and underscores; not an ARN", is_ecs_name
}
identifier! {
    /// A task definition family.
    FamilyName, "a task definition family", "use 1 to 255 letters, digits, hyphens and underscores", is_ecs_name
}
identifier! {
    /// A container in a task definition.
    ContainerName, "a container name", "use 1 to 255 letters, digits, hyphens and underscores", is_ecs_name
}
identifier! {
    /// One revision of a task definition, `arn:…:task-definition/FAMILY:REVISION`.
    TaskDefinitionArn, "a task definition", "use the whole ARN with its revision, `arn:aws:ecs:REGION:ACCOUNT:task-definition/FAMILY:REVISION`", is_task_definition
}
identifier! {
    /// A deployment in the classic model, `ecs-svc/…`; opaque, never a number.
    DeploymentId, "a deployment id", "it has the form `ecs-svc/DIGITS`", |text| text.strip_prefix("ecs-svc/").is_some_and(is_ecs_name)
}
identifier! {
    /// A service deployment.
    ServiceDeploymentArn, "a service deployment", "it has the form `arn:…:service-deployment/CLUSTER/SERVICE/ID`", |text| is_ecs_arn(text, "service-deployment/")
}
identifier! {
    /// A service revision.
    ServiceRevisionArn, "a service revision", "it has the form `arn:…:service-revision/CLUSTER/SERVICE/ID`", |text| is_ecs_arn(text, "service-revision/")
}
identifier! {
    /// A task.
    TaskArn, "a task", "it has the form `arn:…:task/CLUSTER/ID`", |text| is_ecs_arn(text, "task/")
}
identifier! {
    /// A target group of a load balancer.
    TargetGroupArn, "a target group", "it has the form `arn:…:targetgroup/NAME/ID`", |text| is_arn(text, "elasticloadbalancing").is_some_and(|rest| rest.starts_with("targetgroup/"))
}
identifier! {
    /// The name of a `CloudWatch` alarm.
    AlarmName, "an alarm's name", "use 1 to 255 characters without control characters", |text| (1..=255).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}
identifier! {
    /// A lifecycle hook of a service deployment; opaque.
    HookId, "a hook's id", "use 1 to 2048 characters without spaces and control characters", |text| (1..=2048).contains(&text.len()) && !text.chars().any(|character| character.is_whitespace() || character.is_control())
}
identifier! {
    /// A secret as a task definition names it: the ARN in `valueFrom`.
    SecretReference, "a secret's ARN", "use `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME`", is_secret
}

impl TaskDefinitionArn {
    /// `FAMILY:REVISION`, for people.
    pub fn short(&self) -> &str {
        self.as_str().rsplit_once('/').map_or(self.as_str(), |(_, short)| short)
    }

    /// The family.
    pub fn family(&self) -> &str {
        self.short().rsplit_once(':').map_or(self.short(), |(family, _)| family)
    }
}

impl DeploymentId {
    /// The part that the service revision's ARN ends with (seen in practice, not documented by AWS).
    pub fn digits(&self) -> &str {
        self.as_str().rsplit_once('/').map_or(self.as_str(), |(_, digits)| digits)
    }
}

impl ServiceRevisionArn {
    /// Whether this is the revision of that deployment of the classic model: both end with the same digits.
    pub fn is_of(&self, deployment: &DeploymentId) -> bool {
        self.as_str().rsplit_once('/').is_some_and(|(_, digits)| digits == deployment.digits())
    }
}

impl RoleArn {
    /// The account that the role is in.
    pub fn account(&self) -> &str {
        self.as_str().split(':').nth(4).unwrap_or_default()
    }

    /// The role's name without its path.
    pub fn name(&self) -> &str {
        self.as_str().rsplit_once('/').map_or("", |(_, name)| name)
    }
}

impl TaskArn {
    /// The task's id, for people.
    pub fn short(&self) -> &str {
        self.as_str().rsplit_once('/').map_or(self.as_str(), |(_, id)| id)
    }
}

fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() >= 3
        && text.len() <= 32
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
        && parts.last().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_ecs_name(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn is_arn(text: &str, service: &str) -> Option<String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, partition, of, _, account, rest] = parts.as_slice() else {
        return None;
    };
    let fits =
        *arn == "arn" && partition.starts_with("aws") && *of == service && account.parse::<super::AccountId>().is_ok();
    let plain = !text.chars().any(|character| character.is_whitespace() || character.is_control());
    (fits && plain && text.len() <= 2048).then(|| (*rest).to_owned())
}

fn is_ecs_arn(text: &str, kind: &str) -> bool {
    is_arn(text, "ecs").is_some_and(|rest| rest.strip_prefix(kind).is_some_and(|id| !id.is_empty()))
}

fn is_task_definition(text: &str) -> bool {
    let short = is_arn(text, "ecs").and_then(|rest| rest.strip_prefix("task-definition/").map(str::to_owned));
    short.is_some_and(|short| match short.rsplit_once(':') {
        Some((family, revision)) => is_ecs_name(family) && revision.parse::<u32>().is_ok_and(|revision| revision > 0),
        None => false,
    })
}

fn is_role(text: &str) -> bool {
    is_arn(text, "iam")
        .is_some_and(|rest| rest.strip_prefix("role/").is_some_and(|name| !name.is_empty() && !name.ends_with('/')))
}

fn is_secret(text: &str) -> bool {
    is_arn(text, "secretsmanager").is_some_and(|rest| rest.strip_prefix("secret:").is_some_and(|name| !name.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_definition_needs_its_revision() {
        let arn: TaskDefinitionArn = "arn:aws:ecs:us-west-2:111111111111:task-definition/shop-api:12".parse().unwrap();
        assert_eq!((arn.short(), arn.family()), ("shop-api:12", "shop-api"));
        for bad in [
            "shop-api:12",
            "arn:aws:ecs:us-west-2:111111111111:task-definition/shop-api",
            "arn:aws:ecs:us-west-2:1:task-definition/a:0",
        ] {
            assert!(bad.parse::<TaskDefinitionArn>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_revision_belongs_to_its_deployment_even_with_a_leading_zero() {
        let deployment: DeploymentId = "ecs-svc/0192876543210987654".parse().unwrap();
        let revision: ServiceRevisionArn =
            "arn:aws:ecs:us-west-2:111111111111:service-revision/c/s/0192876543210987654".parse().unwrap();
        assert!(revision.is_of(&deployment));
    }

    #[test]
    fn accounts_are_twelve_digits() {
        assert!("111111111111".parse::<AccountId>().is_ok());
        for bad in ["1111", "11111111111a", ""] {
            assert!(bad.parse::<AccountId>().is_err());
        }
    }

    #[test]
    fn regions_have_their_form() {
        for good in ["us-west-2", "cn-north-1", "us-gov-west-1", "eu-isoe-west-1"] {
            assert!(good.parse::<Region>().is_ok(), "{good}");
        }
        for bad in ["us", "us-west", "US-west-2", "us-west-2/x", ""] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
    }
}
