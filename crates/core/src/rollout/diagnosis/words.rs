//! Words of AWS and of container runtimes, and the cause that each of them tells of.
//!
//! The first rule that fits decides, so narrow ones stand before wide ones. Most texts are documented or were seen in
//! the wild; AWS may change any of them, and what fits no rule is left to [`CauseKind::Unknown`].

use super::{CauseKind, text::searchable};

use CauseKind as Kind;

/// A text tells of `kind` where it has at least one word of every list. Words are in small letters.
struct Rule(CauseKind, &'static [&'static [&'static str]]);

const PULL: &[&str] = &[
    "cannotpull",
    "pull image",
    "pulling image",
    "ref pull",
    "registry auth from amazon ecr",
    "retrieve ecr registry auth",
    "failed to resolve ref",
    "failed to pull",
];
const START: &[&str] = &[
    "cannotstart",
    "cannotcreatecontainer",
    "oci runtime",
    "starting container process",
    "exec:",
    "exec user process",
];
const DENIED: &[&str] = &[
    "accessdenied",
    "access denied",
    "not authorized",
    "unauthorizedoperation",
    "403 forbidden",
    "denied:",
    "access to kms is not allowed",
    "is denied",
];
const UNREACHABLE: &[&str] = &[
    "connection issue",
    "i/o timeout",
    "context deadline exceeded",
    "request canceled",
    "dial tcp",
    "no such host",
    "connection refused",
    "connection reset",
    "tls handshake timeout",
    "awaiting response headers",
    "send request failed",
    "client.timeout",
    "no route to host",
    "network is unreachable",
    "signal: killed",
    "connection timed out",
];
const SECRETS: &[&str] =
    &["secret from asm", "secrets from asm", "secrets manager", "secretsmanager", "getsecretvalue"];
const PARAMETERS: &[&str] =
    &["from ssm", "ssm:getparameter", "parameter store", "ssm parameter", "operation error ssm"];
const LOGGING: &[&str] = &[
    "logger args",
    "cloudwatch log",
    "logging driver",
    "log driver",
    "log group",
    "awslogs",
    "firelens",
    "logs:create",
];
const ENVIRONMENT_FILE: &[&str] = &["environment file", "environmentfile", "env file", "envfile"];
const VOLUME: &[&str] = &[
    "cannotcreatevolume",
    "efs utils",
    "efs volume",
    "efs file system",
    "mount.nfs",
    "mounting",
    "mount a directory",
    "ebs volume",
    "fsx",
    "volume driver",
    "docker volume",
    "volume attachment",
];

const RULES: &[Rule] = &[
    // What no context changes.
    Rule(
        Kind::WrongArchitecture,
        &[&[
            "exec format error",
            "no match for platform",
            "descriptor matching platform",
            "descriptor for platform",
            "no matching manifest",
            "does not match the specified platform",
            "no processor for media-type",
            "cannot be used on this platform",
        ]],
    ),
    Rule(Kind::DiskFull, &[&["no space left on device"]]),
    Rule(Kind::RegistryLimit, &[&["toomanyrequests", "429 too many requests", "pull rate limit"]]),
    Rule(Kind::ThrottledByAws, &[&["throttlingexception", "rate exceeded", "being throttled", "requestlimitexceeded"]]),
    Rule(Kind::RoleCannotBePassed, &[&["iam:passrole"]]),
    Rule(
        Kind::RoleCannotBeAssumed,
        &[&[
            "unable to assume",
            "could not assume",
            "cannot assume",
            "can't assume",
            "sts:assumerole",
            "cannot be assumed",
            "could not be assumed",
            "nocredentialproviders",
            "role is not valid",
        ]],
    ),
    Rule(
        Kind::IamMisconfigured,
        &[&[
            "iam permissions policies have been misconfigured",
            "service linked role",
            "service-linked role",
            "ecs service role",
        ]],
    ),
    Rule(Kind::NoRollbackCandidate, &[&["no rollback candidate"]]),
    Rule(Kind::DeploymentHookFailed, &[&["lifecycle hook"]]),
    // Log configuration: before images, since its words for an unreachable service speak of a missing group too.
    Rule(Kind::Network, &[LOGGING, UNREACHABLE]),
    Rule(Kind::LogDenied, &[LOGGING, DENIED]),
    Rule(
        Kind::LogGroupMissing,
        &[LOGGING, &["does not exist", "resourcenotfound", "cannot find the amazon cloudwatch log group"]],
    ),
    Rule(Kind::LogDriver, &[LOGGING]),
    Rule(Kind::Network, &[ENVIRONMENT_FILE, UNREACHABLE]),
    Rule(Kind::EnvironmentFile, &[ENVIRONMENT_FILE]),
    // Secrets and parameters, those of a registry first.
    Rule(Kind::RegistryAuth, &[&["registry auth from asm", "retrieve registry auth", "repositorycredentials"], DENIED]),
    Rule(Kind::Network, &[SECRETS, UNREACHABLE]),
    Rule(Kind::Network, &[PARAMETERS, UNREACHABLE]),
    Rule(Kind::SecretDenied, &[&["kms:decrypt", "access to kms"]]),
    Rule(Kind::SecretDenied, &[SECRETS, DENIED]),
    Rule(Kind::SecretDenied, &[PARAMETERS, DENIED]),
    Rule(Kind::ParameterMissing, &[&["invalid ssm parameter", "parameternotfound"]]),
    Rule(
        Kind::SecretMissing,
        &[&[
            "json key",
            "can't find the specified secret",
            "can't find the specified secret value",
            "marked for deletion",
            "marked deleted",
        ]],
    ),
    Rule(Kind::SecretMissing, &[SECRETS, &["resourcenotfound", "not found", "can't find", "invalid character"]]),
    Rule(Kind::RegistryAuth, &[&["registry auth from asm"]]),
    // Images.
    Rule(
        Kind::DigestUnresolved,
        &[&["digest"], &["resolution", "unable to resolve", "could not be resolved", "couldn't be resolved"]],
    ),
    Rule(Kind::ImagePullNetwork, &[PULL, UNREACHABLE]),
    Rule(
        Kind::RegistryAuth,
        &[
            PULL,
            &[
                "401 unauthorized",
                "no basic auth credentials",
                "failed to authorize",
                "anonymous token",
                "incorrect username or password",
                "authentication required",
                "unauthorized:",
            ],
        ],
    ),
    Rule(Kind::ImagePullDenied, &[PULL, DENIED]),
    Rule(
        Kind::ImageNotFound,
        &[
            PULL,
            &[
                "not found",
                "manifest unknown",
                "does not exist",
                "name unknown",
                "invalid reference format",
                "no such image",
                "repositorynotfound",
                "imagenotfound",
            ],
        ],
    ),
    Rule(Kind::ImageNotFound, &[&["no such image", "manifest unknown"]]),
    Rule(Kind::ImagePullNetwork, &[&["registry auth"], UNREACHABLE]),
    Rule(
        Kind::ImagePullDenied,
        &[&["ecr:getauthorizationtoken", "ecr:batchgetimage", "ecr:getdownloadurlforlayer"], DENIED],
    ),
    Rule(Kind::ImagePullFailed, &[PULL]),
    // Volumes and commands.
    Rule(Kind::Volume, &[VOLUME]),
    Rule(Kind::CommandNotFound, &[&["executable file not found"]]),
    Rule(
        Kind::CommandNotFound,
        &[START, &["no such file or directory", "permission denied", "not a directory", "is a directory"]],
    ),
    Rule(Kind::Capacity, &[&["port is already allocated", "address already in use"]]),
    Rule(Kind::AccessDenied, &[DENIED]),
    Rule(Kind::OutOfMemory, &[&["outofmemory", "due to memory usage"]]),
    Rule(
        Kind::DependencyFailed,
        &[&[
            "dependency graph",
            "dependent container",
            "container dependency",
            "depends on container",
            "dependency was not",
        ]],
    ),
    // Health.
    Rule(Kind::ContainerHealthCheck, &[&["failed container health checks"]]),
    Rule(Kind::TargetGroupMissing, &[&["target group is not found", "targetgroupnotfound"]]),
    Rule(
        Kind::TargetUnused,
        &[&[
            "does not have an associated load balancer",
            "target group is not configured to receive",
            "not enabled for the load balancer",
            "target.notinuse",
            "target.ipunusable",
        ]],
    ),
    Rule(Kind::HealthCheckStatus, &[&["with these codes", "target.responsecodemismatch"]]),
    Rule(Kind::HealthCheckTimeout, &[&["request timed out", "target.timeout"]]),
    Rule(Kind::WrongPort, &[&["health checks failed", "target.failedhealthchecks"]]),
    Rule(Kind::HealthCheckFailed, &[&["failed elb health checks", "is unhealthy in"]]),
    Rule(Kind::Alarm, &[&["alarm"], &["detected", "deployment failed", "rolled back", "rolling back", "threshold"]]),
    // Placement.
    Rule(
        Kind::PlacementConstraint,
        &[&["placement constraint", "missing an attribute", "taskfailedtostart: attribute"]],
    ),
    Rule(
        Kind::Quota,
        &[&["reached the limit", "above your limit", "provisioning capacity limit", "quota", "limitexceeded"]],
    ),
    Rule(Kind::PercentDeadlock, &[&["because of the service deployment configuration"]]),
    Rule(Kind::ProtectedTasks, &[&["under protection", "scale-in protection"]]),
    Rule(
        Kind::Capacity,
        &[&[
            "no container instance",
            "capacity is unavailable",
            "no active instances",
            "empty capacity provider",
            "resource:",
            "insufficient cpu",
            "insufficient memory",
            "enough cpu",
            "enough memory",
            "already using a port",
            "\"agent\"",
            "taskfailedtostart: agent",
            "no capacity provider",
        ]],
    ),
    Rule(
        Kind::Network,
        &[&[
            "network interface",
            "provision eni",
            "configure eni",
            "networkconfiguration",
            "network configuration",
            "invalid networking",
            "subnet",
            "security group",
            "netplan",
            "set up network",
        ]],
    ),
    Rule(Kind::Network, &[&["resourceinitialization", "unable to pull secrets or registry auth"], UNREACHABLE]),
    // Infrastructure.
    Rule(
        Kind::SpotOrInfrastructure,
        &[&[
            "spot",
            "host ec2",
            "underlying infrastructure",
            "maintenance",
            "internal error",
            "internalerror",
            "terminationnotice",
            "scheduled for retirement",
            "unhealthy infrastructure",
            "elb.internalerror",
        ]],
    ),
    Rule(
        Kind::TaskDefinitionMissing,
        &[&[
            "unable to describe task definition",
            "task definition is inactive",
            "taskdefinition is inactive",
            "task definition does not exist",
        ]],
    ),
    Rule(
        Kind::ContainerRuntime,
        &[&[
            "cannotcreatecontainer",
            "cannotstartcontainer",
            "cannotstopcontainer",
            "cannotinspectcontainer",
            "containerruntime",
            "dockertimeout",
            "timed out after waiting",
            "oci runtime",
        ]],
    ),
    // What says little.
    Rule(
        Kind::NoSteadyState,
        &[&[
            "did not stabilize",
            "did not stabilise",
            "unable to consistently start tasks",
            "circuit breaker",
            "failed to start",
            "max attempts exceeded",
            "exceeded max attempts",
            "unable to reach steady state",
        ]],
    ),
];

/// The cause that a text tells of, if it has words that are known.
///
/// It knows texts of a rollout and of what comes before it, for example an error of AWS's command line.
pub fn recognise(text: &str) -> Option<CauseKind> {
    let text = searchable(text);
    let has_one = |words: &&[&str]| words.iter().any(|word| text.contains(word));
    RULES.iter().find(|Rule(_, lists)| lists.iter().all(|words| has_one(words))).map(|Rule(kind, _)| *kind)
}
