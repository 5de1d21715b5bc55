//! Words of AWS and of container runtimes, and the cause that each of them tells of.
//!
//! The first rule that fits decides, so narrow ones stand before wide ones. Most texts are documented or were seen in
//! the wild; AWS may change any of them, and what fits no rule is left to [`CauseKind::Unknown`].

use super::{CauseKind, text::searchable};

use CauseKind as Kind;

/// A text tells of the kind where it has at least one of the words of every list. A list is words in small letters,
/// between bars.
struct Rule(CauseKind, &'static [&'static str]);

const PULL: &str = "cannotpull|pull image|pulling image|ref pull|registry auth from amazon ecr|retrieve ecr registry auth|\
    failed to resolve ref|failed to pull|failed to normalize image reference";
const START: &str = "cannotstart|cannotcreatecontainer|oci runtime|starting container process|\
    start container process|exec user process";
const DENIED: &str = "accessdenied|access denied|not authorized|unauthorizedoperation|403 forbidden|denied:|is denied|\
    access to kms is not allowed|authorization failed";
const UNREACHABLE: &str = "connection issue|i/o timeout|context deadline exceeded|context cancel|request canceled|dial tcp|\
    no such host|connection refused|connection reset|tls handshake timeout|awaiting response headers|send request failed|\
    request send failed|client.timeout|no route to host|network is unreachable|signal: killed|connection timed out";
const SECRETS: &str = "secret from asm|secrets from asm|secrets manager|secretsmanager|getsecretvalue";
const PARAMETERS: &str = "from ssm|ssm:getparameter|parameter store|ssm parameter|operation error ssm";
const LOGGING: &str =
    "logger args|cloudwatch log|logging driver|log driver|log group|awslogs|firelens|logs:createlog|logs:putlog";
const ENVIRONMENT_FILE: &str = "environment file|environmentfile|env file|envfile";
const VOLUME: &str = "cannotcreatevolume|efs utils|efs volume|efs file system|mount.nfs|mounting|mount a directory|\
    ebs volume|fsx for|fsx file|volume driver|docker volume|volume attachment";
const REGISTRY_SECRET: &str = "registry auth from asm|repositorycredentials";

/// What no context changes.
const PLAIN: &[Rule] = &[
    Rule(
        Kind::WrongArchitecture,
        &["exec format error|no match for platform|descriptor matching platform|descriptor for platform|\
           no matching manifest for|does not match the specified platform|no processor for media-type"],
    ),
    Rule(Kind::DiskFull, &["no space left on device"]),
    Rule(Kind::RegistryLimit, &["toomanyrequests|429 too many requests|pull rate limit"]),
    Rule(Kind::ThrottledByAws, &["throttlingexception|rate exceeded|being throttled|requestlimitexceeded"]),
    Rule(Kind::RoleCannotBePassed, &["iam:passrole"]),
    Rule(
        Kind::RoleCannotBeAssumed,
        &["unable to assume|could not assume|cannot assume|can't assume|sts:assumerole|cannot be assumed|\
           could not be assumed|nocredentialproviders|role is not valid"],
    ),
    Rule(
        Kind::IamMisconfigured,
        &["iam permissions policies have been misconfigured|service linked role|service-linked role|ecs service role"],
    ),
    Rule(Kind::NoRollbackCandidate, &["no rollback candidate"]),
    Rule(Kind::DeploymentHookFailed, &["lifecycle hook"]),
    Rule(Kind::DependencyFailed, &["dependency graph|dependent container"]),
    Rule(Kind::OutOfMemory, &["outofmemory|due to memory usage"]),
];

/// What a task needs before it starts. Logging stands first: its words for a service that is not reached speak of a
/// missing log group too.
const BEFORE_THE_START: &[Rule] = &[
    Rule(Kind::Network, &[LOGGING, UNREACHABLE]),
    Rule(Kind::LogDenied, &[LOGGING, DENIED]),
    Rule(
        Kind::LogGroupMissing,
        &[LOGGING, "does not exist|resourcenotfound|cannot find the amazon cloudwatch log group"],
    ),
    Rule(Kind::LogDriver, &[LOGGING]),
    Rule(Kind::Network, &[ENVIRONMENT_FILE, UNREACHABLE]),
    Rule(Kind::EnvironmentFile, &[ENVIRONMENT_FILE]),
    Rule(Kind::Network, &[REGISTRY_SECRET, UNREACHABLE]),
    Rule(Kind::RegistryAuth, &[REGISTRY_SECRET]),
    Rule(Kind::Network, &[SECRETS, UNREACHABLE]),
    Rule(Kind::Network, &[PARAMETERS, UNREACHABLE]),
    Rule(Kind::SecretDenied, &["kms:decrypt|access to kms"]),
    Rule(Kind::SecretDenied, &[SECRETS, DENIED]),
    Rule(Kind::SecretDenied, &[PARAMETERS, DENIED]),
    Rule(Kind::ParameterMissing, &["invalid ssm parameter|parameternotfound"]),
    Rule(Kind::ParameterMissing, &[PARAMETERS, "invalid parameter|not found"]),
    Rule(Kind::SecretMissing, &["json key|can't find the specified secret|marked for deletion|marked deleted"]),
    Rule(Kind::SecretMissing, &[SECRETS, "resourcenotfound|not found|can't find|invalid character"]),
    Rule(
        Kind::DigestUnresolved,
        &["digest", "digest resolution|resolve image digest|unable to resolve|could not be resolved"],
    ),
    Rule(Kind::ImagePullNetwork, &[PULL, UNREACHABLE]),
    Rule(
        Kind::RegistryAuth,
        &[
            PULL,
            "401 unauthorized|no basic auth credentials|failed to authorize|anonymous token|\
             incorrect username or password|authentication required|unauthorized:",
        ],
    ),
    Rule(Kind::ImagePullDenied, &[PULL, DENIED]),
    Rule(
        Kind::ImageNotFound,
        &[
            PULL,
            "not found|manifest unknown|does not exist|name unknown|invalid reference format|no such image|\
             repositorynotfound|imagenotfound|failed to normalize image reference",
        ],
    ),
    Rule(Kind::ImageNotFound, &["no such image|manifest unknown"]),
    Rule(Kind::ImagePullNetwork, &["registry auth", UNREACHABLE]),
    Rule(Kind::ImagePullDenied, &["ecr:getauthorizationtoken|ecr:batchgetimage|ecr:getdownloadurlforlayer", DENIED]),
    Rule(Kind::ImagePullFailed, &[PULL]),
    Rule(Kind::Volume, &[VOLUME]),
    Rule(Kind::ContainerRuntime, &["error gathering device information"]),
    Rule(Kind::CommandNotFound, &["executable file not found"]),
    Rule(Kind::CommandNotFound, &[START, "no such file or directory|permission denied|not a directory|is a directory"]),
    Rule(Kind::Capacity, &["port is already allocated|address already in use"]),
    Rule(Kind::AccessDenied, &[DENIED]),
];

/// What load balancers, containers and alarms say of tasks that run.
const HEALTH: &[Rule] = &[
    Rule(Kind::ContainerHealthCheck, &["failed container health checks"]),
    Rule(Kind::TargetGroupMissing, &["target group is not found|targetgroupnotfound"]),
    Rule(
        Kind::TargetUnused,
        &["does not have an associated load balancer|target group is not configured to receive|\
           not enabled for the load balancer|target.notinuse|target.ipunusable"],
    ),
    Rule(Kind::HealthCheckStatus, &["with these codes|target.responsecodemismatch"]),
    Rule(Kind::HealthCheckTimeout, &["request timed out|target.timeout"]),
    Rule(Kind::WrongPort, &["health checks failed|target.failedhealthchecks"]),
    Rule(Kind::HealthCheckFailed, &["failed elb health checks|is unhealthy in"]),
    Rule(Kind::Alarm, &["alarm", "detected|deployment failed|rolled back|rolling back|threshold"]),
];

/// Where a task could go, and whether it could.
const PLACEMENT: &[Rule] = &[
    Rule(
        Kind::PlacementConstraint,
        &["placement constraint|missing an attribute|taskfailedtostart: attribute|reason: attribute"],
    ),
    Rule(
        Kind::Quota,
        &["reached the limit|above your limit|provisioning capacity limit|quota|limitexceeded|limit exceeded"],
    ),
    Rule(Kind::PercentDeadlock, &["because of the service deployment configuration"]),
    Rule(Kind::ProtectedTasks, &["under protection|scale-in protection"]),
    Rule(
        Kind::Capacity,
        &["no container instance|capacity is unavailable|no active instances|empty capacity provider|resource:|\
           insufficient cpu|insufficient memory|enough cpu|enough memory|already using a port|\"agent\"|\
           taskfailedtostart: agent|no capacity provider|unfulfillablecapacity|unable to launch instance"],
    ),
    Rule(
        Kind::Network,
        &[
            "network interface|provision eni|configure eni|eniinformationerror|networknamespaceerror|networkconfiguration|\
           network configuration|networking configuration|subnet|security group|not in the target group vpc",
        ],
    ),
    Rule(Kind::Network, &["resourceinitialization|unable to pull secrets or registry auth", UNREACHABLE]),
];

/// The rest, and last what says little.
const REST: &[Rule] = &[
    Rule(
        Kind::SpotOrInfrastructure,
        &["spotinterruption|spot task|spot instance|host ec2|underlying infrastructure|maintenance|internal error|\
           internalerror|internal failure|terminationnotice|scheduled for retirement|unhealthy infrastructure|\
           ephemeralstorage provisioning"],
    ),
    Rule(
        Kind::ServiceMissing,
        &["clusternotfound|servicenotfound|servicenotactive|cluster not found|service not found"],
    ),
    Rule(
        Kind::TaskDefinitionMissing,
        &["unable to describe task definition|task definition is inactive|taskdefinition is inactive|\
           task definition does not exist"],
    ),
    Rule(
        Kind::TaskDefinitionInvalid,
        &["no fargate configuration exists|invalid setting for container|container definition"],
    ),
    Rule(
        Kind::ContainerRuntime,
        &["cannotcreatecontainer|cannotstartcontainer|cannotstopcontainer|cannotinspectcontainer|containerruntime|\
           dockertimeout|dockerstateerror|timed out after waiting|oci runtime"],
    ),
    Rule(
        Kind::NoSteadyState,
        &["did not stabilize|did not stabilise|unable to consistently start tasks|circuit breaker|failed to start|\
           max attempts exceeded|exceeded max attempts|unable to reach steady state|due to an unhealthy status"],
    ),
];

/// The cause that a text tells of, if it has words that are known.
///
/// It knows texts of a rollout and of what comes before it, for example errors of AWS's command line.
///
/// ```
/// use towpath_core::rollout::{CauseKind, recognise};
///
/// let event = "(service shop) was unable to place a task. Reason: Capacity is unavailable at this time.";
/// assert_eq!(recognise(event), Some(CauseKind::Capacity));
/// assert_eq!(recognise("(service shop) has reached a steady state."), None);
/// ```
pub fn recognise(text: &str) -> Option<CauseKind> {
    let text = searchable(without_service(text));
    let has_one = |words: &&str| words.split('|').any(|word| text.contains(word.trim()));
    let mut rules = [PLAIN, BEFORE_THE_START, HEALTH, PLACEMENT, REST].into_iter().flatten();
    rules.find(|Rule(_, lists)| lists.iter().all(has_one)).map(|Rule(kind, _)| *kind)
}

/// Events begin with the service, whose name could be any word.
fn without_service(text: &str) -> &str {
    text.strip_prefix("(service ").and_then(|rest| rest.split_once(')')).map_or(text, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_as_texts_are_searched() {
        for Rule(kind, lists) in [PLAIN, BEFORE_THE_START, HEALTH, PLACEMENT, REST].into_iter().flatten() {
            for word in lists.iter().flat_map(|words| words.split('|')) {
                assert_eq!(word, searchable(word), "{kind}");
                assert!(word.len() > 3, "{kind}: `{word}` would be found anywhere");
            }
        }
    }
}
