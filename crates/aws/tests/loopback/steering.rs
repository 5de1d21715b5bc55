//! What steers a rollout beside its task definition: how ECS is to deploy, a stop, the word to a pause.
//!
//! Each is sent once, like an update, and is ambiguous unless the opposite is proven.

use serde_json::{Value, json};
use towpath_aws::Aws;
use towpath_core::{
    identifier::{HookId, ServiceDeploymentArn},
    ports::{CallError, Fault, ServiceUpdate, Services as _},
    rollout::{DeploymentConfiguration, PauseWord},
};

use crate::server::{Act, SHOP, Server, denial, key, refusal};

const DEPLOYMENT: &str = "arn:aws:ecs:us-west-2:111111111111:service-deployment/shop/api/NCWGC2ZR-taawPAYrIaU5";
const HOOK: &str = "pause-0123";

/// Each of the three calls.
#[derive(Debug, Clone, Copy)]
enum Steer {
    Configure,
    Anew,
    Stop,
    Answer(PauseWord),
}

const ALL: [Steer; 3] = [Steer::Configure, Steer::Stop, Steer::Answer(PauseWord::Continue)];

fn deployment() -> ServiceDeploymentArn {
    DEPLOYMENT.parse().unwrap()
}

/// A configuration with members, and values, that nobody here knows.
fn configuration() -> Value {
    json!({"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 10},
        "newerThanTheSdk": {"z": 1, "a": [null, 1.25, "ü"]}, "minimumHealthyPercent": 100, "lifecycleHooks": [],
        "deploymentCircuitBreaker": {"enable": true, "rollback": true, "newKnob": "FAST"}})
}

async fn steer(aws: &Aws, how: Steer) -> Result<(), CallError> {
    let services = aws.services();
    let hook: HookId = HOOK.parse().unwrap();
    match how {
        Steer::Configure => {
            let members = configuration().as_object().unwrap().clone();
            let configuration = Some(DeploymentConfiguration::new(members));
            let update = ServiceUpdate { configuration, ..ServiceUpdate::to(SHOP.parse().unwrap()) };
            services.update(&key("shop", "api"), &update).await.map(drop)
        }
        Steer::Anew => {
            let update = ServiceUpdate { anew: true, ..ServiceUpdate::to(SHOP.parse().unwrap()) };
            services.update(&key("shop", "api"), &update).await.map(drop)
        }
        Steer::Stop => services.stop(&deployment()).await,
        Steer::Answer(word) => services.answer(&deployment(), &hook, word).await,
    }
}

fn accepted() -> Act {
    let service = json!({"serviceName": "api", "status": "ACTIVE", "desiredCount": 2, "taskDefinition": SHOP});
    Act::Json(200, json!({"serviceDeploymentArn": DEPLOYMENT, "service": service}))
}

/// What each call comes to on a server that always does the same, and that exactly one request is seen.
async fn check(hows: &[Steer], act: fn() -> Act, expected: &Fault) {
    for how in hows {
        let server = Server::start(move |_, _| act()).await;
        let error = steer(&server.aws().await, *how).await.unwrap_err();
        assert_eq!((&error.fault, server.requests().len()), (expected, 1), "{how:?}: {error}");
    }
}

#[tokio::test]
async fn each_request_says_what_it_is_for_and_nothing_else() {
    let check = async |how, operation: &str, expected: Value| {
        let server = Server::start(|_, _| accepted()).await;
        steer(&server.aws().await, how).await.unwrap();
        let requests = server.requests();
        assert_eq!((requests.len(), requests[0].operation().as_str()), (1, operation));
        assert_eq!(requests[0].json(), expected, "{how:?}");
        assert_eq!(requests[0].header("amz-sdk-request"), Some("attempt=1; max=1"), "{how:?}");
    };
    let update = json!({"cluster": "shop", "service": "api", "taskDefinition": SHOP,
        "deploymentConfiguration": configuration()});
    check(Steer::Configure, "UpdateService", update).await;
    let anew = json!({"cluster": "shop", "service": "api", "taskDefinition": SHOP, "forceNewDeployment": true});
    check(Steer::Anew, "UpdateService", anew).await;
    let stop = json!({"serviceDeploymentArn": DEPLOYMENT, "stopType": "ROLLBACK"});
    check(Steer::Stop, "StopServiceDeployment", stop).await;
    let word = |word: &str| json!({"serviceDeploymentArn": DEPLOYMENT, "hookId": HOOK, "action": word});
    check(Steer::Answer(PauseWord::Continue), "ContinueServiceDeployment", word("CONTINUE")).await;
    check(Steer::Answer(PauseWord::Rollback), "ContinueServiceDeployment", word("ROLLBACK")).await;
}

#[tokio::test]
async fn a_configuration_is_sent_byte_for_byte_and_signed_with_its_length() {
    let server = Server::start(|_, _| accepted()).await;
    steer(&server.aws().await, Steer::Configure).await.unwrap();
    let request = &server.requests()[0];
    assert!(request.text().contains("\"newerThanTheSdk\":{\"z\":1,\"a\":[null,1.25,\"ü\"]}"), "{}", request.text());
    assert!(request.text().contains("\"canaryPercent\":5.0"), "{}", request.text());
    assert_eq!(request.header("content-length"), Some(request.body.len().to_string().as_str()));
    assert!(request.header("authorization").unwrap().contains("content-length;"), "the length is signed");
}

#[tokio::test]
async fn an_answer_that_is_lost_or_cannot_be_read_is_ambiguous_and_nothing_is_sent_again() {
    check(&ALL, || Act::Close, &Fault::Ambiguous).await;
    check(&ALL, || Act::Hang, &Fault::Ambiguous).await;
    check(&ALL, || refusal(500, "ServerException", ""), &Fault::Ambiguous).await;
    check(&ALL, || Act::Text(200, "<html></html>".to_owned()), &Fault::Ambiguous).await;
    check(&ALL, || Act::Cut("{\"service\": {}}".to_owned()), &Fault::Ambiguous).await;
}

#[tokio::test]
async fn what_is_throttled_was_not_done_and_is_sent_again() {
    for how in ALL {
        let server = Server::start(|number, _| match number {
            1 | 2 => refusal(400, "ThrottlingException", "Rate exceeded"),
            _ => accepted(),
        })
        .await;
        steer(&server.aws().await, how).await.unwrap();
        assert_eq!(server.requests().len(), 3, "{how:?}");
    }
}

#[tokio::test]
async fn a_deployment_that_is_over_is_not_stopped() {
    check(&[Steer::Stop], || refusal(400, "ConflictException", "The deployment is over."), &Fault::Rejected).await;
    let missing = || refusal(400, "ServiceDeploymentNotFoundException", "Service deployment not found.");
    check(&ALL[1..], missing, &Fault::NotFound).await;
}

#[tokio::test]
async fn a_pause_that_does_not_wait_takes_no_word() {
    let over = || refusal(400, "InvalidParameterException", "The lifecycle hook is not awaiting an action.");
    check(&ALL[2..], over, &Fault::Rejected).await;
    check(&ALL[1..], || refusal(400, "UnsupportedFeatureException", "no"), &Fault::Rejected).await;
}

#[tokio::test]
async fn a_denial_names_principal_action_and_resource() {
    for (how, action) in ALL.into_iter().zip(["UpdateService", "StopServiceDeployment", "ContinueServiceDeployment"]) {
        let (message, expected) = denial(&format!("ecs:{action}"), DEPLOYMENT);
        let server = Server::start(move |_, _| refusal(400, "AccessDeniedException", &message)).await;
        let error = steer(&server.aws().await, how).await.unwrap_err();
        assert_eq!((error.fault, error.operation), (expected, format!("ecs:{action}")));
    }
}
