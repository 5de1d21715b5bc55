//! `UpdateService`: sent once unless it is proven that nothing was done, and ambiguous unless the opposite is proven.

use std::time::Instant;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use towpath_aws::Aws;
use towpath_core::{
    ports::{CallError, Fault, ServiceUpdate, Services as _},
    rollout::ServiceSnapshot,
};

use crate::server::{Act, SHOP, Server, key, refusal, settings};

fn accepted() -> Value {
    json!({"service": {"serviceName": "api", "status": "ACTIVE", "desiredCount": 2, "taskDefinition": SHOP,
        "deployments": [{"id": "ecs-svc/02", "status": "PRIMARY", "taskDefinition": SHOP, "rolloutState": "IN_PROGRESS"}]}})
}

async fn update(aws: &Aws) -> Result<ServiceSnapshot, CallError> {
    aws.services().update(&key("shop", "api"), &ServiceUpdate::to(SHOP.parse().unwrap())).await
}

/// What one update comes to on a server that always does the same, and that exactly one request is seen.
async fn once(act: impl Fn() -> Act + Send + Sync + 'static) -> CallError {
    let server = Server::start(move |_, _| act()).await;
    let error = update(&server.aws().await).await.unwrap_err();
    assert_eq!(server.requests().len(), 1, "{error}");
    error
}

#[tokio::test]
async fn the_request_names_cluster_service_and_task_definition_and_nothing_else() {
    let server = Server::start(|_, _| Act::Json(200, accepted())).await;
    let snapshot = update(&server.aws().await).await.unwrap();
    assert_eq!(snapshot.primary().unwrap().id.as_str(), "ecs-svc/02");
    let requests = server.requests();
    assert_eq!(requests[0].json(), json!({"cluster": "shop", "service": "api", "taskDefinition": SHOP}));
    assert_eq!(requests[0].header("amz-sdk-request"), Some("attempt=1; max=1"));
    assert!(requests[0].header("user-agent").unwrap().contains("app/towpath-"));
}

#[tokio::test]
async fn a_refused_connection_proves_that_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = update(&Aws::connect(settings(address)).await.unwrap()).await.unwrap_err();
    assert_eq!(error.fault, Fault::NotSent, "{error}");
    assert!(error.message.contains(&format!("no connection to {address}: ")), "{error}");
    assert!(error.message.contains("refused"), "{error}");
}

#[tokio::test]
async fn a_handshake_that_does_not_end_proves_that_nothing_was_sent() {
    let server = Server::start(|_, _| Act::Hang).await;
    let mut settings = server.settings();
    settings.endpoint = settings.endpoint.map(|endpoint| endpoint.replace("http:", "https:"));
    settings.patience.unsent_attempts = 1;
    let error = update(&Aws::connect(settings).await.unwrap()).await.unwrap_err();
    assert_eq!((&error.fault, server.requests().len()), (&Fault::NotSent, 0), "{error}");
}

#[tokio::test]
async fn a_connection_that_is_lost_after_the_request_is_ambiguous() {
    let error = once(|| Act::Close).await;
    assert_eq!(error.fault, Fault::Ambiguous, "{error}");
}

#[tokio::test]
async fn trouble_inside_aws_is_ambiguous() {
    let error = once(|| refusal(500, "ServerException", "Service Unavailable.")).await;
    assert_eq!((error.fault, error.code.as_deref()), (Fault::Ambiguous, Some("ServerException")));
    let error = once(|| Act::Text(503, "<html>busy</html>".to_owned())).await;
    assert_eq!(error.fault, Fault::Ambiguous, "{error}");
    assert!(error.message.contains("HTTP 503") && !error.message.contains("busy"), "{error}");
}

#[tokio::test]
async fn a_success_without_a_service_in_it_is_ambiguous() {
    for answer in ["{}", "", "<html></html>", "{\"service\": {\"status\": \"ACTIVE\"}}", "[]", "{\"service\""] {
        let error = once(move || Act::Text(200, answer.to_owned())).await;
        assert_eq!(error.fault, Fault::Ambiguous, "{answer}: {error}");
    }
    let error = once(|| Act::Cut(accepted().to_string())).await;
    assert_eq!(error.fault, Fault::Ambiguous, "{error}");
}

#[tokio::test]
async fn silence_is_ambiguous_and_ends_in_time() {
    let began = Instant::now();
    let error = once(|| Act::Hang).await;
    assert_eq!(error.fault, Fault::Ambiguous, "{error}");
    assert!(error.message.starts_with("no answer from 127.0.0.1:"), "{error}");
    assert!(began.elapsed().as_secs() < 5);
}

#[tokio::test]
async fn throttled_updates_are_sent_again_since_nothing_was_done() {
    let server = Server::start(|number, _| match number {
        1..=3 => refusal(400, "ThrottlingException", "Rate exceeded"),
        _ => Act::Json(200, accepted()),
    })
    .await;
    update(&server.aws().await).await.unwrap();
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn throttling_that_does_not_end_is_said() {
    let server = Server::start(|_, _| refusal(400, "ThrottlingException", "Rate exceeded")).await;
    let mut settings = server.settings();
    settings.patience.throttled_attempts = 3;
    let error = update(&Aws::connect(settings).await.unwrap()).await.unwrap_err();
    assert_eq!((error.fault, server.requests().len()), (Fault::Throttled, 3));
}

#[tokio::test]
async fn a_denial_names_principal_action_and_resource() {
    let message = "User: arn:aws:sts::111111111111:assumed-role/ci/run is not authorized to perform: ecs:UpdateService on resource: arn:aws:ecs:us-west-2:111111111111:service/shop/api because no identity-based policy allows the ecs:UpdateService action";
    let error = once(move || refusal(400, "AccessDeniedException", message)).await;
    let expected = Fault::Denied {
        principal: Some("arn:aws:sts::111111111111:assumed-role/ci/run".to_owned()),
        action: Some("ecs:UpdateService".to_owned()),
        resource: Some("arn:aws:ecs:us-west-2:111111111111:service/shop/api".to_owned()),
    };
    assert_eq!(error.fault, expected);
}

#[tokio::test]
async fn other_refusals_keep_their_code_and_words() {
    let error = once(|| refusal(400, "ServiceNotFoundException", "Service not found.")).await;
    assert_eq!(error.fault, Fault::NotFound);
    let error = once(|| refusal(400, "ClientException", "TaskDefinition is inactive")).await;
    assert_eq!((error.fault, error.message.as_str()), (Fault::Rejected, "TaskDefinition is inactive"));
    assert_eq!(error.operation, "ecs:UpdateService");
}
