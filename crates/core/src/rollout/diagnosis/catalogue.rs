//! What each cause means, what it is recognised by, and what to do about it. The page in the documentation is made of it.
//!
//! It recognises nothing itself: the words are in [`super::words`], the exit codes in [`super::exits`].

use super::CauseKind;

/// What is known of a kind. Texts are fragments without a full stop.
pub(super) struct Entry {
    pub(super) kind: CauseKind,
    pub(super) name: &'static str,
    pub(super) meaning: &'static str,
    pub(super) recognised_by: &'static str,
    pub(super) remedy: &'static str,
}

macro_rules! entries {
    ($($kind:ident, $name:literal: $meaning:literal; $recognised_by:literal; $remedy:literal.)+) => {
        /// One entry a kind, in the order of the kinds.
        pub(super) static ENTRIES: &[Entry] = &[$(Entry {
            kind: CauseKind::$kind,
            name: $name,
            meaning: $meaning,
            recognised_by: $recognised_by,
            remedy: $remedy,
        },)+];
    };
}

entries! {
    ServiceMissing, "service-missing": "the cluster or the service does not exist";
        "`ClusterNotFoundException`, `ServiceNotFoundException`, `ServiceNotActiveException`";
        "compare cluster and service with what is there, in this account and this region; a name is wanted, not an ARN".
    TaskDefinitionMissing, "task-definition-missing": "the task definition does not exist or is inactive";
        "`Unable to describe task definition`, `The specified task definition is inactive`";
        "register the family once, by hand or by infrastructure code, before the first release, and deregister nothing that a service still runs".
    TaskDefinitionInvalid, "task-definition-invalid": "ECS does not accept the task definition";
        "`No Fargate configuration exists for given values`, `Invalid setting for container`";
        "correct what the message names; Fargate takes CPU and memory only in pairs of its table, and containers without `memory` need it for the task".
    RoleCannotBeAssumed, "role-cannot-be-assumed": "a role cannot be assumed";
        "`ECS was unable to assume the role`, `Could not assume role`, `sts:AssumeRole`, `NoCredentialProviders`";
        "see that the role exists and that its trust policy names who assumes it: `ecs-tasks.amazonaws.com` for task and execution roles, the OIDC provider with repository and environment for a pipeline, which also needs `id-token: write`".
    RoleCannotBePassed, "role-cannot-be-passed": "the deploying role may not pass a role to ECS";
        "`is not authorized to perform: iam:PassRole`";
        "allow the deploying role `iam:PassRole` on that role, with the condition `iam:PassedToService` = `ecs-tasks.amazonaws.com`".
    ImageNotFound, "image-not-found": "the image does not exist where the task definition looks for it";
        "`not found`, `manifest unknown`, `repository … does not exist`, `No such image`, `invalid reference format`";
        "see that repository and digest exist in this account and region; build or publish the release again where a lifecycle policy has removed them".
    WrongArchitecture, "wrong-architecture": "the image is not built for the platform that the task runs on";
        "`exec format error` in a reason or in a log, `no match for platform`, `failed to find a descriptor for platform`, `no matching manifest`";
        "build the image for the platform in `runtimePlatform` (`linux/amd64` where it is absent), or change `runtimePlatform`; an index of attestations alone runs nowhere".
    ImagePullDenied, "image-pull-denied": "the image may not be pulled";
        "a failed pull with `AccessDenied`, `not authorized`, `403 Forbidden` or `denied`";
        "allow the execution role (on EC2 the instance's role) `ecr:GetAuthorizationToken`, `ecr:BatchGetImage` and `ecr:GetDownloadUrlForLayer`, and look at the repository's own policy where it is another account's; other registries also say this of an image that does not exist".
    RegistryAuth, "registry-auth": "the registry does not accept the credentials for the pull, or got none";
        "a failed pull with `401 Unauthorized`, `no basic auth credentials`, `failed to authorize`; `unable to get registry auth from asm`";
        "give the container `repositoryCredentials` with a secret of `username` and `password` that still work, and the execution role the right to read it".
    RegistryLimit, "registry-limit": "the registry limits how often images are pulled";
        "`toomanyrequests`, `429 Too Many Requests`";
        "pull with credentials, or keep the image in ECR, for example through a pull-through cache".
    ImagePullNetwork, "image-pull-network": "the task does not reach the image registry";
        "a failed pull or `unable to pull … registry auth` with `i/o timeout`, `connection issue`, `no such host` and the like";
        "give the task's subnets a way out: a public IP, a NAT gateway, or endpoints for `ecr.api`, `ecr.dkr` and S3 with a security group that lets port 443 through".
    ImagePullFailed, "image-pull-failed": "the image could not be pulled";
        "`CannotPullContainerError` with words that are not known";
        "read the words, pull the image by hand with the same digest, and look at its size and its layers".
    DigestUnresolved, "digest-unresolved": "ECS could not resolve an image's tag to a digest";
        "words about a digest that was not resolved";
        "see that every image of the task definition, sidecars too, exists and may be read, or name it by digest".
    DiskFull, "disk-full": "the disk has no space left";
        "`no space left on device`";
        "make the image smaller, or give the task more `ephemeralStorage` (on EC2 the instance a larger volume)".
    SecretMissing, "secret-missing": "a secret that the task needs does not exist or lacks what is asked of it";
        "`ResourceNotFoundException: Secrets Manager can't find …`, `did not contain json key`, `marked for deletion`";
        "create the secret in this account and region with the key and version that `valueFrom` names".
    ParameterMissing, "parameter-missing": "a parameter that the task needs does not exist";
        "`invalid ssm parameters`, `ParameterNotFound`";
        "create the parameter in this account and region under the name that `valueFrom` has".
    SecretDenied, "secret-denied": "the execution role may not read a secret or parameter";
        "a failed start with `secretsmanager:GetSecretValue`, `ssm:GetParameters` or `kms:Decrypt` that is denied";
        "allow the execution role to read it, and `kms:Decrypt` where it is encrypted with a key of your own".
    EnvironmentFile, "environment-file": "an environment file could not be read";
        "words about environment files";
        "see that the object is there, ends in `.env`, and that the execution role may `s3:GetObject` it and `s3:GetBucketLocation` its bucket".
    LogGroupMissing, "log-group-missing": "the log group does not exist";
        "`The specified log group does not exist`";
        "create the log group, or let the log driver do it with `awslogs-create-group` and `logs:CreateLogGroup` for the execution role".
    LogDenied, "log-denied": "the execution role may not write the log";
        "words about logging with `AccessDenied` or `not authorized`";
        "allow the execution role `logs:CreateLogStream` and `logs:PutLogEvents` on the log group".
    LogDriver, "log-driver": "the log driver could not be set up";
        "`failed to validate logger args`, `failed to initialize logging driver`";
        "look at the options in `logConfiguration`; `awslogs` needs `awslogs-group` and `awslogs-region`, and a prefix on Fargate".
    Volume, "volume": "a volume could not be created, attached or mounted";
        "`CannotCreateVolumeError`, words about EFS, EBS, FSx or mounting";
        "see that file system, access point and path exist, that the task's security group reaches the mount targets (EFS: port 2049), and that the role may mount".
    CommandNotFound, "command-not-found": "the container's command is not in the image or cannot be executed";
        "`executable file not found`, `no such file or directory` or `permission denied` while starting; exit codes 126 and 127";
        "look at `command` and `entryPoint`, at the path in the image, at its executable bit and at the script's first line".
    Network, "network": "the task's network does not work";
        "network interfaces that could not be set up, AWS services that were not reached, an invalid network configuration";
        "look at subnets, route tables, security groups and DNS of the service's network configuration; private subnets need a NAT gateway or endpoints for what the task asks at start (ECR, S3, Secrets Manager, SSM, Logs)".
    AccessDenied, "access-denied": "somebody lacks a permission";
        "`is not authorized to perform`, `AccessDenied` without a nearer word";
        "allow the principal in the message the action on the resource in the message, and look whether it is who you think it is: `aws sts get-caller-identity`".
    OutOfMemory, "out-of-memory": "a container needed more memory than it has";
        "`OutOfMemoryError`";
        "raise `memory` of the container or of the task, or make the application keep within it".
    DependencyFailed, "dependency-failed": "another container of the task failed, and the component's own with it";
        "a sidecar that ended or failed where the component's own container did not, words about dependencies";
        "look at the sidecar named here and at `dependsOn`; a sidecar that may end has `essential: false`".
    CrashLoop, "crash-loop": "the component's container ends with an error again and again";
        "exit codes other than 0 in three tasks or more";
        "read the last lines of its log below; start the image by hand with the same command and configuration".
    Crash, "crash": "the component's container ended with an error";
        "an exit code other than 0";
        "read the last lines of its log below; start the image by hand with the same command and configuration".
    KilledBySignal, "killed-by-signal": "the component's container was ended by a signal";
        "exit codes above 128 without ECS's word about memory";
        "137 is SIGKILL: memory, unless something else killed it, so compare memory use with the limit; 139 is a fault in native code; 143 is a request to end, so find who asks".
    ExitsAtOnce, "exits-at-once": "the component's container ended by itself, without an error";
        "exit code 0 of an essential container";
        "a service's command must go on running: let the server stay in the foreground, and run what ends as a task of its own".
    ContainerHealthCheck, "container-health-check": "the container's own health check fails";
        "`failed container health checks`";
        "run the command of `healthCheck` in the image: it needs its tools there, the right port, and `startPeriod` long enough".
    HealthCheckStatus, "health-check-status": "the load balancer's health check gets a status that it does not accept";
        "`Health checks failed with these codes`, `Target.ResponseCodeMismatch`";
        "ask the health check's path yourself and read the log of that moment; correct the path or the accepted codes of the target group, or what the application depends on".
    HealthCheckTimeout, "health-check-timeout": "the load balancer's health check gets no answer in time";
        "`Request timed out`, `Target.Timeout`";
        "let the task's security group accept the load balancer's on the port; let the application answer faster, or give it a longer grace period".
    WrongPort, "wrong-port": "nothing that speaks the expected protocol listens on the port of the health check";
        "`Health checks failed` without codes, `Target.FailedHealthChecks`: the connection was refused or the answer was malformed";
        "let the application listen on all addresses (0.0.0.0) of the `containerPort` that the service names, and the target group speak its protocol".
    HealthCheckFailed, "health-check-failed": "the load balancer's health check fails";
        "`failed ELB health checks` where nothing says how";
        "look at the target group's reason while tasks run; at the application's log; at path, port, accepted codes and grace period; and at security groups".
    TargetGroupMissing, "target-group-missing": "the target group does not exist";
        "`TARGET GROUP IS NOT FOUND`, `TargetGroupNotFound`";
        "create the target group, or bring the service to one that exists".
    TargetUnused, "target-unused": "the load balancer does not use the targets";
        "`Target.NotInUse`, `Target.IpUnusable`, `does not have an associated load balancer`";
        "attach the target group to a listener's rule, and enable the zones of the task's subnets on the load balancer".
    DeploymentHookFailed, "deployment-hook-failed": "a lifecycle hook of the deployment failed";
        "words about a lifecycle hook that failed";
        "read the log of the hook's function; the stage is in the message".
    Alarm, "alarm": "an alarm fired";
        "`alarm detected`, an alarm that has fired since the deployment began";
        "look at the alarm's metric since the deployment began: the release is bad, or the threshold is".
    PlacementConstraint, "placement-constraint": "no instance fulfils the placement constraints";
        "`MemberOf placement constraint unsatisfied`, `missing an attribute required by your task`";
        "look at `placementConstraints` and `requiresAttributes`, and at the attributes of the instances".
    Quota, "quota": "a quota of the account is used up";
        "`reached the limit on the number of tasks/vCPUs`, `above your limit`, `provisioning capacity limit`";
        "ask for a higher quota (Service Quotas, AWS Fargate), or run fewer or smaller tasks meanwhile".
    Capacity, "capacity": "there is no room for the task";
        "`no container instance met all of its requirements`, `Capacity is unavailable`, `RESOURCE:CPU` and the like, `AGENT`, ports that are taken";
        "add instances or let the capacity provider scale, ask for less CPU and memory, use more zones, or wait: this may pass; after `AGENT` look at the agent of the instance".
    PercentDeadlock, "percent-deadlock": "ECS may neither start a new task nor stop an old one";
        "`because of the service deployment configuration`; or the arithmetic of the two percentages where nothing of ours was started";
        "lower `minimumHealthyPercent` or raise `maximumPercent` until one task may go or one more may come".
    ProtectedTasks, "protected-tasks": "old tasks are protected from being stopped";
        "`tasks under protection`";
        "wait until the protection ends, or end it with `UpdateTaskProtection`".
    IamMisconfigured, "iam-misconfigured": "ECS lacks the permissions to maintain the service";
        "`IAM permissions policies have been misconfigured`, words about the service-linked role";
        "put back the service-linked role `AWSServiceRoleForECS` and its policy, or the service's own role".
    ContainerRuntime, "container-runtime": "the container runtime could not create, start, stop or inspect a container";
        "`CannotStartContainerError`, `ContainerRuntimeTimeoutError` and the like with words that are not known";
        "read the words; where they speak of time, look at the load of the instance; else at the container's settings".
    SpotOrInfrastructure, "spot-or-infrastructure": "AWS took away what the task ran on";
        "the stop codes `SpotInterruption`, `TerminationNotice` and `InfrastructureHealth`; words about hosts, maintenance and internal errors";
        "promote again: this says nothing about the release; keep some tasks off Spot where it happens often".
    StoppedByHand, "stopped-by-hand": "somebody stopped the task";
        "the stop code `UserInitiated`";
        "find who called `StopTask` (CloudTrail knows), and promote again".
    ThrottledByAws, "throttled-by-aws": "AWS throttled calls";
        "`ThrottlingException`, `Rate exceeded`, `operations are being throttled`";
        "promote again later; start fewer tasks at once, or ask for a higher limit of that call".
    NoRollbackCandidate, "no-rollback-candidate": "ECS found nothing to roll back to";
        "`No rollback candidate was found`";
        "bring a release that works: nothing before it was ever complete here, so what serves now is unproven".
    NoSteadyState, "no-steady-state": "the service did not become steady, and nothing that was seen says why";
        "`did not stabilize`, `tasks failed to start`, the circuit breaker, `unable to consistently start tasks successfully`";
        "read the application's log; run the image by hand; look at the health check of service and target group, and at the security groups between load balancer and tasks".
    Unknown, "unknown": "what was seen has no name here";
        "anything else";
        "read what was seen, below".
}
