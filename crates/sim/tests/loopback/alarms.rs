//! `CloudWatch` over loopback, in the three protocols that its clients speak, and alarms that a scenario scripts.
//!
//! What the operations do in detail is tested beside them.

use std::time::Duration;

use serde_json::{Value, json};
use towpath_sim::{Options, Simulator};

use crate::{
    scenario::{deploy_to_production, shop},
    support::{call, exchange, options, query, signed, start},
};

const ACCOUNT: &str = "111111111111";
const FAILURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/scenarios/failures.toml");
const ERRORS: &str =
    "default-account = \"111111111111\"\ndefault-region = \"us-west-2\"\n[[alarms]]\nname = \"errors\"\n";

async fn describe(simulator: &Simulator) -> Value {
    call(simulator, ACCOUNT, "GraniteServiceVersion20100801.DescribeAlarms", &json!({})).await.json()
}

/// The states of the alarm `errors` in production after each number of seconds.
async fn states(simulator: &Simulator, seconds: &[u64]) -> Vec<String> {
    let mut states = Vec::new();
    for step in seconds {
        simulator.advance(Duration::from_secs(*step));
        let target = "GraniteServiceVersion20100801.DescribeAlarms";
        let answer = call(simulator, "333333333333", target, &json!({"AlarmNames": ["errors"]})).await.json();
        states.push(answer["MetricAlarms"][0]["StateValue"].as_str().unwrap().to_owned());
    }
    states
}

/// The shop, with an alarm in production that changes as `change` says.
async fn shop_with(change: &str) -> Simulator {
    let text = std::fs::read_to_string(crate::scenario::SHOP).unwrap();
    let alarm = "[[alarms]]\nname = \"errors\"\naccount = \"333333333333\"";
    start(&format!("{text}\n{alarm}\nchanges = [{{ {change} }}]\n")).await
}

#[tokio::test]
async fn json_is_spoken_in_version_1_0() {
    let simulator = start(ERRORS).await;
    let target = "GraniteServiceVersion20100801.SetAlarmState";
    let input = json!({"AlarmName": "errors", "StateValue": "ALARM", "StateReason": "too many"});
    let answer = call(&simulator, ACCOUNT, target, &input).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/x-amz-json-1.0")));
    assert_eq!(describe(&simulator).await["MetricAlarms"][0]["StateValue"], "ALARM");
    let input = json!({"AlarmName": "nowhere", "StateValue": "ALARM", "StateReason": "r"});
    let refused = call(&simulator, ACCOUNT, target, &input).await;
    assert_eq!((refused.status, &refused.json()["__type"]), (404, &json!("ResourceNotFound")));
    assert_eq!(refused.header("x-amzn-query-error"), Some("ResourceNotFound;Sender"));
}

#[tokio::test]
async fn a_form_is_answered_in_xml() {
    let simulator = start(ERRORS).await;
    let form = "Action=SetAlarmState&Version=2010-08-01&AlarmName=errors&StateValue=ALARM&StateReason=too+many";
    let answer = query(&simulator, ACCOUNT, "monitoring", form).await;
    assert_eq!(answer.status, 200);
    assert!(!answer.body.contains("SetAlarmStateResult"), "{}", answer.body);
    let form = "Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=errors&MaxRecords=5";
    let answer = query(&simulator, ACCOUNT, "monitoring", form).await;
    for part in
        ["<MetricAlarms><member>", "<StateValue>ALARM</StateValue>", "<StateUpdatedTimestamp>2026-01-01T00:00:00.000Z<"]
    {
        assert!(answer.body.contains(part), "{part}: {}", answer.body);
    }
    let form = "Action=DescribeAlarms&Version=2010-08-01&NextToken=x";
    let refused = query(&simulator, ACCOUNT, "monitoring", form).await;
    assert!(refused.status == 400 && refused.body.contains("<Code>InvalidNextToken</Code>"), "{refused:?}");
}

#[tokio::test]
async fn smithys_rpc_is_spoken_in_cbor() {
    let simulator = start(ERRORS).await;
    let authorization = signed(ACCOUNT, "monitoring");
    let headers =
        [("authorization", &*authorization), ("smithy-protocol", "rpc-v2-cbor"), ("content-type", "application/cbor")];
    let send = async |operation: &str, body: &[u8]| {
        let line = format!("POST /service/GraniteServiceVersion20100801/operation/{operation}");
        String::from_utf8_lossy(&exchange(&simulator, &line, &headers, body).await).into_owned()
    };
    // {"AlarmNames": ["errors"]}
    let answer = send("DescribeAlarms", b"\xa1\x6aAlarmNames\x81\x66errors").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    for part in ["content-type: application/cbor", "smithy-protocol: rpc-v2-cbor", "jStateValuebOK"] {
        assert!(answer.contains(part), "{part}: {answer}");
    }
    // {"AlarmNames": []}
    let refused = send("DeleteAlarms", b"\xa1\x6aAlarmNames\x80").await;
    assert!(refused.starts_with("HTTP/1.1 400") && refused.contains("oValidationError"), "{refused}");
    let garbage = send("DescribeAlarms", b"\xff").await;
    assert!(garbage.starts_with("HTTP/1.1 400") && garbage.contains("SerializationException"), "{garbage}");
}

#[tokio::test]
async fn an_alarm_rings_some_time_after_a_rollout_of_an_image_began() {
    let simulator = shop_with("when = { rollout = \"shop-api:1.2.0\" }, after = 30, lasts = 100").await;
    assert_eq!(states(&simulator, &[1000]).await, ["OK"]);
    deploy_to_production(&simulator, "1.1.0").await;
    assert_eq!(states(&simulator, &[1000]).await, ["OK"]);
    deploy_to_production(&simulator, "1.2.0").await;
    assert_eq!(states(&simulator, &[29, 1, 99, 1]).await, ["OK", "ALARM", "ALARM", "OK"]);
}

#[tokio::test]
async fn an_alarm_rings_while_an_image_runs() {
    let simulator = shop_with("when = { runs = \"shop-api:1.2.0\" }, after = 10").await;
    deploy_to_production(&simulator, "1.2.0").await;
    assert_eq!(states(&simulator, &[20, 15, 1000]).await, ["OK", "ALARM", "ALARM"]);
    deploy_to_production(&simulator, "1.1.0").await;
    assert_eq!(states(&simulator, &[1000]).await, ["OK"]);
}

#[tokio::test]
async fn what_a_scenario_says_of_an_alarm_is_there_from_the_start() {
    let more = "state = \"ALARM\"\nreason = \"too many\"\nput-metric-alarm = { Threshold = 7, AlarmDescription = \"5xx\" }\nchanges = [{ when = \"start\", after = 60, to = \"OK\" }]";
    let simulator = start(&format!("{ERRORS}{more}")).await;
    let alarm = describe(&simulator).await["MetricAlarms"][0].clone();
    assert_eq!(
        (&alarm["StateValue"], &alarm["StateReason"], &alarm["Threshold"]),
        (&json!("ALARM"), &json!("too many"), &json!(7.0))
    );
    simulator.advance(Duration::from_mins(1));
    assert_eq!(describe(&simulator).await["MetricAlarms"][0]["StateValue"], "OK");
}

#[tokio::test]
async fn alarms_are_of_one_account() {
    let simulator = shop().await;
    let input = json!({"AlarmName": "errors", "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 5, "MetricName": "m", "Namespace": "n", "Statistic": "Sum", "Period": 60});
    call(&simulator, "333333333333", "GraniteServiceVersion20100801.PutMetricAlarm", &input).await;
    assert_eq!(describe(&simulator).await["MetricAlarms"], json!([]));
    assert_eq!(states(&simulator, &[0]).await, ["INSUFFICIENT_DATA"]);
}

#[tokio::test]
async fn an_alarm_may_be_scripted_while_the_simulator_runs() {
    let simulator = start(ERRORS).await;
    let spec = |text: &str| toml::from_str(&format!("name = \"errors\"\n{text}")).unwrap();
    simulator.set_alarm(&spec("changes = [{ when = \"start\", after = 60 }]")).unwrap();
    simulator.advance(Duration::from_mins(1));
    assert_eq!(describe(&simulator).await["MetricAlarms"][0]["StateValue"], "ALARM");
    let refused = simulator.set_alarm(&spec("changes = [{ when = \"start\", after = -1 }]")).unwrap_err();
    assert_eq!(refused.code, "ValidationError");
}

#[tokio::test]
async fn scripts_and_streams_go_on_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(FAILURES).unwrap();
    let kept = || Options { state: Some(directory.path().to_owned()), ..options(&text) };
    let first = Simulator::start(kept()).await.unwrap();
    first
        .set_alarm(&toml::from_str("name = \"shop-api-5xx\"\nchanges = [{ when = \"start\", after = 60 }]").unwrap())
        .unwrap();
    first.shutdown().await.unwrap();

    let second = Simulator::start(kept()).await.unwrap();
    second.advance(Duration::from_mins(1));
    assert_eq!(describe(&second).await["MetricAlarms"][0]["StateValue"], "ALARM");
    let input = json!({"logGroupName": "/ecs/shop-api", "filterPattern": "listening"});
    let found = call(&second, ACCOUNT, "Logs_20140328.FilterLogEvents", &input).await.json();
    assert_eq!(found["events"].as_array().unwrap().len(), 2, "{found}");
}

#[tokio::test]
async fn ecs_rolls_back_what_only_an_alarm_sees() {
    let text = std::fs::read_to_string(FAILURES).unwrap();
    let simulator = start(&text).await;
    let ecs = async |operation: &str, input: Value| {
        call(&simulator, ACCOUNT, &format!("AmazonEC2ContainerServiceV20141113.{operation}"), &input).await.json()
    };
    let described = ecs("DescribeTaskDefinition", json!({"taskDefinition": "shop-api"})).await;
    let mut container = described["taskDefinition"]["containerDefinitions"][0].clone();
    container["image"] = json!("111111111111.dkr.ecr.us-west-2.amazonaws.com/shop-api:alarming");
    let mut next = json!({"family": "shop-api", "containerDefinitions": [container]});
    for member in ["networkMode", "requiresCompatibilities", "cpu", "memory", "executionRoleArn"] {
        next[member] = described["taskDefinition"][member].clone();
    }
    ecs("RegisterTaskDefinition", next).await;
    let input = json!({"cluster": "shop", "service": "shop-api", "taskDefinition": "shop-api:2"});
    ecs("UpdateService", input).await;
    simulator.advance(Duration::from_mins(30));
    let listed = ecs("ListServiceDeployments", json!({"cluster": "shop", "service": "shop-api"})).await;
    assert_eq!(listed["serviceDeployments"][0]["status"], "ROLLBACK_SUCCESSFUL", "{listed}");
    assert_eq!(describe(&simulator).await["MetricAlarms"][0]["StateValue"], "OK");
}
