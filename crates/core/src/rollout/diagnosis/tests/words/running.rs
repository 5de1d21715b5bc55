//! What ends tasks that run or finds no place for them, what AWS says of itself, and what goes wrong before a rollout.

use super::super::super::CauseKind as Kind;
use super::check;

#[test]
fn health() {
    check(&[
        (
            "(task 0f1e) (port 80) is unhealthy in (target-group arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/shop/1) due to (reason Health checks failed with these codes: [503])",
            Kind::HealthCheckStatus,
        ),
        ("Target.ResponseCodeMismatch: Health checks failed with these codes: [404]", Kind::HealthCheckStatus),
        (
            "(task 0f1e) (port 80) is unhealthy in (target-group arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/shop/1) due to (reason Request timed out)",
            Kind::HealthCheckTimeout,
        ),
        ("Target.Timeout: Request timed out", Kind::HealthCheckTimeout),
        ("Target.FailedHealthChecks: Health checks failed", Kind::WrongPort),
        (
            "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/shop/1)",
            Kind::HealthCheckFailed,
        ),
        ("(task 0f1e) failed container health checks", Kind::ContainerHealthCheck),
        ("Task failed container health checks", Kind::ContainerHealthCheck),
        (
            "task set (ecs-svc/1) (task 0f1e) is not healthy in target-group (arn) due to TARGET GROUP IS NOT FOUND",
            Kind::TargetGroupMissing,
        ),
        (
            "The target group with targetGroupArn arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/shop/1 does not have an associated load balancer.",
            Kind::TargetUnused,
        ),
        (
            "Target.NotInUse: Target group is not configured to receive traffic from the load balancer",
            Kind::TargetUnused,
        ),
        ("(deployment ecs-svc/1) deployment failed: alarm detected", Kind::Alarm),
        // A guess: the words of a service deployment that an alarm ended are not documented.
        ("Service deployment rolled back because an alarm threshold was breached", Kind::Alarm),
        (
            "deployment failed: Service deployment rolled back because PRE_SCALE_UP lifecycle hook(s) failed. Lifecycle hook target arn:aws:lambda:us-west-2:123456789012:function:hook returned FAILED status",
            Kind::DeploymentHookFailed,
        ),
    ]);
}

#[test]
fn placement() {
    check(&[
        (
            "no container instance met all of its requirements. The closest matching container-instance 0f1e has insufficient CPU units available",
            Kind::Capacity,
        ),
        (
            "no container instance met all of its requirements. The closest matching container-instance 0f1e is already using a port required by your task",
            Kind::Capacity,
        ),
        (
            "no container instance met all of its requirements. The closest matching container-instance 0f1e encountered error \"AGENT\"",
            Kind::Capacity,
        ),
        ("No Container Instances were found in your capacity provider", Kind::Capacity),
        (
            "Capacity is unavailable at this time. Please try again later or in a different availability zone",
            Kind::Capacity,
        ),
        ("TaskFailedToStart: RESOURCE:GPU", Kind::Capacity),
        ("TaskFailedToStart: RESOURCE:ENI", Kind::Capacity),
        ("TaskFailedToStart: AGENT", Kind::Capacity),
        ("TaskFailedToStart: EMPTY CAPACITY PROVIDER", Kind::Capacity),
        ("TaskFailedToStart: NO ACTIVE INSTANCES", Kind::Capacity),
        (
            "ResourceInitializationError: Unable to launch instance(s) for capacity provider gpu. UnfulfillableCapacity: Unable to fulfill capacity",
            Kind::Capacity,
        ),
        ("TaskFailedToStart: MemberOf placement constraint unsatisfied", Kind::PlacementConstraint),
        ("TaskFailedToStart: ATTRIBUTE", Kind::PlacementConstraint),
        (
            "no container instance met all of its requirements. The closest matching container-instance 0f1e is missing an attribute required by your task",
            Kind::PlacementConstraint,
        ),
        ("You've reached the limit on the number of tasks you can run concurrently", Kind::Quota),
        ("You've reached the limit on the number of vCPUs you can run concurrently", Kind::Quota),
        ("The requested MEMORY configuration is above your limit", Kind::Quota),
        (
            "was unable to place tasks in your cluster because the tasks provisioning capacity limit was exceeded",
            Kind::Quota,
        ),
        (
            "was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again",
            Kind::PercentDeadlock,
        ),
        (
            "was unable to reach steady state because (taskSet ecs-svc/1) was unable to scale in due to (reason 2 tasks under protection)",
            Kind::ProtectedTasks,
        ),
    ]);
}

#[test]
fn aws_itself() {
    check(&[
        ("operations are being throttled on elb. Will try again later", Kind::ThrottledByAws),
        ("CannotPullECRContainerError: ThrottlingException: Rate exceeded", Kind::ThrottledByAws),
        ("Internal error", Kind::SpotOrInfrastructure),
        ("InternalError: failed to pull stage", Kind::ImagePullFailed),
        ("Your Spot Task was interrupted", Kind::SpotOrInfrastructure),
        ("Host EC2 (instance i-0123456789abcdef0) terminated", Kind::SpotOrInfrastructure),
        (
            "Amazon ECS is performing maintenance on the underlying infrastructure hosting the task",
            Kind::SpotOrInfrastructure,
        ),
        ("Timeout waiting for EphemeralStorage provisioning to complete", Kind::SpotOrInfrastructure),
        ("No rollback candidate was found to run the rollback", Kind::NoRollbackCandidate),
        ("ECS deployment circuit breaker: tasks failed to start", Kind::NoSteadyState),
        ("Service deployment rolled back because the circuit breaker threshold was exceeded", Kind::NoSteadyState),
        ("is unable to consistently start tasks successfully", Kind::NoSteadyState),
        // A guess: the event is not documented word by word.
        ("the image digest could not be resolved for container api", Kind::DigestUnresolved),
    ]);
}

#[test]
fn what_goes_wrong_before_a_rollout() {
    check(&[
        ("ClusterNotFoundException: Cluster not found", Kind::ServiceMissing),
        ("ServiceNotActiveException: Service was not ACTIVE", Kind::ServiceMissing),
        ("ClientException: TaskDefinition is inactive", Kind::TaskDefinitionMissing),
        ("No Fargate configuration exists for given values: 1024 CPU, 1024 memory", Kind::TaskDefinitionInvalid),
        (
            "ClientException: Invalid setting for container 'beyla'. At least one of 'memory' or 'memoryReservation' must be specified",
            Kind::TaskDefinitionInvalid,
        ),
    ]);
}

/// The five entries of a real pipeline's page on troubleshooting.
#[test]
fn what_a_real_pipeline_documents_is_recognised() {
    check(&[
        ("Error: Could not assume role", Kind::RoleCannotBeAssumed),
        ("Error: No such image", Kind::ImageNotFound),
        ("Error: Unable to describe task definition", Kind::TaskDefinitionMissing),
        ("Deployment failed: Service did not stabilize", Kind::NoSteadyState),
        ("Error: AccessDenied for ECR operations", Kind::AccessDenied),
    ]);
}
