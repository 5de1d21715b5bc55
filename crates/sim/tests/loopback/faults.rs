//! Faults over loopback: what the client sees, and whether the operation was carried out.
//!
//! Which calls a fault strikes is tested beside the plan.

use std::{sync::Arc, time::Duration};

use crate::support::{Answer, start, try_call};
use serde_json::{Value, json};
use towpath_sim::{
    Simulator,
    faults::{Fault, FaultKind},
};

const CREATE: &str = "AmazonEC2ContainerRegistry_V20150921.CreateRepository";

async fn create(simulator: &Simulator) -> Option<Answer> {
    try_call(simulator, "111111111111", CREATE, &json!({"repositoryName": "shop"})).await
}

/// What a call with a fault is answered, and whether the repository is there afterwards.
async fn check(fault: Fault, expected: Option<(u16, &str)>, is_made: bool) {
    let simulator = start("").await;
    let kind = fault.kind;
    simulator.add_fault(fault);
    let answer = create(&simulator).await;
    let seen = answer.as_ref().map(|answer| {
        let code = answer.json()["__type"].as_str().unwrap_or_default().to_owned();
        (answer.status, code)
    });
    assert_eq!(seen, expected.map(|(status, code)| (status, code.to_owned())), "{kind:?}");
    let call = &simulator.calls()[0];
    assert_eq!((call.fault, call.accepted), (Some(kind), is_made), "{kind:?}");
    assert_eq!(call.status, expected.map(|(status, _)| status), "{kind:?}");
    simulator.clear_faults();
    let again = create(&simulator).await.unwrap().status;
    assert_eq!(again, if is_made { 400 } else { 200 }, "{kind:?}");
}

fn fault(kind: FaultKind) -> Fault {
    Fault::new("CreateRepository", kind)
}

#[tokio::test]
async fn each_kind_is_carried_out_or_not_and_answered_as_it_says() {
    check(fault(FaultKind::Throttle), Some((400, "ThrottlingException")), false).await;
    check(fault(FaultKind::ErrorBefore), Some((500, "ServerException")), false).await;
    check(fault(FaultKind::ErrorAfter), Some((500, "ServerException")), true).await;
    check(fault(FaultKind::DropBefore), None, false).await;
    check(fault(FaultKind::DropAfter), None, true).await;
    let expired = Fault { code: Some("ExpiredTokenException".to_owned()), ..fault(FaultKind::Status) };
    check(expired, Some((400, "ExpiredTokenException")), false).await;
    check(Fault { delay_ms: Some(1), ..fault(FaultKind::Delay) }, Some((200, "")), true).await;
}

#[tokio::test]
async fn a_truncated_answer_promises_more_than_it_holds() {
    let simulator = start("").await;
    simulator.add_fault(fault(FaultKind::Truncate));
    let answer = create(&simulator).await.unwrap();
    let promised: usize = answer.header("content-length").unwrap().parse().unwrap();
    assert_eq!(answer.body.len(), promised / 2);
    assert!(serde_json::from_str::<Value>(&answer.body).is_err());
}

#[tokio::test]
async fn garbage_is_a_success_that_nobody_can_read() {
    let simulator = start("").await;
    simulator.add_fault(fault(FaultKind::Garbage));
    let answer = create(&simulator).await.unwrap();
    assert_eq!(answer.status, 200);
    assert!(serde_json::from_str::<Value>(&answer.body).is_err());
}

#[tokio::test]
async fn a_call_hangs_until_the_faults_are_cleared() {
    let simulator = Arc::new(start("").await);
    simulator.add_fault(fault(FaultKind::Hang));
    let hanging = tokio::spawn({
        let simulator = Arc::clone(&simulator);
        async move { create(&simulator).await }
    });
    while simulator.calls().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(!simulator.calls()[0].accepted);
    simulator.clear_faults();
    assert_eq!(hanging.await.unwrap().unwrap().status, 200);
    assert!(simulator.calls()[0].accepted);
}

const SERVICE: &str = r#"
    default-account = "111111111111"
    default-region = "us-west-2"
    [[services]]
    name = "api"
    cluster = "shop"
    task-definition = { family = "api", containerDefinitions = [{ name = "api", image = "nginx", memory = 128 }] }
"#;

/// A simulator with a service and a fault, as a scenario writes it.
async fn with_fault(fault: &str) -> Simulator {
    start(&format!("{SERVICE}\n[[faults]]\noperation = \"DescribeServices\"\n{fault}")).await
}

async fn describe(simulator: &Simulator) -> Value {
    let input = json!({"cluster": "shop", "services": ["api"]});
    try_call(simulator, "111111111111", "AmazonEC2ContainerServiceV20141113.DescribeServices", &input)
        .await
        .unwrap()
        .json()
}

#[tokio::test]
async fn an_answer_may_have_values_that_nobody_knows_and_lack_members() {
    let simulator = with_fault("kind = \"edit\"\nset = { \"/services/*/status\" = \"HIBERNATING\" }\nremove = [\"/services/*/deployments/*/rolloutState\"]").await;
    let answer = describe(&simulator).await;
    assert_eq!(answer["services"][0]["status"], "HIBERNATING");
    assert!(answer["services"][0]["deployments"][0].get("rolloutState").is_none(), "{answer}");
    assert!(answer["services"][0]["deployments"][0].get("rolloutStateReason").is_some(), "{answer}");
}

#[tokio::test]
async fn a_service_may_be_missing_now_and_then() {
    let simulator = with_fault("kind = \"missing\"\non = [2]").await;
    let seen = async || describe(&simulator).await["services"].as_array().unwrap().len();
    assert_eq!((seen().await, seen().await, seen().await), (1, 0, 1));
    simulator.add_fault(Fault::new("DescribeServices", FaultKind::Missing));
    let answer = describe(&simulator).await;
    assert_eq!(
        answer["failures"][0],
        json!({"arn": "arn:aws:ecs:us-west-2:111111111111:service/shop/api", "reason": "MISSING"})
    );
}

#[tokio::test]
async fn reads_may_go_backwards() {
    let simulator = with_fault("kind = \"stale\"\non = [3]").await;
    let wanted = async || describe(&simulator).await["services"][0]["desiredCount"].as_u64().unwrap();
    assert_eq!(wanted().await, 1);
    let input = json!({"cluster": "shop", "service": "api", "desiredCount": 4});
    try_call(&simulator, "111111111111", "AmazonEC2ContainerServiceV20141113.UpdateService", &input).await.unwrap();
    assert_eq!((wanted().await, wanted().await, wanted().await), (4, 1, 4));
}

#[tokio::test]
async fn somebody_else_may_come_first_or_right_after() {
    for (kind, expected) in [("interfere-before", (4, 4)), ("interfere-after", (1, 4))] {
        let call = "call = { operation = \"UpdateService\", input = { cluster = \"shop\", service = \"api\", desiredCount = 4 } }";
        let simulator = with_fault(&format!("kind = \"{kind}\"\ncount = 1\n{call}")).await;
        let wanted = async || describe(&simulator).await["services"][0]["desiredCount"].as_u64().unwrap();
        assert_eq!((wanted().await, wanted().await), expected, "{kind}");
        let other = simulator.calls().into_iter().find(|call| call.operation == "UpdateService").unwrap();
        assert_eq!((other.caller.as_str(), other.accepted), ("arn:aws:iam::111111111111:user/somebody-else", true));
    }
}

#[tokio::test]
async fn credentials_may_expire_in_the_middle_of_a_run() {
    let simulator = with_fault("kind = \"expired-credentials\"\nafter = 60").await;
    assert_eq!(describe(&simulator).await["services"][0]["status"], "ACTIVE");
    simulator.advance(Duration::from_mins(1));
    assert_eq!(describe(&simulator).await["__type"], "ExpiredTokenException");
    let form = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2Fdeploy&RoleSessionName=again";
    let assumed = crate::support::sts(&simulator, "AKIASIM0111111111111", form).await;
    let key = assumed.body.split("<AccessKeyId>").nth(1).unwrap().split('<').next().unwrap();
    let authorization = crate::support::signed("111111111111", "ecs").replace("AKIASIM0111111111111", key);
    let headers = [
        ("authorization", &*authorization),
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "AmazonEC2ContainerServiceV20141113.DescribeServices"),
    ];
    let body = "{\"cluster\": \"shop\", \"services\": [\"api\"]}";
    let answer = crate::support::request(&simulator, "POST /", &headers, body).await.unwrap();
    assert_eq!(answer.json()["services"][0]["status"], "ACTIVE");
}

#[tokio::test]
async fn a_token_bucket_fills_again_in_simulated_time() {
    let simulator = with_fault("kind = \"throttle\"\nbucket = { size = 2, per-second = 0.1 }").await;
    let is_throttled = async || describe(&simulator).await["__type"] == "ThrottlingException";
    assert!(!is_throttled().await && !is_throttled().await && is_throttled().await);
    simulator.advance(Duration::from_secs(10));
    assert!(!is_throttled().await && is_throttled().await);
}

#[tokio::test]
async fn every_service_is_struck_in_its_own_words() {
    let simulator = start("").await;
    simulator.add_fault(Fault::new("*", FaultKind::Throttle));
    let code = |answer: &Answer| answer.json()["__type"].clone();
    let logs = crate::support::call(&simulator, "111111111111", "Logs_20140328.GetLogEvents", &json!({})).await;
    assert_eq!((logs.status, code(&logs)), (400, json!("ThrottlingException")));
    let alarms =
        crate::support::call(&simulator, "111111111111", "GraniteServiceVersion20100801.DescribeAlarms", &json!({}))
            .await;
    assert_eq!((alarms.status, code(&alarms)), (400, json!("Throttling")));
    let form = "Action=DescribeTargetGroups&Version=2015-12-01";
    let targets = crate::support::query(&simulator, "111111111111", "elasticloadbalancing", form).await;
    assert!(targets.status == 400 && targets.body.contains("<Code>Throttling</Code>"), "{targets:?}");
    simulator.clear_faults();
    let denied = Fault {
        code: Some("AccessDenied".to_owned()),
        status: Some(403),
        ..Fault::new("DescribeTargetGroups", FaultKind::Status)
    };
    simulator.add_fault(denied);
    let targets = crate::support::query(&simulator, "111111111111", "elasticloadbalancing", form).await;
    assert!(targets.status == 403 && targets.body.contains("<Code>AccessDenied</Code>"), "{targets:?}");
}
