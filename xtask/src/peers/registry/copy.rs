//! skopeo: images go in and come out byte for byte, an index with all its images, and into another account.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use super::{
    Check,
    client::{Client, write_layout},
};

pub(super) const CHECKS: [Check; 5] = [
    Check {
        program: "skopeo",
        name: "an index for two platforms goes in and comes out with all its images",
        run: index,
    },
    Check { program: "skopeo", name: "the digest is the same in the registry of another account", run: promote },
    Check {
        program: "skopeo",
        name: "an immutable tag stays where it is, and one that is excluded moves",
        run: immutable,
    },
    Check { program: "skopeo", name: "an image that a scenario names can be copied whole", run: made_up },
    Check { program: "skopeo", name: "tags are listed, and an image is deleted", run: list_and_delete },
];

fn layout(client: &Client<'_>, text: &str) -> Result<(String, String)> {
    let folder = client.path(&format!("layout-{text}"));
    let digest = write_layout(&folder, text)?;
    Ok((format!("oci:{}", folder.display()), digest))
}

fn same(found: &str, expected: &str, what: &str) -> Result<()> {
    ensure!(found == expected, "{what} is {found}, not {expected}");
    Ok(())
}

fn index(client: &Client<'_>) -> Result<()> {
    let (from, digest) = layout(client, "first")?;
    let image = client.image("peer/app:v1");
    client.copy(&from, &image)?;
    same(&client.digest(&image)?, &digest, "the digest in the registry")?;
    let described = client.aws("ecr describe-images --repository-name peer/app --image-ids imageTag=v1")?;
    let shown = described["imageDetails"][0]["imageDigest"].as_str().context("the image is not described")?;
    same(shown, &digest, "the digest that ECR shows")?;
    let listed = client.aws("ecr list-images --repository-name peer/app")?;
    let count = listed["imageIds"].as_array().map_or(0, Vec::len);
    ensure!(count == 3, "the index and its two images are {count} images");
    let back = client.path("back");
    client.copy(&image, &format!("oci:{}:v1", back.display()))?;
    let index = std::fs::read_to_string(back.join("index.json"))?;
    ensure!(index.contains(&digest), "the index did not come back: {index}");
    let folder = format!("dir:{}", client.path("folder").display());
    client.copy(&image, &folder)
}

fn promote(client: &Client<'_>) -> Result<()> {
    let (from, there) = (client.image("peer/app:v1"), client.image("333333333333/us-west-2/peer/app:v1"));
    client.copy(&from, &there)?;
    same(&client.digest(&there)?, &client.digest(&from)?, "the digest of the copy")?;
    let nowhere = client.image("222222222222/us-west-2/peer/app:v1");
    client.refused_copy(&from, &nowhere, "403")
}

fn immutable(client: &Client<'_>) -> Result<()> {
    let (other, digest) = layout(client, "second")?;
    let (taken, before) = (client.image("peer/app:v1"), client.digest(&client.image("peer/app:v1"))?);
    // skopeo takes the refusal for one of the manifest's type, and says so.
    client.refused_copy(&other, &taken, "")?;
    same(&client.digest(&taken)?, &before, "the digest of the immutable tag")?;
    let latest = client.image("peer/app:latest");
    client.copy(&client.image("peer/app:v1"), &latest)?;
    client.copy(&other, &latest)?;
    same(&client.digest(&latest)?, &digest, "the digest of the moved tag")
}

fn made_up(client: &Client<'_>) -> Result<()> {
    let image = client.image("made-up:1");
    let folder = client.path("made-up");
    client.copy(&image, &format!("oci:{}:1", folder.display()))?;
    let index = std::fs::read_to_string(folder.join("index.json"))?;
    ensure!(index.contains(&client.digest(&image)?), "the copy has another digest: {index}");
    Ok(())
}

fn list_and_delete(client: &Client<'_>) -> Result<()> {
    let (from, _) = layout(client, "third")?;
    let image = client.image("peer/web:gone");
    client.copy(&from, &image)?;
    let credentials = client.credentials()?;
    let words = ["--tls-verify=false", "--creds", &credentials];
    let repository = client.image("peer/web");
    let list = [&["list-tags"][..], &words, &[&repository]].concat();
    let listed: serde_json::Value = serde_json::from_str(&client.skopeo(&list)?)?;
    ensure!(listed["Tags"] == json!(["gone"]), "the tags are {}", listed["Tags"]);
    client.skopeo(&[&["delete"][..], &words, &[&image]].concat())?;
    let described = client.aws("ecr describe-images --repository-name peer/web --filter tagStatus=TAGGED")?;
    ensure!(described["imageDetails"] == json!([]), "the image is still there: {described}");
    Ok(())
}
