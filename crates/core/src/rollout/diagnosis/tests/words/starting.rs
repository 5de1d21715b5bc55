//! What keeps a task from starting: images, registries, secrets, roles, logs, volumes, commands, networks.

use super::super::super::CauseKind as Kind;
use super::check;

#[test]
fn images_that_are_missing_or_may_not_be_pulled() {
    check(&[
        (
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop@sha256:34683c06: not found",
            Kind::ImageNotFound,
        ),
        (
            "CannotPullContainerError: Error response from daemon: manifest for 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop:v2 not found: manifest unknown: Requested image not found",
            Kind::ImageNotFound,
        ),
        (
            "CannotPullContainerError: inspect image has been retried 1 time(s): failed to resolve ref \"shop:v2\": name unknown: The repository with name 'shop' does not exist in the registry with id '123456789012'",
            Kind::ImageNotFound,
        ),
        (
            "CannotPullContainerError: failed to normalize image reference \"123456789012.dkr.ecr.us-east-1.amazonaws.com/shop:\"",
            Kind::ImageNotFound,
        ),
        ("CannotPullContainerError: Error response from daemon: invalid reference format", Kind::ImageNotFound),
        (
            "CannotPullContainerError: Error response from daemon: pull access denied for shop, repository does not exist or may require 'docker login'",
            Kind::ImagePullDenied,
        ),
        (
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref docker.io/library/shop:latest: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
            Kind::ImagePullDenied,
        ),
        (
            "CannotPullContainerError: ref pull has been retried 1 time(s): failed to pull and unpack image \"123456789012.dkr.ecr.us-east-1.amazonaws.com/shop:v2\": failed to resolve reference: unexpected status code 403 Forbidden",
            Kind::ImagePullDenied,
        ),
        (
            "CannotPullECRContainerError: AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/exec/0f1e2d is not authorized to perform: ecr:GetAuthorizationToken on resource: *",
            Kind::ImagePullDenied,
        ),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/exec/0f1e2d is not authorized to perform: ecr:GetAuthorizationToken on resource: * because no identity-based policy allows the ecr:GetAuthorizationToken action",
            Kind::ImagePullDenied,
        ),
        (
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ghcr.io/org/shop:latest: failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token?service=ghcr.io: 401 Unauthorized",
            Kind::RegistryAuth,
        ),
        (
            "CannotPullContainerError: API error (404): Get https://123456789012.dkr.ecr.us-east-1.amazonaws.com/v2/shop: no basic auth credentials",
            Kind::RegistryAuth,
        ),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to get registry auth from asm: service call has been retried 1 time(s): asm fetching secret from the service for registry: AccessDeniedException: not authorized",
            Kind::RegistryAuth,
        ),
        (
            "CannotPullContainerError: inspect image has been retried 5 time(s): httpReaderSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/nginx/manifests/sha256:2bcabc: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit.",
            Kind::RegistryLimit,
        ),
        (
            "CannotPullContainerError: pull command failed: panic: runtime error: integer divide by zero",
            Kind::ImagePullFailed,
        ),
        (
            "CannotPullContainerError: ref pull has been retried 1 time(s): failed to extract layer sha256:0a1b: write /var/lib/containerd/x: no space left on device: unknown",
            Kind::DiskFull,
        ),
    ]);
}

#[test]
fn registries_that_are_not_reached() {
    check(&[
        (
            "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref docker.io/tryretool/backend:2.110.5: failed to do request: Head \"https://registry-1.docker.io/v2/tryretool/backend/manifests/2.110.5\": dial tcp 34.205.13.154:443: i/o timeout",
            Kind::ImagePullNetwork,
        ),
        (
            "CannotPullContainerError: Error response from daemon: Get \"https://123456789012.dkr.ecr.us-west-2.amazonaws.com/v2/\": dial tcp: lookup 123456789012.dkr.ecr.us-west-2.amazonaws.com on 10.0.0.2:53: no such host",
            Kind::ImagePullNetwork,
        ),
        (
            "CannotPullContainerError: Error response from daemon: Get https://123456789012.dkr.ecr.us-east-1.amazonaws.com/v2/: net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
            Kind::ImagePullNetwork,
        ),
        ("CannotPullContainerError: context canceled", Kind::ImagePullNetwork),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration. operation error ECR: GetAuthorizationToken, exceeded maximum number of attempts, 3, https response error StatusCode: 0, RequestID: , request send failed, Post \"https://api.ecr.us-east-1.amazonaws.com/\": dial tcp 44.213.79.104:443: i/o timeout",
            Kind::ImagePullNetwork,
        ),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request failed",
            Kind::ImagePullNetwork,
        ),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: pull command failed: : signal: killed",
            Kind::ImagePullNetwork,
        ),
    ]);
}

#[test]
fn images_for_another_platform() {
    check(&[
        (
            "CannotPullContainerError: pull image manifest has been retried 7 time(s): image Manifest does not contain descriptor matching platform 'linux/amd64'",
            Kind::WrongArchitecture,
        ),
        (
            "CannotPullContainerError: failed to find a descriptor for platform {linux/amd64}: not found",
            Kind::WrongArchitecture,
        ),
        (
            "CannotPullContainerError: Error response from daemon: no matching manifest for linux/arm64/v8 in the manifest list entries",
            Kind::WrongArchitecture,
        ),
        (
            "CannotPullContainerError: ref pull has been retried 1 time(s): failed to unpack image on snapshotter overlayfs: no match for platform in manifest sha256:0a1b: not found",
            Kind::WrongArchitecture,
        ),
        ("CannotPullContainerError: failed to pull: no processor for media-type: unknown", Kind::WrongArchitecture),
        ("standard_init_linux.go:228: exec user process caused: exec format error", Kind::WrongArchitecture),
    ]);
}

#[test]
fn secrets_parameters_and_environment_files() {
    check(&[
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): retrieved secret from Secrets Manager did not contain json key APP_KEY",
            Kind::SecretMissing,
        ),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:us-east-1:123456789012:secret:db from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.",
            Kind::SecretMissing,
        ),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secret from asm: InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion.",
            Kind::SecretMissing,
        ),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secret from asm: invalid character 'h' looking for beginning of value",
            Kind::SecretMissing,
        ),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:us-east-1:123456789012:secret:db from secrets manager: AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/exec/0f1e2d is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:us-east-1:123456789012:secret:db because no identity-based policy allows the secretsmanager:GetSecretValue action",
            Kind::SecretDenied,
        ),
        (
            "Fetching secret data from AWS Secrets Manager in region us-east-1: secret arn:aws:secretsmanager:us-east-1:123456789012:secret:db: AccessDeniedException: Access to KMS is not allowed",
            Kind::SecretDenied,
        ),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/exec/17cbd2 is not authorized to perform: ssm:GetParameters on resource: arn:aws:ssm:ap-northeast-2:123456789012:parameter/shop/sender because no identity-based policy allows the ssm:GetParameters action",
            Kind::SecretDenied,
        ),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: /shop/api-key",
            Kind::ParameterMissing,
        ),
        (
            "Fetching secret data from SSM Parameter Store in us-west-2: invalid parameters: /shop/api-key",
            Kind::ParameterMissing,
        ),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secrets from ssm: The task cannot pull secrets from AWS Systems Manager. There is a connection issue between the task and AWS Systems Manager Parameter Store. Check your task network configuration. operation error SSM: GetParameters, https response error StatusCode: 0, RequestID: , canceled, context deadline exceeded",
            Kind::Network,
        ),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull secrets from AWS Secrets Manager. There is a connection issue between the task and AWS Secrets Manager. Check your task network configuration. failed to fetch secret arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db from secrets manager: operation error Secrets Manager: GetSecretValue, canceled, context deadline exceeded",
            Kind::Network,
        ),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to get registry auth from asm: service call has been retried 1 time(s): asm fetching secret from the service for registry: RequestError: send request failed",
            Kind::Network,
        ),
        (
            "ResourceInitializationError: failed to download env files: service call has been retried 1 time(s): operation error S3: HeadObject, https response error StatusCode: 403, api error Forbidden: Forbidden.",
            Kind::EnvironmentFile,
        ),
        (
            "ResourceInitializationError: failed to download env files: file download command: non-empty error stream: RequestCanceled: request context canceled caused by: context deadline exceeded",
            Kind::Network,
        ),
    ]);
}

#[test]
fn roles_and_permissions() {
    check(&[
        (
            "failed to launch a task with (error ECS was unable to assume the role 'arn:aws:iam::123456789012:role/shop-task' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.)",
            Kind::RoleCannotBeAssumed,
        ),
        (
            "Error: Could not assume role with OIDC: Not authorized to perform sts:AssumeRoleWithWebIdentity",
            Kind::RoleCannotBeAssumed,
        ),
        ("ClientException: Role is not valid", Kind::RoleCannotBeAssumed),
        (
            "CannotPullECRContainerError: NoCredentialProviders: no valid providers in chain. Deprecated.",
            Kind::RoleCannotBeAssumed,
        ),
        (
            "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/deployer/run is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/task-x because no identity-based policy allows the iam:PassRole action",
            Kind::RoleCannotBePassed,
        ),
        (
            "ResourceInitializationError: Unable to launch instance(s) for capacity provider test-managed. UnauthorizedOperation: You are not authorized to perform this operation.",
            Kind::AccessDenied,
        ),
        (
            "IAM permissions policies have been misconfigured or changed, and ECS can no longer maintain your service",
            Kind::IamMisconfigured,
        ),
    ]);
}

#[test]
fn logs() {
    check(&[
        (
            "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1",
            Kind::LogGroupMissing,
        ),
        (
            "CannotStartContainerError: Error response from daemon: failed to initialize logging driver: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.",
            Kind::LogGroupMissing,
        ),
        (
            "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/exec/0f1e is not authorized to perform: logs:CreateLogStream",
            Kind::LogDenied,
        ),
        (
            "ResourceInitializationError: failed to validate logger args: The task cannot find the Amazon CloudWatch log group defined in the task definition. There is a connection issue between the task and Amazon CloudWatch. Check your network configuration. : signal: killed",
            Kind::Network,
        ),
        (
            "ResourceInitializationError: failed to validate logger args: unable to get awslogs driver arguments: awslogs-region is required",
            Kind::LogDriver,
        ),
        (
            "ResourceInitializationError: failed to initialize logging driver: splunk: splunk-url is expected",
            Kind::LogDriver,
        ),
    ]);
}

#[test]
fn volumes_commands_and_runtimes() {
    check(&[
        (
            "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: b'mount.nfs4: access denied by server while mounting 127.0.0.1:/' : unsuccessful EFS utils command execution; code: 32",
            Kind::Volume,
        ),
        (
            "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: Failed to resolve \"fs-0123.efs.us-east-1.amazonaws.com\"",
            Kind::Volume,
        ),
        (
            "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: mount.nfs4: mounting fs-0123.efs.us-east-1.amazonaws.com:/opt/x failed, reason given by server: No such file or directory : unsuccessful EFS utils",
            Kind::Volume,
        ),
        ("CannotCreateVolumeError: failed to create EBS volume", Kind::Volume),
        (
            "CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error mounting \"/var/lib/x\" to rootfs at \"/etc/x\": not a directory: unknown",
            Kind::Volume,
        ),
        (
            "CannotStartContainerError: Error response from daemon: OCI runtime create failed: container_linux.go:380: starting container process caused: exec: \"python\": executable file not found in $PATH",
            Kind::CommandNotFound,
        ),
        (
            "CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"/entrypoint.sh\": permission denied: unknown",
            Kind::CommandNotFound,
        ),
        (
            "CannotStartContainerError: OCI runtime create failed: unable to start container process: exec: \"./start\": stat ./start: no such file or directory: unknown",
            Kind::CommandNotFound,
        ),
        (
            "CannotStartContainerError: Error response from daemon: error gathering device information while adding custom device \"/dev/dri/renderD130\": no such file or directory",
            Kind::ContainerRuntime,
        ),
        (
            "CannotStartContainerError: Error response from daemon: driver failed programming external connectivity on endpoint shop: Bind for 0.0.0.0:8080 failed: port is already allocated",
            Kind::Capacity,
        ),
        (
            "ContainerRuntimeTimeoutError: Could not transition to running; timed out after waiting 1m",
            Kind::ContainerRuntime,
        ),
        ("DockerTimeoutError: Could not transition to created; timed out after waiting 4m0s", Kind::ContainerRuntime),
        ("CannotStopContainerError: failed sending SIGTERM to container", Kind::ContainerRuntime),
        (
            "CannotCreateContainerError: Error response from daemon: Conflict. The container name is already in use",
            Kind::ContainerRuntime,
        ),
        ("OutOfMemoryError: Container killed due to memory usage", Kind::OutOfMemory),
        (
            "dependency graph: failed to resolve container ordering dependency [migrate] for target [api] as dependency did not exit successfully.",
            Kind::DependencyFailed,
        ),
        (
            "dependency graph: container ordering dependency [envoy] for target [api] has timed out.",
            Kind::DependencyFailed,
        ),
    ]);
}

#[test]
fn networks() {
    check(&[
        ("Timeout waiting for network interface provisioning to complete.", Kind::Network),
        ("Network interface provision complete error timeout wait for network interface provision.", Kind::Network),
        ("ResourceInitializationError: failed to configure ENI: failed to setup regular eni", Kind::Network),
        (
            "Service deployment rolled back because of invalid networking configuration. Both targetGroup and alternateTargetGroup must be associated with the productionListenerRule or testListenerRule.",
            Kind::Network,
        ),
        (
            "InvalidParameterException: Network Configuration must be provided when networkMode 'awsvpc' is specified.",
            Kind::Network,
        ),
        (
            "failed to register targets in (target-group arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/shop/1) with (error The following targets are not in the target group VPC 'vpc-1': 'i-1')",
            Kind::Network,
        ),
    ]);
}
