//! Registries that misbehave: what they repeat of a login, where they send to, and what they never answer.

use std::time::Duration;

use serde_json::json;
use towpath_aws::{Aws, Patience, Settings};
use towpath_core::{
    identifier::{Digest, ImageReference},
    ports::{Fault, Images as _, PublishError},
};

use crate::server::{Act, Request, Server};

/// The fixture's password, and the login in base64.
const PASSWORD: &str = "hush-hush-hush";
const TOKEN: &str = "QVdTOmh1c2gtaHVzaC1odXNo";

fn image() -> ImageReference {
    let repository = "111111111111.dkr.ecr.us-west-2.amazonaws.com/shop-api".parse().unwrap();
    ImageReference::new(repository, Digest::of(b"image"))
}

/// A server that gives logins for itself, and does with everything else as `act` says.
async fn registry(act: impl Fn(&Request) -> Act + Send + Sync + 'static) -> Server {
    Server::start(move |_, request| {
        if request.operation() == "GetAuthorizationToken" {
            let endpoint = format!("http://{}", request.header("host").unwrap());
            let data = json!([{"authorizationToken": TOKEN, "proxyEndpoint": endpoint, "expiresAt": 4e9}]);
            return Act::Json(200, json!({"authorizationData": data}));
        }
        act(request)
    })
    .await
}

async fn aws(server: &Server) -> Aws {
    let patience = Patience {
        attempt: Duration::from_millis(300),
        first_pause: Duration::from_millis(1),
        throttled_attempts: 3,
        ..server.settings().patience
    };
    Aws::connect(Settings { patience, ..server.settings() }).await.unwrap()
}

async fn looked(server: &Server) -> PublishError {
    aws(server).await.images().contents(&image()).await.unwrap_err()
}

#[tokio::test]
async fn what_a_registry_repeats_of_a_login_is_in_no_error() {
    for status in [400, 401, 403, 404, 500] {
        let server = registry(move |request| {
            let said = format!("{} {PASSWORD} {TOKEN}", request.header("authorization").unwrap());
            Act::Json(status, json!({"errors": [{"code": "DENIED", "message": said}]}))
        })
        .await;
        let images = aws(&server).await.images();
        let shown = format!("{:?}", images.contents(&image()).await);
        assert!(!shown.contains("hush") && !shown.contains(TOKEN), "{status}: {shown}");
        assert!(
            server
                .requests()
                .iter()
                .any(|request| request.header("authorization").is_some_and(|one| one.ends_with(TOKEN)))
        );
    }
}

#[tokio::test]
async fn a_registry_is_called_by_its_own_name_wherever_it_is() {
    let server = registry(|_| Act::Json(404, json!({"errors": [{"code": "MANIFEST_UNKNOWN"}]}))).await;
    assert_eq!(aws(&server).await.images().contents(&image()).await, Ok(None));
    let last = server.requests().pop().unwrap();
    assert_eq!(last.header("host"), Some("111111111111.dkr.ecr.us-west-2.amazonaws.com"));
    assert!(last.head.starts_with(&format!("GET /v2/shop-api/manifests/{}", image().digest())), "{}", last.head);
}

#[tokio::test]
async fn a_refused_login_is_renewed_once_and_then_told() {
    let server = registry(|_| Act::Json(401, json!({"errors": [{"code": "UNAUTHORIZED"}]}))).await;
    let error = looked(&server).await;
    assert_eq!(error.call().map(|error| &error.fault), Some(&Fault::Unauthenticated), "{error}");
    let logins = server.operations().iter().filter(|name| *name == "GetAuthorizationToken").count();
    assert_eq!((logins, server.requests().len()), (2, 4));
}

#[tokio::test]
async fn a_registry_that_never_answers_is_given_up() {
    let server = registry(|_| Act::Hang).await;
    let error = looked(&server).await;
    assert!(error.is_passing() && error.to_string().contains("ecr:BatchGetImage"), "{error}");
    assert_eq!(server.requests().len(), 1 + 3);
}

#[tokio::test]
async fn a_manifest_that_is_not_what_its_digest_names_is_never_taken() {
    let server = registry(|_| Act::Json(200, json!({"schemaVersion": 2}))).await;
    let PublishError::Corrupted { expected, found, .. } = looked(&server).await else { panic!() };
    assert_eq!(expected, *image().digest());
    assert!(found.is_some_and(|found| found != expected));
}
