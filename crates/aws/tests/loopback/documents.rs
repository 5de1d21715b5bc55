//! Task definitions: raw JSON in and out, members newer than the SDK included.

use serde_json::{Value, json};
use towpath_core::{
    ports::{Fault, TaskDefinitions as _},
    task_definition::{Document, Tag},
};

use crate::server::{Act, SHOP, Server, refusal};

fn members() -> Value {
    json!({"family": "shop", "newMember": {"z": 1, "a": [null, 1.25, "ü\n\u{1F6A2}"], "empty": {}},
        "containerDefinitions": [{"name": "api", "image": "x", "futureKnob": "FAST", "environment": []}], "cpu": "256"})
}

fn document() -> Document {
    let tag = Tag { key: "team".to_owned(), value: "shop".to_owned() };
    Document::from_described(members(), vec![tag]).unwrap()
}

fn registered() -> Act {
    Act::Json(200, json!({"taskDefinition": {"taskDefinitionArn": SHOP}}))
}

#[tokio::test]
async fn every_member_is_sent_as_it_is_with_the_right_length() {
    let server = Server::start(|_, _| registered()).await;
    let arn = server.aws().await.task_definitions().register(&document()).await.unwrap();
    assert_eq!(arn.as_str(), SHOP);
    let request = &server.requests()[0];
    let mut expected = members();
    expected["tags"] = json!([{"key": "team", "value": "shop"}]);
    assert_eq!(request.json(), expected);
    assert_eq!(request.header("content-length"), Some(request.body.len().to_string().as_str()));
    assert!(request.header("authorization").unwrap().contains("content-length;"), "the length is signed");
    assert_eq!(request.header("transfer-encoding"), None);
}

#[tokio::test]
async fn every_member_is_read_as_it_is() {
    let server = Server::start(|_, _| {
        let mut described = members();
        described["taskDefinitionArn"] = json!(SHOP);
        described["status"] = json!("ACTIVE");
        described["revision"] = json!(8);
        Act::Json(200, json!({"taskDefinition": described, "tags": [{"key": "team", "value": "shop"}]}))
    })
    .await;
    let task_definitions = server.aws().await.task_definitions();
    let revision = task_definitions.describe(&SHOP.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(revision.document.to_value(), members());
    assert_eq!(revision.document.tags(), document().tags());
    assert_eq!(server.requests()[0].json(), json!({"taskDefinition": SHOP, "include": ["TAGS"]}));

    let again: Value = serde_json::from_slice(&revision.document.to_request_json(&[])).unwrap();
    let sent: Value = serde_json::from_slice(&document().to_request_json(&[])).unwrap();
    assert_eq!(again, sent, "what was read is registered again without a difference");
}

#[tokio::test]
async fn an_answer_that_the_sdk_cannot_read_still_names_the_revision() {
    let answer = json!({"taskDefinition": {"volumes": [null], "taskDefinitionArn": SHOP, "revision": "eight"}});
    let server = Server::start(move |_, _| Act::Json(200, answer.clone())).await;
    let arn = server.aws().await.task_definitions().register(&document()).await.unwrap();
    assert_eq!((arn.as_str(), server.requests().len()), (SHOP, 1));
}

#[tokio::test]
async fn concurrent_registrations_are_waited_for() {
    let busy = "Too many concurrent attempts to create a new revision of the specified family.";
    let server = Server::start(move |number, _| match number {
        1 | 2 => refusal(400, "ClientException", busy),
        _ => registered(),
    })
    .await;
    server.aws().await.task_definitions().register(&document()).await.unwrap();
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| request.body == requests[0].body));
}

#[tokio::test]
async fn a_registration_whose_answer_is_lost_is_ambiguous() {
    for act in [|| Act::Close, || Act::Text(200, "{}".to_owned()), || refusal(500, "ServerException", "")] {
        let server = Server::start(move |_, _| act()).await;
        let error = server.aws().await.task_definitions().register(&document()).await.unwrap_err();
        assert_eq!((&error.fault, server.requests().len()), (&Fault::Ambiguous, 1), "{error}");
    }
}

#[tokio::test]
async fn an_unknown_family_has_no_latest_revision() {
    let server = Server::start(|_, _| refusal(400, "ClientException", "Unable to describe task definition.")).await;
    let task_definitions = server.aws().await.task_definitions();
    assert_eq!(task_definitions.latest(&"shop".parse().unwrap()).await.unwrap(), None);
    assert_eq!(task_definitions.describe(&SHOP.parse().unwrap()).await.unwrap(), None);
}

#[tokio::test]
async fn values_of_a_document_are_in_no_error() {
    let hush = json!({"taskDefinition": {"containerDefinitions": [{"environment": [{"name": "A", "value": "hush"}]}]}});
    let whole = hush.to_string();
    let acts: Vec<Box<dyn Fn() -> Act + Send + Sync>> = vec![
        Box::new(move || Act::Json(200, hush.clone())),
        Box::new({
            let whole = whole.clone();
            move || Act::Text(500, whole.clone())
        }),
        Box::new(move || Act::Text(200, whole.replace("}]}]}}", "}]"))),
    ];
    for act in acts {
        let server = Server::start(move |_, _| act()).await;
        let error = server.aws().await.task_definitions().describe(&SHOP.parse().unwrap()).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
    }
}
