//! A client of the registry that sends exactly what it is told, and the parts of an image.
//!
//! It is strict about nothing: the tests are.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use towpath_sim::Simulator;

use crate::support::{Answer, call, exchange, start};

pub(crate) const ACCOUNT: &str = "111111111111";
pub(crate) const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// A simulator with the repository `shop`, and the credentials of its account.
pub(crate) struct Registry {
    pub(crate) simulator: Simulator,
    pub(crate) authorization: String,
}

pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

impl Registry {
    pub(crate) async fn start(scenario: &str) -> Self {
        let simulator = start(scenario).await;
        let authorization = authorization(&simulator, ACCOUNT).await;
        let registry = Self { simulator, authorization };
        registry.ecr("CreateRepository", json!({"repositoryName": "shop"})).await;
        registry
    }

    /// Calls ECR's control API.
    pub(crate) async fn ecr(&self, operation: &str, input: Value) -> Answer {
        ecr(&self.simulator, ACCOUNT, operation, &input).await
    }

    /// Sends a request with the account's credentials.
    pub(crate) async fn send(&self, line: &str, headers: &[(&str, &str)], body: &[u8]) -> Bytes {
        let headers = [&[("authorization", self.authorization.as_str())], headers].concat();
        send(&self.simulator, line, &headers, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Bytes {
        self.send(&format!("GET {path}"), &[], b"").await
    }

    /// Uploads a layer of `repository` in one piece, and answers its digest.
    pub(crate) async fn upload(&self, repository: &str, content: &[u8]) -> String {
        let begun = self.send(&format!("POST /v2/{repository}/blobs/uploads/"), &[], b"").await;
        assert_eq!(begun.status, 202, "{begun:?}");
        let (path, digest) = (path_of(begun.header("location").unwrap()), sha256(content));
        let ended = self.send(&format!("PUT {path}?digest={digest}"), &[], content).await;
        assert_eq!(ended.status, 201, "{ended:?}");
        digest
    }

    pub(crate) async fn put(&self, repository: &str, reference: &str, kind: &str, manifest: &str) -> Bytes {
        let line = format!("PUT /v2/{repository}/manifests/{reference}");
        self.send(&line, &[("content-type", kind)], manifest.as_bytes()).await
    }

    /// Pushes an image for a platform that says `text`, and answers its manifest.
    pub(crate) async fn push(&self, repository: &str, reference: &str, architecture: &str, text: &str) -> String {
        let configuration = configuration(architecture, text);
        let layers = [configuration.as_bytes(), text.as_bytes()];
        for layer in layers {
            self.upload(repository, layer).await;
        }
        let manifest = manifest(&configuration, text);
        let digest = sha256(&manifest);
        let reference = if reference.is_empty() { digest.as_str() } else { reference };
        let put = self.put(repository, reference, IMAGE, &manifest).await;
        assert_eq!((put.status, put.header("docker-content-digest")), (201, Some(digest.as_str())), "{put:?}");
        manifest
    }
}

pub(crate) async fn ecr(simulator: &Simulator, account: &str, operation: &str, input: &Value) -> Answer {
    call(simulator, account, &format!("AmazonEC2ContainerRegistry_V20150921.{operation}"), input).await
}

/// What an account's `Authorization` header is.
pub(crate) async fn authorization(simulator: &Simulator, account: &str) -> String {
    let answer = ecr(simulator, account, "GetAuthorizationToken", &json!({})).await.json();
    let token = answer["authorizationData"][0]["authorizationToken"].as_str().unwrap();
    assert!(BASE64_STANDARD.decode(token).unwrap().starts_with(b"AWS:"));
    format!("Basic {token}")
}

pub(crate) fn configuration(architecture: &str, version: &str) -> String {
    let labels = json!({"org.opencontainers.image.version": version, "org.opencontainers.image.revision": "c0ffee"});
    json!({"os": "linux", "architecture": architecture, "config": {"Labels": labels}}).to_string()
}

pub(crate) fn manifest(configuration: &str, layer: &str) -> String {
    json!({
        "schemaVersion": 2,
        "mediaType": IMAGE,
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": sha256(configuration),
            "size": configuration.len(),
        },
        "layers": [{
            "mediaType": "application/vnd.oci.image.layer.v1.tar",
            "digest": sha256(layer),
            "size": layer.len(),
        }],
    })
    .to_string()
}

/// An answer whose body may be anything.
#[derive(Debug)]
pub(crate) struct Bytes {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Bytes {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The status and the code of a refusal.
    pub(crate) fn refusal(&self) -> (u16, String) {
        (self.status, self.json()["errors"][0]["code"].as_str().unwrap_or_default().to_owned())
    }
}

/// Sends a request; an answer that never came has status 0.
pub(crate) async fn send(simulator: &Simulator, line: &str, headers: &[(&str, &str)], body: &[u8]) -> Bytes {
    let answer = exchange(simulator, line, headers, body).await;
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Bytes { status: 0, head: String::new(), body: answer };
    };
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Bytes { status, head, body: answer[end + 4..].to_vec() }
}

/// The path of an address.
pub(crate) fn path_of(address: &str) -> String {
    let (_, rest) = address.split_once("://").unwrap();
    rest[rest.find('/').unwrap()..].to_owned()
}
