//! ECR: an image goes in, and comes out byte for byte under the digest of its bytes.

use anyhow::Result;
use serde_json::json;

use super::{
    Check,
    client::{Client, expect, text},
};

pub(super) const CHECKS: [Check; 2] = [
    ("an image comes out of the registry as it went in", round_trip),
    ("an immutable tag stays where it is", immutability),
];

const PUT: &str = "ecr put-image --repository-name peer/api --image-tag 1";

fn round_trip(client: &Client<'_>) -> Result<()> {
    let line = "ecr create-repository --repository-name peer/api --image-tag-mutability IMMUTABLE";
    let made = client.aws(line)?;
    let uri = "111111111111.dkr.ecr.us-west-2.amazonaws.com/peer/api";
    expect(&made, "/repository/repositoryUri", uri)?;
    let manifest = manifest("first");
    let put = client.aws_with(PUT, &["--image-manifest", &manifest])?;
    let digest = text(&put, "/image/imageId/imageDigest")?;
    let of_image = |operation: &str, image: &str| {
        let line = format!("ecr {operation} --repository-name peer/api --image-ids {image}");
        client.aws(&line)
    };
    let described = of_image("describe-images", "imageTag=1")?;
    expect(&described, "/imageDetails/0/imageDigest", digest)?;
    expect(&described, "/imageDetails/0/imageTags", json!(["1"]))?;
    let got = of_image("batch-get-image", &format!("imageDigest={digest}"))?;
    expect(&got, "/failures", json!([]))?;
    expect(&got, "/images/0/imageManifest", manifest)?;
    expect(&got, "/images/0/imageId/imageDigest", digest)
}

fn immutability(client: &Client<'_>) -> Result<()> {
    let other = ["--image-manifest", &manifest("second")];
    client.refused("ImageTagAlreadyExistsException", PUT, &other)?;
    let missing = "ecr describe-images --repository-name peer/api --image-ids imageTag=2";
    client.refused("ImageNotFoundException", missing, &[])
}

fn manifest(title: &str) -> String {
    let media = "application/vnd.oci.image";
    let digest = format!("sha256:{}", "0".repeat(64));
    json!({"schemaVersion": 2, "mediaType": format!("{media}.manifest.v1+json"),
        "config": {"mediaType": format!("{media}.config.v1+json"), "size": 2, "digest": digest},
        "layers": [], "annotations": {"org.opencontainers.image.title": title}})
    .to_string()
}
