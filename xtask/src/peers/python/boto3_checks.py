"""boto3 against the simulator: what botocore makes of the answers, and whether the answers fit its model.

Prints a JSON line for each check, `{"check": ..., "problem": ...}`; run by `cargo xtask peers`, which gives it the
environment of a simulator with the world of `world.toml`.
"""

import json
import os
import urllib.request

import boto3
from botocore.exceptions import ClientError

from diagnosis_checks import Diagnosis
from shapes import Witness, judge_json

# See `world.toml`.
PENDING = 125
# Longer than any rollout takes, the scheduler's pauses included.
LONG = 7200
# Much shorter than stopped tasks are remembered.
SHORT = 900
REGISTRY = "111111111111.dkr.ecr.us-west-2.amazonaws.com"
BREAKER = {
    "deploymentCircuitBreaker": {"enable": True, "rollback": True},
    "minimumHealthyPercent": 100,
    "maximumPercent": 200,
}

witness = Witness()


def client(service, **keys):
    made = boto3.client(service, **keys)
    witness.watch(made)
    return made


ecs, ecr, secrets, sts = (client(service) for service in ("ecs", "ecr", "secretsmanager", "sts"))


def advance(seconds):
    body = json.dumps({"seconds": seconds}).encode()
    urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL"] + "/_sim/advance", body).read()


def same(found, expected, what):
    if found != expected:
        raise AssertionError(f"{what} is {found!r}, not {expected!r}")


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        same(error.response["Error"]["Code"], code, "the error")
    else:
        raise AssertionError(f"it was not refused with {code}")


def service():
    return ecs.describe_services(cluster="shop", services=["web"], include=["TAGS"])["services"][0]


def newest_deployment():
    listed = ecs.list_service_deployments(cluster="shop", service="web")["serviceDeployments"][0]
    arns = [listed["serviceDeploymentArn"]]
    described = ecs.describe_service_deployments(serviceDeploymentArns=arns)["serviceDeployments"][0]
    same(described["status"], listed["status"], "the described status")
    return described


def check_the_checking():
    """A check that finds nothing wrong in a wrong answer would be worth nothing."""
    operation = ecs.meta.service_model.operation_model("DescribeServices")
    wrong = {
        "services": [{"runningCount": "2"}, {"running": 2}, {"launchType": "EC3"}, {"enableExecuteCommand": 0}],
        "failures": {},
    }
    kind = {"content-type": "application/x-amz-json-1.1"}

    def problems(status, body):
        return list(judge_json(operation, {"status_code": status, "headers": kind, "body": json.dumps(body)}))

    expected = [
        "/services/0/runningCount is '2', not an integer",
        "/services/1/running is unknown to Service",
        "/services/2/launchType is 'EC3', which LaunchType does not have",
        "/services/3/enableExecuteCommand is 0, not a boolean",
        "/failures is {}, not a list",
    ]
    same(problems(200, wrong), expected, "what is found in a wrong answer")
    same(problems(400, {"__type": "Nonsense"}), ["the error Nonsense is not one of this operation"], "in an error")


def check_identity():
    same(sts.get_caller_identity()["Account"], "111111111111", "the account")
    role = "arn:aws:iam::333333333333:role/deployer"
    keys = sts.assume_role(RoleArn=role, RoleSessionName="peer")["Credentials"]
    assumed = client(
        "sts",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    same(assumed.get_caller_identity()["Account"], "333333333333", "the role's account")


def check_task_definitions():
    for tag in ("1", "2", "broken"):
        container = {
            "name": "web",
            "image": f"{REGISTRY}/web:{tag}",
            "memory": 128,
            "environment": [{"name": "STAGE", "value": "peer"}],
            "portMappings": [{"containerPort": 8080}],
            "healthCheck": {"command": ["CMD", "true"]},
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "web"}},
        }
        tags = [{"key": "team", "value": "shop"}]
        registered = ecs.register_task_definition(family="web", containerDefinitions=[container], tags=tags)
        arn = registered["taskDefinition"]["taskDefinitionArn"]
        described = ecs.describe_task_definition(taskDefinition=arn, include=["TAGS"])
        same(described["taskDefinition"], registered["taskDefinition"], "the described task definition")
        same(described["tags"], tags, "the tags")
    pages = ecs.get_paginator("list_task_definitions").paginate(familyPrefix="web", PaginationConfig={"PageSize": 1})
    arns = [arn for page in pages for arn in page["taskDefinitionArns"]]
    same([arn.rsplit(":", 1)[1] for arn in arns], ["1", "2", "3"], "the revisions over all pages")
    same(ecs.list_task_definition_families(familyPrefix="we")["families"], ["web"], "the families")


def check_rollout():
    ecs.create_cluster(clusterName="shop")
    same(ecs.describe_clusters(clusters=["shop"])["clusters"][0]["status"], "ACTIVE", "the cluster")
    ecs.list_clusters()
    ecs.create_service(
        cluster="shop",
        serviceName="web",
        taskDefinition="web:1",
        desiredCount=2,
        deploymentConfiguration=BREAKER,
        tags=[{"key": "team", "value": "shop"}],
    )
    follow("web:1")
    same(ecs.list_services(cluster="shop")["serviceArns"], [service()["serviceArn"]], "the services")
    ecs.update_service(cluster="shop", service="web", taskDefinition="web:2")
    follow("web:2")


def follow(task_definition):
    """Follows a rollout through its states."""
    same(newest_deployment()["status"], "PENDING", "the service deployment")
    same(service()["deployments"][0]["rolloutState"], "IN_PROGRESS", "the rollout")
    advance(PENDING)
    same(newest_deployment()["status"], "IN_PROGRESS", "the service deployment")
    same(service()["deployments"][0]["rolloutState"], "IN_PROGRESS", "the rollout")
    advance(LONG)
    same(newest_deployment()["status"], "SUCCESSFUL", "the service deployment")
    deployments = service()["deployments"]
    same([one["rolloutState"] for one in deployments], ["COMPLETED"], "the rollouts")
    same(deployments[0]["taskDefinition"].rsplit("/", 1)[1], task_definition, "what is deployed")


def check_tasks():
    arns = ecs.list_tasks(cluster="shop", serviceName="web")["taskArns"]
    same(len(arns), 2, "the number of tasks")
    tasks = ecs.describe_tasks(cluster="shop", tasks=arns, include=["TAGS"])["tasks"]
    image = ecr.describe_images(repositoryName="web", imageIds=[{"imageTag": "2"}])["imageDetails"][0]
    digests = {container["imageDigest"] for task in tasks for container in task["containers"]}
    same(digests, {image["imageDigest"]}, "the digests that run")
    revision = newest_deployment()["targetServiceRevision"]["arn"]
    revision = ecs.describe_service_revisions(serviceRevisionArns=[revision])["serviceRevisions"][0]
    same(revision["containerImages"][0]["imageDigest"], image["imageDigest"], "the revision's digest")
    ecs.stop_task(cluster="shop", task=arns[0], reason="to see what comes")
    advance(LONG)
    same(len(ecs.list_tasks(cluster="shop", serviceName="web")["taskArns"]), 2, "the number of tasks")


def check_one_off_task():
    overrides = {"containerOverrides": [{"name": "web", "command": ["migrate"]}]}
    task = ecs.run_task(cluster="shop", taskDefinition="web:2", overrides=overrides, startedBy="peer")["tasks"][0]
    advance(120)
    task = ecs.describe_tasks(cluster="shop", tasks=[task["taskArn"]])["tasks"][0]
    same((task["lastStatus"], task["containers"][0]["exitCode"]), ("STOPPED", 0), "the end of the task")


def check_rollback():
    ecs.update_service(cluster="shop", service="web", taskDefinition="web:3")
    # Looked at often: ECS forgets stopped tasks after an hour.
    for _ in range(2 * LONG // SHORT):
        if newest_deployment()["status"] not in ("PENDING", "IN_PROGRESS", "ROLLBACK_IN_PROGRESS"):
            break
        advance(SHORT)
    same(newest_deployment()["status"], "ROLLBACK_SUCCESSFUL", "the service deployment")
    same(service()["taskDefinition"].rsplit("/", 1)[1], "web:2", "what is deployed")
    # The waiter does not mind: its answer says nothing about the release.
    ecs.get_waiter("services_stable").wait(cluster="shop", services=["web"])
    stopped = ecs.list_tasks(cluster="shop", family="web", desiredStatus="STOPPED")["taskArns"]
    stopped = ecs.describe_tasks(cluster="shop", tasks=stopped)["tasks"]
    codes = {task["stopCode"] for task in stopped}
    same("TaskFailedToStart" in codes, True, "that a task failed to start")


def check_stopped_rollout():
    ecs.update_service(cluster="shop", service="web", taskDefinition="web:1")
    advance(PENDING)
    arn = newest_deployment()["serviceDeploymentArn"]
    ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")
    advance(LONG)
    same(newest_deployment()["status"], "ROLLBACK_SUCCESSFUL", "the service deployment")


def check_tags():
    arn = service()["serviceArn"]
    ecs.tag_resource(resourceArn=arn, tags=[{"key": "stage", "value": "peer"}])
    ecs.untag_resource(resourceArn=arn, tagKeys=["team"])
    same(ecs.list_tags_for_resource(resourceArn=arn)["tags"], [{"key": "stage", "value": "peer"}], "the tags")


def check_registry():
    repository = ecr.create_repository(repositoryName="peer/api", imageTagMutability="IMMUTABLE")["repository"]
    same(repository["repositoryUri"], f"{REGISTRY}/peer/api", "the URI")
    same(len(ecr.describe_repositories()["repositories"]), 2, "the number of repositories")
    media = "application/vnd.oci.image"
    config = {"mediaType": f"{media}.config.v1+json", "size": 2, "digest": "sha256:" + 64 * "0"}
    manifest = {"schemaVersion": 2, "mediaType": f"{media}.manifest.v1+json", "config": config, "layers": []}
    put = ecr.put_image(repositoryName="peer/api", imageTag="1", imageManifest=json.dumps(manifest))["image"]
    ids = [{"imageDigest": put["imageId"]["imageDigest"]}, {"imageTag": "none"}]
    got = ecr.batch_get_image(repositoryName="peer/api", imageIds=ids)
    same(got["images"][0]["imageManifest"], json.dumps(manifest), "the manifest")
    same(got["failures"][0]["failureCode"], "ImageNotFound", "the failure of an unknown tag")
    described = ecr.describe_images(repositoryName="peer/api")["imageDetails"][0]
    same(described["imageTags"], ["1"], "the tags")
    same(ecr.list_images(repositoryName="peer/api")["imageIds"], [put["imageId"]], "the list")
    ecr.get_authorization_token()
    deleted = ecr.batch_delete_image(repositoryName="peer/api", imageIds=[{"imageTag": "1"}])
    same(deleted["failures"], [], "the failures of deleting")
    ecr.delete_repository(repositoryName="peer/api")


def check_secrets():
    secrets.create_secret(Name="peer/token", SecretString="first", Description="a peer's")
    secrets.put_secret_value(SecretId="peer/token", SecretBinary=b"\x00\xff")
    same(secrets.get_secret_value(SecretId="peer/token")["SecretBinary"], b"\x00\xff", "the value")
    previous = secrets.get_secret_value(SecretId="peer/token", VersionStage="AWSPREVIOUS")
    same(previous["SecretString"], "first", "the previous value")
    same([one["Name"] for one in secrets.list_secrets()["SecretList"]], ["peer/token"], "the list")
    secrets.delete_secret(SecretId="peer/token", RecoveryWindowInDays=7)
    same("DeletedDate" in secrets.describe_secret(SecretId="peer/token"), True, "that it is being deleted")


def check_errors():
    refused("ClusterNotFoundException", ecs.describe_services, cluster="nowhere", services=["web"])
    refused("ServiceNotFoundException", ecs.update_service, cluster="shop", service="nobody", desiredCount=1)
    refused("ClientException", ecs.describe_task_definition, taskDefinition="web:99")
    refused("ServiceDeploymentNotFoundException", ecs.stop_service_deployment, serviceDeploymentArn=unknown_deployment())
    refused("RepositoryNotFoundException", ecr.describe_images, repositoryName="nobody")
    refused("ImageNotFoundException", ecr.describe_images, repositoryName="web", imageIds=[{"imageTag": "99"}])
    refused("ResourceNotFoundException", secrets.get_secret_value, SecretId="nobody")
    failures = ecs.describe_services(cluster="shop", services=["nobody"])["failures"]
    same([one["reason"] for one in failures], ["MISSING"], "the failures")


def unknown_deployment():
    return newest_deployment()["serviceDeploymentArn"][:-3] + "000"


def check_end():
    ecs.deregister_task_definition(taskDefinition="web:3")
    ecs.delete_service(cluster="shop", service="web", force=True)
    advance(LONG)
    ecs.delete_cluster(cluster="shop")


diagnosis = Diagnosis(client, advance, same, refused)

CHECKS = {
    "wrong answers are found": check_the_checking,
    "the caller, and the one that a role makes of it": check_identity,
    "task definitions with all that they have, over pages": check_task_definitions,
    "rollouts go PENDING, IN_PROGRESS, SUCCESSFUL": check_rollout,
    "tasks and service revisions tell the digest that runs": check_tasks,
    "a one-off task ends with its exit code": check_one_off_task,
    "the circuit breaker rolls back, and services_stable is content": check_rollback,
    "a rollout that is stopped rolls back": check_stopped_rollout,
    "tags": check_tags,
    "images": check_registry,
    "secrets": check_secrets,
    "wrong answers in XML and in CBOR are found": diagnosis.check_the_checking,
    "alarms, in the protocol that boto3 chooses": diagnosis.check_alarms,
    "target groups and the health of their targets": diagnosis.check_targets,
    "log streams, to their end and filtered": diagnosis.check_logs,
    "errors are those that botocore knows": check_errors,
    "services and clusters end": check_end,
}


def report(name, problem):
    print(json.dumps({"check": name, "problem": problem}), flush=True)


def main():
    for name, check in CHECKS.items():
        try:
            check()
            report(name, None)
        except Exception as error:  # A check that breaks is a check that fails.
            report(name, f"{type(error).__name__}: {error}")
    for name in sorted(witness.seen):
        problems = sorted({problem for problem in witness.problems if problem.startswith(name + ":")})
        report(f"every answer to {name} fits its model", "; ".join(problems) or None)


if __name__ == "__main__":
    main()
