//! Alarms: batched, paged, of both kinds, and what goes wrong.

use serde_json::{Value, json};
use towpath_aws::Aws;
use towpath_core::{
    identifier::AlarmName,
    ports::{Alarms as _, CallError, Fault},
    rollout::{Alarm, AlarmState},
};

use crate::server::{Act, Server, check_unanswered, denial, unanswered};

fn names(all: impl IntoIterator<Item = usize>) -> Vec<AlarmName> {
    all.into_iter().map(|number| format!("alarm-{number:03}").parse().unwrap()).collect()
}

fn alarm(name: &str) -> Value {
    json!({"AlarmName": name, "StateValue": "OK", "unheardOf": 1})
}

/// The names in a request, which is CBOR and has them as text.
fn asked(text: &str) -> Vec<String> {
    text.match_indices("alarm-").map(|(at, _)| text[at..at + 9].to_owned()).collect()
}

async fn look(aws: &Aws) -> Result<Vec<Alarm>, CallError> {
    aws.alarms().look(&names([1])).await
}

#[tokio::test]
async fn any_number_of_alarms_comes_a_hundred_a_call_in_the_order_asked_without_those_that_do_not_exist() {
    let server = Server::start(|_, request| {
        let asked = asked(&request.text());
        assert!((1..=100).contains(&asked.len()), "{}", asked.len());
        let there = asked.iter().rev().filter(|name| !name.ends_with('7'));
        let (metric, composite): (Vec<_>, Vec<_>) = there.partition(|name| name.ends_with('1'));
        let of = |names: Vec<&String>| names.into_iter().map(|name| alarm(name)).collect::<Vec<_>>();
        Act::Cbor(200, json!({"MetricAlarms": of(metric), "CompositeAlarms": of(composite)}))
    })
    .await;
    let all: Vec<AlarmName> = [names((0..230).rev()), names([3, 3])].concat();
    let found = server.aws().await.alarms().look(&all).await.unwrap();
    let expected: Vec<AlarmName> =
        names((0..230).rev()).into_iter().filter(|name| !name.as_str().ends_with('7')).collect();
    assert_eq!(found.into_iter().map(|alarm| alarm.name).collect::<Vec<_>>(), expected);
    assert_eq!(server.operations(), ["DescribeAlarms"; 3]);
    let text = server.requests()[0].text().into_owned();
    assert!(text.contains("CompositeAlarm") && text.contains("MetricAlarm") && text.contains("MaxRecords"), "{text}");
}

#[tokio::test]
async fn every_page_is_read() {
    let server = Server::start(|number, request| {
        if number == 1 {
            return Act::Cbor(200, json!({"MetricAlarms": [], "NextToken": "page-two"}));
        }
        assert!(request.text().contains("page-two"));
        Act::Cbor(200, json!({"MetricAlarms": [alarm("alarm-001")]}))
    })
    .await;
    assert_eq!(look(&server.aws().await).await.unwrap().len(), 1);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_firing_alarm_says_why_and_since_when() {
    let server = Server::start(|_, _| {
        let firing = json!({"AlarmName": "alarm-001", "StateValue": "ALARM", "StateReason": "Threshold Crossed",
            "StateUpdatedTimestamp": 1_763_761_300.5, "StateTransitionedTimestamp": 1_763_761_226.5});
        Act::Cbor(200, json!({"MetricAlarms": [firing], "CompositeAlarms": []}))
    })
    .await;
    let found = look(&server.aws().await).await.unwrap();
    let expected = Alarm {
        name: "alarm-001".parse().unwrap(),
        state: AlarmState::Firing,
        reason: Some("Threshold Crossed".to_owned()),
        since: Some("2025-11-21T21:40:26.5Z".parse().unwrap()),
    };
    assert_eq!(found, [expected]);
}

#[tokio::test]
async fn nothing_asked_is_nothing_sent() {
    let server = Server::start(|_, _| Act::Close).await;
    assert_eq!(server.aws().await.alarms().look(&[]).await.unwrap(), []);
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn a_denial_names_principal_action_and_resource() {
    let (message, expected) = denial("cloudwatch:DescribeAlarms", "arn:aws:cloudwatch:us-west-2:111111111111:alarm:*");
    let server = Server::start(move |_, _| Act::Cbor(403, json!({"__type": "AccessDenied", "message": message}))).await;
    let error = look(&server.aws().await).await.unwrap_err();
    assert_eq!((error.fault, server.requests().len()), (expected, 1));
    assert_eq!(error.operation, "cloudwatch:DescribeAlarms");
}

#[tokio::test]
async fn throttled_looks_are_repeated() {
    let server = Server::start(|number, _| match number {
        1..=4 => Act::Cbor(400, json!({"__type": "Throttling", "message": "Rate exceeded"})),
        _ => Act::Cbor(200, json!({"MetricAlarms": [alarm("alarm-001")]})),
    })
    .await;
    assert_eq!(look(&server.aws().await).await.unwrap().len(), 1);
    assert_eq!(server.requests().len(), 5);
}

#[tokio::test]
async fn what_is_no_answer_is_unanswered() {
    for act in unanswered() {
        let server = Server::start(move |_, _| act()).await;
        check_unanswered(&look(&server.aws().await).await.unwrap_err());
    }
}

#[tokio::test]
async fn an_alarm_without_a_state_is_no_answer() {
    let server = Server::start(|_, _| Act::Cbor(200, json!({"MetricAlarms": [{"AlarmName": "alarm-001"}]}))).await;
    let error = look(&server.aws().await).await.unwrap_err();
    assert!(matches!(error.fault, Fault::Unanswered { .. }) && error.message.contains("StateValue"), "{error}");
}
