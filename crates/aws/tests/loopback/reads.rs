//! Reads: retried, paged and batched; what stays unanswered is never ambiguous.

use serde_json::{Value, json};
use towpath_core::{
    identifier::ServiceDeploymentArn,
    ports::{Fault, Images as _, SecretPresence, Secrets as _, Services as _},
};

use crate::server::{Act, SHOP, Server, key, refusal};

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn service(name: &str) -> Value {
    json!({"serviceName": name, "status": "ACTIVE", "desiredCount": 1, "unheardOf": 1})
}

#[tokio::test]
async fn a_read_is_repeated_when_its_answer_is_lost() {
    let server = Server::start(|number, _| match number {
        1 => Act::Close,
        2 => refusal(500, "ServerException", ""),
        _ => Act::Json(200, json!({"services": [service("api")]})),
    })
    .await;
    let found = server.aws().await.services().describe(&[key("shop", "api")]).await.unwrap();
    assert!(found[0].is_some());
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_read_without_an_answer_is_unanswered_and_says_how_long_it_was_waited_for() {
    let server = Server::start(|_, _| Act::Hang).await;
    let mut settings = server.settings();
    settings.patience.read = std::time::Duration::from_millis(300);
    let services = towpath_aws::Aws::connect(settings).await.unwrap().services();
    let error = services.describe(&[key("shop", "api")]).await.unwrap_err();
    assert!(matches!(error.fault, Fault::Unanswered { waited: Some(_) }), "{error:?}");
    assert!(error.is_passing());

    let server = Server::start(|_, _| Act::Close).await;
    let error = server.aws().await.services().describe(&[key("shop", "api")]).await.unwrap_err();
    assert_eq!(error.fault, Fault::Unanswered { waited: None }, "{error:?}");
}

#[tokio::test]
async fn many_services_are_described_ten_a_call_by_cluster_and_come_in_the_order_asked() {
    let server = Server::start(|_, request| {
        let asked = texts(&request.json()["services"]);
        assert!(asked.len() <= 10);
        let (missing, found): (Vec<_>, Vec<_>) = asked.into_iter().rev().partition(|name| name.ends_with('7'));
        let services: Vec<Value> = found.iter().map(|name| service(name)).collect();
        let failure =
            |name: &String| json!({"reason": "MISSING", "arn": format!("arn:aws:ecs:us-west-2:1:service/{name}")});
        let failures: Vec<Value> = missing.iter().map(failure).collect();
        Act::Json(200, json!({"failures": failures, "services": services}))
    })
    .await;
    let keys: Vec<_> = (0..23).rev().map(|number| key(["a", "b"][number % 2], &format!("s{number}"))).collect();
    let found = server.aws().await.services().describe(&keys).await.unwrap();
    let expected: Vec<bool> = keys.iter().map(|key| !key.service.as_str().ends_with('7')).collect();
    assert_eq!(found.iter().map(Option::is_some).collect::<Vec<_>>(), expected);
    assert_eq!(server.requests().len(), 4, "twelve and eleven services, ten a call");
    assert_eq!(server.aws().await.services().describe(&[]).await.unwrap(), []);
}

#[tokio::test]
async fn a_service_that_the_answer_does_not_mention_is_not_called_missing() {
    let server = Server::start(|_, _| Act::Json(200, json!({"services": []}))).await;
    let error = server.aws().await.services().describe(&[key("shop", "api")]).await.unwrap_err();
    assert_eq!(error.fault, Fault::Unanswered { waited: None }, "{error}");
}

#[tokio::test]
async fn every_page_of_service_deployments_is_read_newest_first() {
    let server = Server::start(|_, request| {
        let asked = request.json();
        assert_eq!(asked["createdAt"], json!({"after": 1_763_761_000.5}));
        let arn = |id| format!("arn:aws:ecs:us-west-2:111111111111:service-deployment/shop/api/{id}");
        let one = |id, at: f64| json!({"serviceDeploymentArn": arn(id), "status": "SUCCESSFUL", "createdAt": at});
        match asked["nextToken"].as_str() {
            None => Act::Json(200, json!({"serviceDeployments": [one("old", 1_763_761_001.0)], "nextToken": "2"})),
            _ => Act::Json(200, json!({"serviceDeployments": [one("new", 1_763_761_002.0)]})),
        }
    })
    .await;
    let after = jiff::Timestamp::from_millisecond(1_763_761_000_500).unwrap();
    let listed = server.aws().await.services().deployments(&key("shop", "api"), Some(after)).await.unwrap().unwrap();
    let ids: Vec<&str> = listed.iter().map(|deployment| deployment.arn.as_str().rsplit('/').next().unwrap()).collect();
    assert_eq!(ids, ["new", "old"]);
}

#[tokio::test]
async fn service_deployments_that_are_not_to_be_had_are_none() {
    for code in ["AccessDeniedException", "UnsupportedFeatureException", "UnknownOperationException"] {
        let server = Server::start(move |_, _| refusal(400, code, "No.")).await;
        let listed = server.aws().await.services().deployments(&key("shop", "api"), None).await.unwrap();
        assert_eq!(listed, None, "{code}");
    }
    let server = Server::start(|_, _| refusal(400, "ServiceNotFoundException", "No.")).await;
    let error = server.aws().await.services().deployments(&key("shop", "api"), None).await.unwrap_err();
    assert_eq!(error.fault, Fault::NotFound);
}

#[tokio::test]
async fn service_deployments_are_described_twenty_a_call_without_the_missing() {
    let server = Server::start(|_, request| {
        let asked = texts(&request.json()["serviceDeploymentArns"]);
        assert!(asked.len() <= 20);
        let one = |arn: &String| json!({"serviceDeploymentArn": arn, "status": "NEWER_THAN_US"});
        let found: Vec<Value> = asked.iter().skip(1).map(one).collect();
        Act::Json(200, json!({"serviceDeployments": found, "failures": [{"arn": asked[0], "reason": "MISSING"}]}))
    })
    .await;
    let arn =
        |number| format!("arn:aws:ecs:us-west-2:111111111111:service-deployment/shop/api/{number}").parse().unwrap();
    let arns: Vec<ServiceDeploymentArn> = (0..25).map(arn).collect();
    let found = server.aws().await.services().deployments_in_full(&arns).await.unwrap();
    assert_eq!((found.len(), server.requests().len()), (23, 2));
}

#[tokio::test]
async fn every_page_of_tasks_is_described_a_hundred_a_call() {
    let arn = |number: usize| format!("arn:aws:ecs:us-west-2:111111111111:task/shop/{number}");
    let server = Server::start(move |_, request| {
        let asked = request.json();
        if request.operation() == "ListTasks" {
            assert_eq!((&asked["serviceName"], &asked["desiredStatus"]), (&json!("api"), &json!("RUNNING")));
            return match asked["nextToken"].as_str() {
                None => Act::Json(200, json!({"taskArns": (0..100).map(arn).collect::<Vec<_>>(), "nextToken": "n"})),
                _ => Act::Json(200, json!({"taskArns": (100..130).map(arn).collect::<Vec<_>>()})),
            };
        }
        let asked = texts(&asked["tasks"]);
        assert!(asked.len() <= 100);
        let one = |arn: &String| json!({"taskArn": arn, "taskDefinitionArn": SHOP, "lastStatus": "RUNNING", "containers": [{"name": "api"}]});
        Act::Json(200, json!({"tasks": asked.iter().map(one).collect::<Vec<_>>()}))
    })
    .await;
    let tasks = server.aws().await.services().tasks(&key("shop", "api")).await.unwrap();
    assert_eq!((tasks.len(), server.requests().len()), (130, 4));
}

#[tokio::test]
async fn an_image_is_looked_up_in_its_own_account_and_region() {
    let digest = towpath_core::identifier::Digest::of(b"image");
    let answer = json!({"imageDetails": [{"imageDigest": digest.as_str()}]});
    let server = Server::start(move |_, _| Act::Json(200, answer.clone())).await;
    let image = "222222222222.dkr.ecr.eu-central-1.amazonaws.com/team/api:v1".parse().unwrap();
    assert_eq!(server.aws().await.images().resolve(&image).await.unwrap(), Some(digest));
    let request = &server.requests()[0];
    let expected =
        json!({"registryId": "222222222222", "repositoryName": "team/api", "imageIds": [{"imageTag": "v1"}]});
    assert_eq!(request.json(), expected);
    assert!(request.header("authorization").unwrap().contains("/eu-central-1/ecr/"));
}

#[tokio::test]
async fn a_secret_is_asked_for_without_the_key_that_is_taken_from_it() {
    let server = Server::start(|_, _| Act::Json(200, json!({"Name": "db"}))).await;
    let arn = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:db-AbCdEf";
    let secret = format!("{arn}:password::").parse().unwrap();
    assert_eq!(server.aws().await.secrets().presence(&secret).await.unwrap(), SecretPresence::Present);
    let request = &server.requests()[0];
    assert_eq!(request.json(), json!({"SecretId": arn}));
    assert!(request.header("authorization").unwrap().contains("/eu-west-1/secretsmanager/"));
}

#[tokio::test]
async fn all_tasks_that_ended_are_listed_page_by_page_and_described_a_hundred_a_call() {
    let arn = |number: usize| format!("arn:aws:ecs:us-west-2:111111111111:task/shop/{number:04}");
    let server = Server::start(move |_, request| {
        let asked = request.json();
        if request.operation() == "ListTasks" {
            assert_eq!((&asked["desiredStatus"], &asked["serviceName"]), (&json!("STOPPED"), &json!("api")));
            let (numbers, next) = if asked["nextToken"] == "two" { (100..130, None) } else { (0..100, Some("two")) };
            let arns: Vec<String> = numbers.map(arn).collect();
            return Act::Json(200, json!({"taskArns": arns, "nextToken": next}));
        }
        let arns = texts(&asked["tasks"]);
        assert!(arns.len() <= 100);
        let task = |arn: &String| {
            json!({"taskArn": arn, "taskDefinitionArn": SHOP, "stopCode": "EssentialContainerExited", "stoppedAt": 1_763_761_300,
                "startedAt": 1_763_761_200, "containers": [{"name": "api", "exitCode": 3}], "unheardOf": []})
        };
        // The last one was forgotten in between.
        let (gone, there): (Vec<_>, Vec<_>) = arns.into_iter().partition(|arn| arn.ends_with("0129"));
        let failures: Vec<Value> = gone.iter().map(|arn| json!({"arn": arn, "reason": "MISSING"})).collect();
        Act::Json(200, json!({"tasks": there.iter().map(task).collect::<Vec<_>>(), "failures": failures}))
    })
    .await;
    let tasks = server.aws().await.services().stopped_tasks(&key("shop", "api")).await.unwrap();
    assert_eq!(tasks.len(), 129);
    assert!(tasks.iter().all(|task| task.did_run() && task.containers[0].exit_code == Some(3)));
    assert_eq!(server.operations(), ["ListTasks", "ListTasks", "DescribeTasks", "DescribeTasks"]);
}
