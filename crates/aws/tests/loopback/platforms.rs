//! What an image is built for, down to the blob that says so.

use serde_json::{Value, json};
use towpath_aws::Aws;
use towpath_core::{
    identifier::{Digest, ImageReference},
    ports::{CallError, Fault, Images as _, Platform},
};

use crate::server::{Act, Request, Server, check_unanswered, refusal, unanswered};

const CONFIGURATION: &str = r#"{"os":"linux","architecture":"arm64","variant":"v8","rootfs":{}}"#;

fn arm() -> Platform {
    let owned = str::to_owned;
    Platform { os: owned("linux"), architecture: owned("arm64"), variant: Some(owned("v8")) }
}

fn image() -> ImageReference {
    let repository = "111111111111.dkr.ecr.us-west-2.amazonaws.com/shop-api".parse().unwrap();
    ImageReference::new(repository, Digest::of(b"image"))
}

fn single() -> Act {
    let digest = Digest::of(CONFIGURATION.as_bytes());
    let manifest = json!({"schemaVersion": 2, "config": {"digest": digest.as_str()}, "layers": []}).to_string();
    Act::Json(200, json!({"images": [{"imageManifest": manifest}]}))
}

/// Where the blob is: on the same server, with what signs it.
fn address(request: &Request) -> Act {
    let address = format!("http://{}/blob?X-Amz-Signature=hush", request.header("host").unwrap());
    Act::Json(200, json!({"downloadUrl": address, "layerDigest": request.json()["layerDigest"]}))
}

async fn platforms(server: &Server) -> Result<Option<Vec<Platform>>, CallError> {
    let aws: Aws = server.aws().await;
    aws.images().platforms(&image()).await
}

/// A registry of one single image whose configuration is answered so.
async fn registry(blob: impl Fn() -> Act + Send + Sync + 'static) -> Server {
    Server::start(move |_, request| match request.operation().as_str() {
        "BatchGetImage" => single(),
        "GetDownloadUrlForLayer" => address(request),
        _ => blob(),
    })
    .await
}

#[tokio::test]
async fn a_single_image_is_built_for_what_its_configuration_says() {
    let server = registry(|| Act::Text(200, CONFIGURATION.to_owned())).await;
    assert_eq!(platforms(&server).await.unwrap(), Some(vec![arm()]));
    let requests = server.requests();
    let asked: Value = requests[1].json();
    assert_eq!(asked["layerDigest"], json!(Digest::of(CONFIGURATION.as_bytes()).as_str()));
    assert!(requests[2].head.starts_with("GET /blob?X-Amz-Signature=hush "), "{}", requests[2].head);
    assert_eq!(requests[2].header("authorization"), None, "the address is signed, the request is not");
}

#[tokio::test]
async fn an_index_is_not_looked_into_further() {
    let entry = json!({"digest": Digest::of(b"arm").as_str(),
        "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}});
    let manifest = json!({"manifests": [entry]}).to_string();
    let server = Server::start(move |_, _| Act::Json(200, json!({"images": [{"imageManifest": manifest}]}))).await;
    assert_eq!(platforms(&server).await.unwrap(), Some(vec![arm()]));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn who_may_not_read_the_configuration_cannot_tell() {
    let server = Server::start(|_, request| match request.operation().as_str() {
        "BatchGetImage" => single(),
        _ => refusal(400, "AccessDeniedException", "no"),
    })
    .await;
    assert_eq!(platforms(&server).await.unwrap(), None);
}

#[tokio::test]
async fn a_blob_that_is_not_the_configuration_tells_nothing() {
    let other = CONFIGURATION.replace("arm64", "amd64");
    let server = registry(move || Act::Text(200, other.clone())).await;
    assert_eq!(platforms(&server).await.unwrap(), None, "its hash is another");
    for blob in unanswered().into_iter().chain([(|| Act::Hang) as fn() -> Act, || Act::Text(403, String::new())]) {
        let server = registry(blob).await;
        assert_eq!(platforms(&server).await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_image_that_is_missing_or_a_registry_that_does_not_answer_is_an_error() {
    let missing =
        json!({"images": [], "failures": [{"failureCode": "ImageNotFound", "failureReason": "no such image"}]});
    let server = Server::start(move |_, _| Act::Json(200, missing.clone())).await;
    assert_eq!(platforms(&server).await.unwrap_err().fault, Fault::NotFound);
    for act in unanswered() {
        let server = Server::start(move |_, _| act()).await;
        check_unanswered(&platforms(&server).await.unwrap_err());
    }
}

#[tokio::test]
async fn other_registries_cannot_be_looked_into() {
    let server = Server::start(|_, _| Act::Close).await;
    let image = ImageReference::new("ghcr.io/shop/api".parse().unwrap(), Digest::of(b"image"));
    assert_eq!(server.aws().await.images().platforms(&image).await.unwrap(), None);
    assert_eq!(server.requests().len(), 0);
}
