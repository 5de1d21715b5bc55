"""What a deployment tool asks when a rollout fails: alarms, target health and logs, of the service `door` in `world.toml`."""

from shapes import judge_cbor, judge_xml

GROUP = "arn:aws:elasticloadbalancing:us-west-2:111111111111:targetgroup/door/0000000000000000"


class Diagnosis:
    """The checks, with the clients and the helpers of `boto3_checks.py`."""

    def __init__(self, client, advance, same, refused):
        self.alarms, self.balancing, self.logs, self.ecs = (
            client(service) for service in ("cloudwatch", "elbv2", "logs", "ecs")
        )
        self.advance, self.same, self.refused = advance, same, refused

    def check_the_checking(self):
        """As for JSON: what is wrong in XML and in CBOR is found."""
        describe = self.alarms.meta.service_model.operation_model("DescribeAlarms")
        headers = {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
        # {"MetricAlarms": [{"Threshold": "5"}]}
        body = b"\xa1\x6cMetricAlarms\x81\xa1\x69Threshold\x61\x35"
        found = list(judge_cbor(describe, {"status_code": 200, "headers": headers, "body": body}))
        self.same(found, ["/MetricAlarms/0/Threshold is '5', not a number"], "what is found in CBOR")
        describe = self.balancing.meta.service_model.operation_model("DescribeTargetGroups")
        group = "<item><Port>http</Port><HealthCheckEnabled>yes</HealthCheckEnabled></item>"
        result = f"<DescribeTargetGroupsResult><TargetGroups>{group}</TargetGroups></DescribeTargetGroupsResult>"
        metadata = "<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>"
        space = describe.metadata["xmlNamespace"]
        body = f'<DescribeTargetGroupsResponse xmlns="{space}">{result}{metadata}</DescribeTargetGroupsResponse>'
        found = list(judge_xml(describe, {"status_code": 200, "headers": {}, "body": body}))
        expected = [
            "/TargetGroups has a item, not only members",
            "/TargetGroups/0/Port is 'http', not an integer",
            "/TargetGroups/0/HealthCheckEnabled is 'yes', not a boolean",
        ]
        self.same(found, expected, "what is found in XML")

    def check_alarms(self):
        def names(**question):
            return [alarm["AlarmName"] for alarm in self.alarms.describe_alarms(**question)["MetricAlarms"]]

        definition = {
            "Namespace": "AWS/ApplicationELB",
            "MetricName": "HTTPCode_Target_5XX_Count",
            "Dimensions": [{"Name": "LoadBalancer", "Value": "app/front/0"}],
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 5,
            "ComparisonOperator": "GreaterThanThreshold",
        }
        for name in ("peer-a", "peer-b"):
            self.alarms.put_metric_alarm(AlarmName=name, **definition)
        self.alarms.set_alarm_state(AlarmName="peer-b", StateValue="ALARM", StateReason="to see what comes")
        self.same(names(AlarmNamePrefix="peer-"), ["peer-a", "peer-b"], "the alarms with a prefix")
        self.same(names(AlarmNames=["peer-b", "nowhere"]), ["peer-b"], "the alarms by name")
        self.same(names(StateValue="ALARM"), ["peer-b"], "the alarms that ring")
        pages = self.alarms.get_paginator("describe_alarms").paginate(PaginationConfig={"PageSize": 1})
        self.same(sum(len(page["MetricAlarms"]) for page in pages), 3, "the alarms over all pages")
        alarm = self.alarms.describe_alarms(AlarmNames=["peer-b"])["MetricAlarms"][0]
        self.same((alarm["Threshold"], alarm["StateReason"]), (5.0, "to see what comes"), "the alarm")
        self.same(alarm["StateUpdatedTimestamp"].year, 2026, "the year of the change")
        self.alarms.get_waiter("alarm_exists").wait(AlarmNames=["peer-a"])
        history = self.alarms.describe_alarm_history(AlarmName="peer-b", HistoryItemType="StateUpdate")
        summaries = [item["HistorySummary"] for item in history["AlarmHistoryItems"]]
        self.same(summaries, ["Alarm updated from INSUFFICIENT_DATA to ALARM"], "the history")
        self.alarms.delete_alarms(AlarmNames=["peer-a", "peer-b"])
        self.same(names(), ["door-errors"], "the alarms that are left")
        state = {"StateValue": "OK", "StateReason": "none"}
        self.refused("ResourceNotFound", self.alarms.set_alarm_state, AlarmName="nowhere", **state)
        self.refused("InvalidNextToken", self.alarms.describe_alarms, NextToken="x")

    def check_targets(self):
        def health():
            described = self.balancing.describe_target_health(TargetGroupArn=GROUP)["TargetHealthDescriptions"]
            return sorted((one["Target"]["Port"], one["TargetHealth"]["State"]) for one in described)

        self.same(health(), [(8080, "healthy")], "the health of the targets")
        self.ecs.update_service(cluster="evidence", service="door", forceNewDeployment=True)
        # PENDING, then until the task runs, but not until it is healthy.
        self.advance(120 + 25)
        self.same(health(), [(8080, "healthy"), (8080, "initial")], "the health of the targets")
        asked = self.balancing.describe_target_health(TargetGroupArn=GROUP, Targets=[{"Id": "10.9.9.9", "Port": 80}])
        reason = asked["TargetHealthDescriptions"][0]["TargetHealth"]["Reason"]
        self.same(reason, "Target.NotRegistered", "the health of nobody")
        self.balancing.get_waiter("load_balancer_available").wait(Names=["front"])
        balancer = self.balancing.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
        groups = self.balancing.describe_target_groups(LoadBalancerArn=balancer)["TargetGroups"]
        self.same([group["TargetGroupArn"] for group in groups], [GROUP], "the target groups")
        attributes = self.balancing.describe_target_group_attributes(TargetGroupArn=GROUP)["Attributes"]
        delay = {one["Key"]: one["Value"] for one in attributes}["deregistration_delay.timeout_seconds"]
        self.same(delay, "15", "the deregistration delay")
        listener = self.balancing.describe_listeners(LoadBalancerArn=balancer)["Listeners"][0]
        rules = self.balancing.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
        self.same([rule["Priority"] for rule in rules], ["1", "default"], "the rules")
        self.refused("TargetGroupNotFound", self.balancing.describe_target_groups, Names=["nowhere"])
        self.refused("LoadBalancerNotFound", self.balancing.describe_load_balancers, Names=["nowhere"])

    def check_logs(self):
        groups = self.logs.describe_log_groups(logGroupNamePrefix="/ecs/")["logGroups"]
        self.same([group["logGroupName"] for group in groups], ["/ecs/door"], "the groups")
        streams = self.logs.describe_log_streams(logGroupName="/ecs/door", orderBy="LastEventTime")["logStreams"]
        stream = {"logGroupName": "/ecs/door", "logStreamName": streams[-1]["logStreamName"]}
        first = self.logs.get_log_events(**stream, limit=1, startFromHead=True)
        self.same([event["message"] for event in first["events"]], ["listening"], "the first line")
        token, read = first["nextForwardToken"], []
        while True:
            page = self.logs.get_log_events(**stream, nextToken=token, startFromHead=True, limit=1000)
            read += [event["message"] for event in page["events"]]
            if page["nextForwardToken"] == token:
                break
            token = page["nextForwardToken"]
        self.same(set(read), {"GET /healthz 200"}, "the lines after that")
        pages = self.logs.get_paginator("filter_log_events").paginate(
            logGroupName="/ecs/door", filterPattern="listening", PaginationConfig={"PageSize": 1}
        )
        found = [event["message"] for page in pages for event in page["events"]]
        self.same(found, ["listening"] * len(streams), "the filtered lines")
        question = {"logGroupName": "nowhere", "logStreamName": "none"}
        self.refused("ResourceNotFoundException", self.logs.get_log_events, **question)
        question["logGroupName"] = "/ecs/door"
        self.refused("ResourceNotFoundException", self.logs.get_log_events, **question)
