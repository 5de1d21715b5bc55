//! `CloudWatch`, Elastic Load Balancing and `CloudWatch` Logs: what tells why a rollout fails.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::{
    Check,
    client::{Client, expect, text},
};

/// See `world.toml`.
const GROUP: &str = "arn:aws:elasticloadbalancing:us-west-2:111111111111:targetgroup/door/0000000000000000";

pub(super) const CHECKS: [Check; 3] = [
    ("an alarm is made, rings and is deleted", alarms),
    ("targets are healthy, and say so", targets),
    ("the lines of a task are found by its stream", logs),
];

fn alarms(client: &Client<'_>) -> Result<()> {
    let definition = "--namespace AWS/ApplicationELB --metric-name HTTPCode_Target_5XX_Count --statistic Sum --period 60 --evaluation-periods 1 --threshold 5 --comparison-operator GreaterThanThreshold";
    client.aws(&format!("cloudwatch put-metric-alarm --alarm-name peer-5xx {definition}"))?;
    let described = "cloudwatch describe-alarms --alarm-names peer-5xx";
    expect(&client.aws(described)?, "/MetricAlarms/0/StateValue", "INSUFFICIENT_DATA")?;
    let line = "cloudwatch set-alarm-state --alarm-name peer-5xx --state-value ALARM --state-reason";
    client.aws_with(line, &["too many errors"])?;
    let alarm = client.aws(described)?;
    expect(&alarm, "/MetricAlarms/0/StateValue", "ALARM")?;
    expect(&alarm, "/MetricAlarms/0/StateReason", "too many errors")?;
    expect(&alarm, "/MetricAlarms/0/Threshold", 5.0)?;
    let ringing = client.aws("cloudwatch describe-alarms --state-value ALARM --alarm-name-prefix peer")?;
    expect(&ringing, "/MetricAlarms/0/AlarmName", "peer-5xx")?;
    let history = client.aws("cloudwatch describe-alarm-history --alarm-name peer-5xx --max-items 1")?;
    let summary = "Alarm updated from INSUFFICIENT_DATA to ALARM";
    expect(&history, "/AlarmHistoryItems/0/HistorySummary", summary)?;
    client.aws("cloudwatch delete-alarms --alarm-names peer-5xx")?;
    expect(&client.aws(described)?, "/MetricAlarms", json!([]))?;
    client.refused("ResourceNotFound", "cloudwatch delete-alarms --alarm-names peer-5xx", &[])
}

fn targets(client: &Client<'_>) -> Result<()> {
    let health = client.aws(&format!("elbv2 describe-target-health --target-group-arn {GROUP}"))?;
    expect(&health, "/TargetHealthDescriptions/0/TargetHealth/State", "healthy")?;
    expect(&health, "/TargetHealthDescriptions/0/Target/Port", 8080)?;
    let groups = client.aws("elbv2 describe-target-groups --names door")?;
    expect(&groups, "/TargetGroups/0/TargetGroupArn", GROUP)?;
    let balancer = client.aws("elbv2 describe-load-balancers --names front")?;
    let arn = text(&balancer, "/LoadBalancers/0/LoadBalancerArn")?;
    expect(&groups, "/TargetGroups/0/LoadBalancerArns/0", arn)?;
    let listeners = client.aws(&format!("elbv2 describe-listeners --load-balancer-arn {arn}"))?;
    expect(&listeners, "/Listeners/0/DefaultActions/0/TargetGroupArn", GROUP)?;
    client.refused("TargetGroupNotFound", "elbv2 describe-target-groups --names nowhere", &[])
}

fn logs(client: &Client<'_>) -> Result<()> {
    let listed = client.aws("ecs list-tasks --cluster evidence --service-name door")?;
    let task = text(&listed, "/taskArns/0")?.rsplit('/').next().context("a task has no id")?.to_owned();
    let line = format!("logs get-log-events --log-group-name /ecs/door --log-stream-name ecs/door/{task}");
    let read = client.aws(&format!("{line} --start-from-head --limit 1"))?;
    expect(&read, "/events/0/message", "listening")?;
    let newest = client.aws(&format!("{line} --limit 5"))?;
    let events = newest["events"].as_array().map_or(0, Vec::len);
    ensure!(events == 5, "{events} lines were read, not 5");
    let found = client.aws("logs filter-log-events --log-group-name /ecs/door --filter-pattern listening")?;
    expect(&found, "/events/0/logStreamName", Value::from(format!("ecs/door/{task}")))?;
    let nowhere = "logs get-log-events --log-group-name nowhere --log-stream-name none";
    client.refused("ResourceNotFoundException", nowhere, &[])
}
