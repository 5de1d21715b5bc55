//! Logs: pages of either direction, where a stream ends, and what goes wrong.

use jiff::Timestamp;
use serde_json::{Value, json};
use towpath_aws::Aws;
use towpath_core::{
    ports::{CallError, Fault, LogStream, Logs as _},
    rollout::LogLine,
};

use crate::server::{Act, Request, Server, check_unanswered, denial, refusal, unanswered};

const BEGAN: i64 = 1_763_761_226_000;

fn stream() -> LogStream {
    LogStream { region: None, group: "/ecs/api".to_owned(), stream: "api/api/0123".to_owned() }
}

/// Lines of these numbers, one a millisecond.
fn events(numbers: impl IntoIterator<Item = i64>) -> Value {
    let event = |number| json!({"timestamp": BEGAN + number, "message": format!("line {number}"), "ingestionTime": 0});
    numbers.into_iter().map(event).collect()
}

fn page(events: &Value, back: &str, on: &str) -> Act {
    Act::Json(200, json!({"events": events, "nextBackwardToken": back, "nextForwardToken": on}))
}

fn token(request: &Request) -> Option<String> {
    request.json()["nextToken"].as_str().map(str::to_owned)
}

fn texts(lines: &[LogLine]) -> Vec<&str> {
    lines.iter().map(|line| line.text.as_str()).collect()
}

async fn last(aws: &Aws, most: usize) -> Result<Vec<LogLine>, CallError> {
    aws.logs().last(&stream(), most).await
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test]
async fn the_last_lines_are_found_behind_empty_pages() {
    let server = Server::start(|_, request| match token(request).as_deref() {
        None => page(&json!([]), "b/1", "f/0"),
        Some("b/1") => page(&json!([]), "b/2", "f/0"),
        Some("b/2") => page(&events([7, 8]), "b/3", "f/0"),
        Some("b/3") => page(&json!([]), "b/3", "f/0"),
        Some(other) => panic!("{other}"),
    })
    .await;
    let lines = last(&server.aws().await, 20).await.unwrap();
    assert_eq!(texts(&lines), ["line 7", "line 8"]);
    assert_eq!(lines[0].at, Some(at("2025-11-21T21:40:26.007Z")));
    let requests = server.requests();
    assert_eq!(requests.len(), 4, "the token has changed no more");
    let expected =
        json!({"logGroupName": "/ecs/api", "logStreamName": "api/api/0123", "limit": 20, "startFromHead": false});
    assert_eq!(requests[0].json(), expected);
}

#[tokio::test]
async fn the_last_lines_of_several_pages_come_oldest_first_and_no_more_than_asked_for() {
    let server = Server::start(|_, request| match token(request).as_deref() {
        None => page(&events([7, 8]), "b/1", "f/0"),
        Some("b/1") => page(&events([4, 5, 6]), "b/2", "f/0"),
        Some(other) => panic!("{other}"),
    })
    .await;
    let lines = last(&server.aws().await, 4).await.unwrap();
    assert_eq!(texts(&lines), ["line 5", "line 6", "line 7", "line 8"]);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn no_lines_wanted_is_nothing_sent() {
    let server = Server::start(|_, _| Act::Close).await;
    assert_eq!(last(&server.aws().await, 0).await.unwrap(), []);
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn the_lines_since_a_time_are_read_until_the_token_changes_no_more() {
    let server = Server::start(|_, request| match token(request).as_deref() {
        None => page(&events([0, 1]), "b/0", "f/1"),
        Some("f/1") => page(&json!([]), "b/0", "f/2"),
        Some("f/2") => page(&events([2]), "b/0", "f/3"),
        Some("f/3") => page(&json!([]), "b/0", "f/3"),
        Some(other) => panic!("{other}"),
    })
    .await;
    let aws = server.aws().await;
    let lines = aws.logs().since(&stream(), at("2025-11-21T21:40:26.0005Z")).await.unwrap();
    assert_eq!(texts(&lines), ["line 1", "line 2"], "line 0 is half a millisecond too old");
    let requests = server.requests();
    assert_eq!(requests.len(), 4);
    let first = requests[0].json();
    assert_eq!(
        (&first["startFromHead"], &first["startTime"], &first["limit"]),
        (&json!(true), &json!(BEGAN), &json!(10_000))
    );
    assert_eq!(requests[1].json()["startTime"], json!(BEGAN), "a token continues the same question");
}

#[tokio::test]
async fn the_lines_since_a_time_are_at_most_ten_thousand() {
    let server = Server::start(|number, _| {
        let first = i64::try_from(number).unwrap() * 6_000;
        page(&events(first..first + 6_000), "b/0", &format!("f/{number}"))
    })
    .await;
    let lines = server.aws().await.logs().since(&stream(), Timestamp::UNIX_EPOCH).await.unwrap();
    assert_eq!((lines.len(), lines[0].text.as_str(), lines[9_999].text.as_str()), (10_000, "line 6000", "line 15999"));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_stream_of_empty_pages_has_an_end() {
    let server = Server::start(|number, _| page(&json!([]), &format!("b/{number}"), &format!("f/{number}"))).await;
    let aws = server.aws().await;
    assert_eq!(last(&aws, 5).await.unwrap(), []);
    assert_eq!(server.requests().len(), 50);
    assert_eq!(aws.logs().since(&stream(), Timestamp::UNIX_EPOCH).await.unwrap(), []);
    assert_eq!(server.requests().len(), 100);
}

#[tokio::test]
async fn what_does_not_exist_has_no_lines() {
    let server =
        Server::start(|_, _| refusal(400, "ResourceNotFoundException", "The specified log stream does not exist."))
            .await;
    let aws = server.aws().await;
    assert_eq!(last(&aws, 5).await.unwrap(), []);
    assert_eq!(aws.logs().since(&stream(), Timestamp::UNIX_EPOCH).await.unwrap(), []);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_stream_is_read_in_its_region_and_else_in_the_environments() {
    let server = Server::start(|_, _| page(&json!([]), "", "")).await;
    let aws = server.aws().await;
    last(&aws, 5).await.unwrap();
    let elsewhere = LogStream { region: Some("eu-central-1".parse().unwrap()), ..stream() };
    aws.logs().last(&elsewhere, 5).await.unwrap();
    let requests = server.requests();
    let scope = |number: usize| requests[number].header("authorization").unwrap().to_owned();
    assert!(scope(0).contains("/us-west-2/logs/"), "{}", scope(0));
    assert!(scope(1).contains("/eu-central-1/logs/"), "{}", scope(1));
}

#[tokio::test]
async fn a_denial_names_principal_action_and_resource() {
    let resource = "arn:aws:logs:us-west-2:111111111111:log-group:/ecs/api:log-stream:api/api/0123";
    let (message, expected) = denial("logs:GetLogEvents", resource);
    let server = Server::start(move |_, _| refusal(400, "AccessDeniedException", &message)).await;
    let error = last(&server.aws().await, 5).await.unwrap_err();
    assert_eq!((error.fault, error.operation.as_str()), (expected, "logs:GetLogEvents"));
}

#[tokio::test]
async fn throttled_reads_are_repeated_and_other_refusals_stand() {
    let server = Server::start(|number, _| match number {
        1..=4 => refusal(400, "ThrottlingException", "Rate exceeded"),
        _ => page(&events([1]), "", ""),
    })
    .await;
    assert_eq!(last(&server.aws().await, 5).await.unwrap().len(), 1);
    let server = Server::start(|_, _| refusal(400, "InvalidParameterException", "no")).await;
    assert_eq!(last(&server.aws().await, 5).await.unwrap_err().fault, Fault::Rejected);
}

#[tokio::test]
async fn what_is_no_answer_is_unanswered() {
    let unavailable: fn() -> Act = || refusal(500, "ServiceUnavailableException", "later");
    let malformed: fn() -> Act = || Act::Json(200, json!({"events": {"hush": 1}}));
    for act in unanswered().into_iter().chain([unavailable, malformed]) {
        let server = Server::start(move |_, _| act()).await;
        check_unanswered(&last(&server.aws().await, 5).await.unwrap_err());
    }
}
