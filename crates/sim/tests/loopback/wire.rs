//! The wire protocols over loopback: who is let in, how answers and refusals are written, what the log keeps.
//!
//! What the services do is tested beside them.

use crate::support::{call, request, signed, start, sts};
use serde_json::json;

const DESCRIBE: &str = "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories";
const ACCOUNT: &str = "111111111111";

#[tokio::test]
async fn a_success_carries_a_request_id_and_the_simulated_date() {
    let simulator = start("start = 2026-03-02T09:00:00Z").await;
    let answer = call(&simulator, ACCOUNT, DESCRIBE, &json!({})).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"repositories": []})));
    assert_eq!(answer.header("date"), Some("Mon, 02 Mar 2026 09:00:00 GMT"));
    assert_eq!(answer.header("content-type"), Some("application/x-amz-json-1.1"));
    assert!(answer.header("x-amzn-requestid").is_some());
}

#[tokio::test]
async fn a_refusal_is_typed_in_the_body_and_in_a_header() {
    let simulator = start("").await;
    let answer = call(&simulator, ACCOUNT, DESCRIBE, &json!({"repositoryNames": ["nowhere"]})).await;
    assert_eq!((answer.status, &answer.json()["__type"]), (400, &json!("RepositoryNotFoundException")));
    assert_eq!(answer.header("x-amzn-errortype"), Some("RepositoryNotFoundException"));
}

#[tokio::test]
async fn secrets_manager_writes_message_with_a_capital_letter() {
    let simulator = start("").await;
    let answer = call(&simulator, ACCOUNT, "secretsmanager.GetSecretValue", &json!({"SecretId": "nothing"})).await;
    assert_eq!(answer.json()["Message"], "Secrets Manager can't find the specified secret.");
}

#[tokio::test]
async fn an_unsigned_request_is_not_let_in() {
    let simulator = start("").await;
    let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", DESCRIBE)];
    let answer = request(&simulator, "POST /", &headers, "{}").await.unwrap();
    assert_eq!((answer.status, &answer.json()["__type"]), (403, &json!("MissingAuthenticationTokenException")));
}

#[tokio::test]
async fn a_request_signed_for_another_service_is_not_let_in() {
    let simulator = start("").await;
    let headers = [
        ("authorization", &*signed(ACCOUNT, "ecs")),
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", DESCRIBE),
    ];
    let answer = request(&simulator, "POST /", &headers, "{}").await.unwrap();
    assert_eq!((answer.status, &answer.json()["__type"]), (403, &json!("InvalidSignatureException")));
}

#[tokio::test]
async fn what_is_not_simulated_is_refused_by_name() {
    let simulator = start("").await;
    let unknown =
        call(&simulator, ACCOUNT, "AmazonEC2ContainerRegistry_V20150921.DescribeImageReplicationStatus", &json!({}))
            .await;
    assert_eq!(unknown.json()["__type"], "UnknownOperationException");
    let headers = [("authorization", &*signed(ACCOUNT, "sqs"))];
    let answer = request(&simulator, "POST /", &headers, "").await.unwrap();
    assert_eq!(answer.status, 501);
    assert!(answer.body.contains("does not speak for the service 'sqs'"), "{}", answer.body);
}

#[tokio::test]
async fn a_body_that_is_no_structure_is_a_serialization_error() {
    let simulator = start("").await;
    let authorization = signed(ACCOUNT, "ecr");
    let headers = [
        ("authorization", &*authorization),
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", DESCRIBE),
    ];
    for body in ["[]", "{", "5", "\u{0}"] {
        let answer = request(&simulator, "POST /", &headers, body).await.unwrap();
        assert_eq!((answer.status, &answer.json()["__type"]), (400, &json!("SerializationException")), "{body}");
    }
}

#[tokio::test]
async fn a_role_is_taken_on_and_known_again() {
    let simulator = start("").await;
    let form = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A333333333333%3Arole%2Fdeploy&RoleSessionName=run-7";
    let assumed = sts(&simulator, "AKIASIM0111111111111", form).await;
    let key = assumed.body.split("<AccessKeyId>").nth(1).unwrap().split('<').next().unwrap();
    let identity = sts(&simulator, key, "Action=GetCallerIdentity&Version=2011-06-15").await;
    assert!(
        identity.body.contains("<Arn>arn:aws:sts::333333333333:assumed-role/deploy/run-7</Arn>"),
        "{}",
        identity.body
    );
    let wrong = sts(&simulator, key, "Action=AssumeRole&Version=2011-06-15&RoleArn=x&RoleSessionName=run-7").await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.body.contains("<Code>ValidationError</Code>"), "{}", wrong.body);
}

#[tokio::test]
async fn a_web_identity_is_recognised_without_a_signature() {
    let simulator = start("").await;
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let answer = request(
        &simulator,
        "POST /",
        &headers,
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=a&WebIdentityToken=t",
    )
    .await
    .unwrap();
    assert_eq!(answer.status, 501);
    assert!(answer.body.contains("<Code>NotImplemented</Code>"), "{}", answer.body);
}

#[tokio::test]
async fn reading_in_another_account_is_allowed_and_writing_is_not() {
    let simulator =
        start("[[images]]\nrepository = \"shop\"\naccount = \"111111111111\"\nregion = \"us-west-2\"\ntags = [\"1\"]")
            .await;
    let input = json!({"registryId": ACCOUNT, "repositoryName": "shop", "imageIds": [{"imageTag": "1"}]});
    let read = call(&simulator, "333333333333", "AmazonEC2ContainerRegistry_V20150921.DescribeImages", &input).await;
    assert_eq!(read.json()["imageDetails"][0]["imageTags"], json!(["1"]));
    let deleted =
        call(&simulator, "333333333333", "AmazonEC2ContainerRegistry_V20150921.BatchDeleteImage", &input).await;
    assert_eq!(deleted.json()["__type"], "AccessDeniedException");
}

#[tokio::test]
async fn every_call_is_noted_without_the_values_of_secrets() {
    let simulator = start("start = 2026-03-02T09:00:00Z").await;
    call(&simulator, ACCOUNT, "secretsmanager.CreateSecret", &json!({"Name": "token", "SecretString": "hunter2"}))
        .await;
    call(&simulator, ACCOUNT, DESCRIBE, &json!({"repositoryNames": ["nowhere"]})).await;
    insta::assert_json_snapshot!(simulator.calls(), @r#"
    [
      {
        "sequence": 1,
        "time": "2026-03-02T09:00:00Z",
        "service": "secretsmanager",
        "operation": "CreateSecret",
        "account": "111111111111",
        "region": "us-west-2",
        "caller": "arn:aws:iam::111111111111:user/simulator",
        "input": {
          "Name": "token",
          "SecretString": "***"
        },
        "status": 200,
        "error": null,
        "accepted": true,
        "fault": null,
        "invocation-id": "0c3b5d5e"
      },
      {
        "sequence": 2,
        "time": "2026-03-02T09:00:00Z",
        "service": "ecr",
        "operation": "DescribeRepositories",
        "account": "111111111111",
        "region": "us-west-2",
        "caller": "arn:aws:iam::111111111111:user/simulator",
        "input": {
          "repositoryNames": [
            "nowhere"
          ]
        },
        "status": 400,
        "error": "RepositoryNotFoundException",
        "accepted": false,
        "fault": null,
        "invocation-id": "0c3b5d5e"
      }
    ]
    "#);
}
