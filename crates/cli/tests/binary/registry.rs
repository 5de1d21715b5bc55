//! Pushes a signature into the simulated registry, as cosign and GitHub's action do, over HTTP alone.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use serde_json::{Value, json};
use towpath_core::identifier::Digest;
use towpath_sim::Simulator;

const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const HOST: &str = "111111111111.dkr.ecr.us-west-2.amazonaws.com";

/// Puts a bundle beside the image with that tag in `shop-api`, and answers the digest of the manifest that has it.
pub(crate) fn attach(simulator: &Simulator, tag: &str, bundle: &Value) -> Digest {
    let registry = Registry { simulator, authorization: authorization(simulator) };
    let (_, image) = registry.send(&format!("GET /v2/shop-api/manifests/{tag}"), &[("accept", IMAGE)], b"");
    let bytes = bundle.to_string().into_bytes();
    let subject = json!({"mediaType": IMAGE, "digest": Digest::of(&image).as_str(), "size": image.len()});
    let manifest = json!({
        "schemaVersion": 2, "mediaType": IMAGE, "artifactType": BUNDLE, "subject": subject,
        "config": registry.blob("application/vnd.oci.empty.v1+json", b"{}"), "layers": [registry.blob(BUNDLE, &bytes)],
    })
    .to_string();
    let digest = Digest::of(manifest.as_bytes());
    let line = format!("PUT /v2/shop-api/manifests/{digest}");
    let (head, _) = registry.send(&line, &[("content-type", IMAGE)], manifest.as_bytes());
    assert!(head.contains(" 201 "), "{head}");
    digest
}

struct Registry<'a> {
    simulator: &'a Simulator,
    authorization: String,
}

impl Registry<'_> {
    fn blob(&self, kind: &str, bytes: &[u8]) -> Value {
        let digest = Digest::of(bytes);
        let (head, _) = self.send("POST /v2/shop-api/blobs/uploads/", &[], b"");
        let location = head.lines().find_map(|line| line.split_once("ocation: ").map(|(_, to)| to.trim())).unwrap();
        let path = location.split_once("://").map_or(location, |(_, rest)| &rest[rest.find('/').unwrap()..]);
        let (head, _) = self.send(&format!("PUT {path}?digest={digest}"), &[], bytes);
        assert!(head.contains(" 201 "), "{head}");
        json!({"mediaType": kind, "digest": digest.as_str(), "size": bytes.len()})
    }

    fn send(&self, line: &str, headers: &[(&str, &str)], body: &[u8]) -> (String, Vec<u8>) {
        let headers = [&[("authorization", self.authorization.as_str())], headers].concat();
        exchange(self.simulator, HOST, line, &headers, body)
    }
}

fn authorization(simulator: &Simulator) -> String {
    let signed = "AWS4-HMAC-SHA256 Credential=AKIASIM0111111111111/20260302/us-west-2/ecr/aws4_request, SignedHeaders=host, Signature=00";
    let headers = [
        ("authorization", signed),
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken"),
    ];
    let (head, body) = exchange(simulator, "localhost", "POST /", &headers, b"{}");
    let answer: Value = serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{error}: {head}"));
    format!("Basic {}", answer["authorizationData"][0]["authorizationToken"].as_str().unwrap())
}

fn exchange(simulator: &Simulator, host: &str, line: &str, headers: &[(&str, &str)], body: &[u8]) -> (String, Vec<u8>) {
    let endpoint = simulator.endpoint();
    let mut stream = TcpStream::connect(endpoint.split_once("://").unwrap().1).unwrap();
    let headers: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let headers = headers.concat();
    let length = body.len();
    let head =
        format!("{line} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    (String::from_utf8(answer[..end].to_vec()).unwrap(), answer[end + 4..].to_vec())
}
