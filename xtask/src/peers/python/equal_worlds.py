"""An equal little world on any server that speaks AWS: what is made there, and the questions that are asked of it.

What is made is what a deployment tool finds: a service that runs, its image, its secret, its load balancer, its alarm
and its log. The simulator takes its load balancer and its log from `world.toml`; others are told by API.
"""

import json
import time
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from shapes import judge_cbor, judge_json, judge_xml

ACCOUNT = "111111111111"
JUDGES = {"json": judge_json, "query": judge_xml, "smithy-rpc-v2-cbor": judge_cbor}
MEDIA = "application/vnd.oci.image"
MANIFEST = json.dumps(
    {
        "schemaVersion": 2,
        "mediaType": f"{MEDIA}.manifest.v1+json",
        "config": {"mediaType": f"{MEDIA}.config.v1+json", "size": 2, "digest": "sha256:" + 64 * "0"},
        "layers": [],
    }
)
ALARM = {
    "AlarmName": "equal",
    "Namespace": "AWS/ECS",
    "MetricName": "CPUUtilization",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 5,
    "ComparisonOperator": "GreaterThanThreshold",
}
SERVICES = ("ecs", "ecr", "secretsmanager", "sts", "cloudwatch", "logs", "elbv2", "ec2")


class World:
    """One server, its clients, and what it answered last, before botocore made something of it."""

    def __init__(self, name, endpoint):
        self.name, self.endpoint, self.problems = name, endpoint, []
        settings = Config(retries={"total_max_attempts": 1}, connect_timeout=10, read_timeout=30)
        keys = {"aws_access_key_id": f"AKIASIM0{ACCOUNT}", "aws_secret_access_key": "equal"}
        for service in SERVICES:
            client = boto3.client(service, endpoint_url=endpoint, config=settings, **keys)
            client.meta.events.register("before-parse", self._look)
            setattr(self, service, client)

    def _look(self, operation_model, response_dict, **_):
        judge = JUDGES.get(operation_model.service_model.resolved_protocol)
        try:
            self.problems = list(judge(operation_model, response_dict)) if judge else []
        except Exception as error:  # What cannot even be read is a problem like any other.
            self.problems = [f"/ cannot be read: {type(error).__name__}"]

    def ask(self, service, operation, question):
        """The answer, its problems, and the error's code where there was one."""
        self.problems = []
        try:
            answer = getattr(getattr(self, service), operation)(**question)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            return None, list(self.problems), "not implemented" if status >= 500 else error.response["Error"]["Code"]
        answer.pop("ResponseMetadata")
        return answer, list(self.problems), None

    def make(self):
        """Makes all of it; a server on which something cannot be made has no such world."""
        self.ecr.create_repository(repositoryName="equal")
        self.ecr.put_image(repositoryName="equal", imageTag="1", imageManifest=MANIFEST)
        self.secretsmanager.create_secret(Name="equal/token", SecretString="none")
        self.cloudwatch.put_metric_alarm(**ALARM)
        self.ecs.create_cluster(clusterName="equal")
        container = {
            "name": "equal",
            "image": f"{ACCOUNT}.dkr.ecr.us-west-2.amazonaws.com/equal:1",
            "memory": 128,
            "environment": [{"name": "STAGE", "value": "equal"}],
            "portMappings": [{"containerPort": 8080}],
        }
        self.ecs.register_task_definition(
            family="equal",
            containerDefinitions=[container],
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            tags=[{"key": "team", "value": "shop"}],
        )
        if self.name == "simulator":
            self.find_entrance()
        else:
            self.make_entrance()
        launched = {"cluster": "equal", "taskDefinition": "equal:1", "launchType": "FARGATE"}
        network = {"subnets": self.subnets, "securityGroups": [self.wall]}
        launched["networkConfiguration"] = {"awsvpcConfiguration": network}
        self.ecs.create_service(
            **launched,
            serviceName="equal",
            desiredCount=1,
            deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
        )
        self.task = self.ecs.run_task(**launched)["tasks"][0]["taskArn"]
        if self.name == "simulator":
            # The others' tasks run at once.
            hour = json.dumps({"seconds": 3600}).encode()
            urllib.request.urlopen(f"{self.endpoint}/_sim/advance", hour).read()

    def find_entrance(self):
        """The load balancer and the log of `world.toml`; the simulator has no networks, and takes any subnet."""
        self.subnets, self.wall = ["subnet-0123456789abcdef0"], "sg-0123456789abcdef0"
        self.group = self.elbv2.describe_target_groups(Names=["door"])["TargetGroups"][0]["TargetGroupArn"]
        self.balancer = self.elbv2.describe_load_balancers(Names=["front"])["LoadBalancers"][0]["LoadBalancerArn"]
        self.find_listener()
        streams = self.logs.describe_log_streams(logGroupName="/ecs/door")["logStreams"]
        self.stream = streams[0]["logStreamName"]

    def make_entrance(self):
        """The same by API."""
        network = self.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        # Without it moto cannot run a task.
        self.ec2.modify_vpc_attribute(VpcId=network, EnableDnsHostnames={"Value": True})
        subnets = [
            self.ec2.create_subnet(VpcId=network, CidrBlock=f"10.9.{n}.0/24", AvailabilityZone=f"us-west-2{zone}")
            for n, zone in enumerate("ab")
        ]
        self.subnets = [one["Subnet"]["SubnetId"] for one in subnets]
        self.wall = self.ec2.create_security_group(GroupName="wall", Description="equal", VpcId=network)["GroupId"]
        made = self.elbv2.create_target_group(
            Name="door", Protocol="HTTP", Port=8080, VpcId=network, TargetType="ip"
        )
        self.group = made["TargetGroups"][0]["TargetGroupArn"]
        self.balancer = self.elbv2.create_load_balancer(Name="front", Subnets=self.subnets)["LoadBalancers"][0]["LoadBalancerArn"]
        action = [{"Type": "forward", "TargetGroupArn": self.group}]
        listener = self.elbv2.create_listener(
            LoadBalancerArn=self.balancer, Protocol="HTTP", Port=80, DefaultActions=action
        )
        condition = [{"Field": "path-pattern", "Values": ["/api/*"]}]
        self.elbv2.create_rule(
            ListenerArn=listener["Listeners"][0]["ListenerArn"], Priority=1, Conditions=condition, Actions=action
        )
        self.elbv2.register_targets(TargetGroupArn=self.group, Targets=[{"Id": "10.9.0.9", "Port": 8080}])
        self.find_listener()
        self.stream = "ecs/door/1"
        self.logs.create_log_group(logGroupName="/ecs/door")
        self.logs.create_log_stream(logGroupName="/ecs/door", logStreamName=self.stream)
        lines = [{"timestamp": int(time.time() * 1000), "message": "listening"}]
        self.logs.put_log_events(logGroupName="/ecs/door", logStreamName=self.stream, logEvents=lines)

    def find_listener(self):
        self.listener = self.elbv2.describe_listeners(LoadBalancerArn=self.balancer)["Listeners"][0]["ListenerArn"]

    def questions(self):
        """What Towpath reads, each with what it asks for; and what it reads in vain."""
        stream = {"logGroupName": "/ecs/door", "logStreamName": self.stream}
        group = {"TargetGroupArn": self.group}
        one_service = {"cluster": "equal", "services": ["equal", "nobody"]}
        image = {"repositoryName": "equal", "imageIds": [{"imageTag": "1"}]}
        revision = {"taskDefinition": "equal:1", "include": ["TAGS"]}
        return [
            ("sts", "get_caller_identity", {}),
            ("sts", "assume_role", {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r", "RoleSessionName": "equal"}),
            ("ecs", "describe_clusters", {"clusters": ["equal", "nowhere"]}),
            ("ecs", "describe_services", one_service),
            ("ecs", "list_services", {"cluster": "equal"}),
            ("ecs", "describe_task_definition", revision),
            ("ecs", "list_task_definitions", {"familyPrefix": "equal"}),
            ("ecs", "list_tasks", {"cluster": "equal"}),
            ("ecs", "describe_tasks", {"cluster": "equal", "tasks": [self.task]}),
            ("ecs", "list_service_deployments", {"cluster": "equal", "service": "equal"}),
            ("ecs", "describe_services in vain", {"cluster": "nowhere", "services": ["equal"]}),
            ("ecs", "describe_task_definition in vain", {"taskDefinition": "equal:99"}),
            ("ecr", "describe_repositories", {"repositoryNames": ["equal"]}),
            ("ecr", "describe_images", image),
            ("ecr", "batch_get_image", {**image, "imageIds": image["imageIds"] + [{"imageTag": "none"}]}),
            ("ecr", "get_authorization_token", {}),
            ("ecr", "describe_images in vain", {"repositoryName": "equal", "imageIds": [{"imageTag": "none"}]}),
            ("ecr", "describe_repositories in vain", {"repositoryNames": ["nobody"]}),
            ("secretsmanager", "describe_secret", {"SecretId": "equal/token"}),
            ("secretsmanager", "get_secret_value", {"SecretId": "equal/token"}),
            ("secretsmanager", "describe_secret in vain", {"SecretId": "nobody"}),
            ("cloudwatch", "describe_alarms", {"AlarmNames": ["equal"]}),
            ("logs", "get_log_events", {**stream, "startFromHead": True}),
            ("logs", "filter_log_events", {"logGroupName": "/ecs/door"}),
            ("logs", "get_log_events in vain", {**stream, "logGroupName": "nowhere"}),
            ("elbv2", "describe_target_groups", {"TargetGroupArns": [self.group]}),
            ("elbv2", "describe_target_health", group),
            ("elbv2", "describe_target_group_attributes", group),
            ("elbv2", "describe_load_balancers", {"LoadBalancerArns": [self.balancer]}),
            ("elbv2", "describe_listeners", {"LoadBalancerArn": self.balancer}),
            ("elbv2", "describe_rules", {"ListenerArn": self.listener}),
            ("elbv2", "describe_target_groups in vain", {"Names": ["nowhere"]}),
        ]
