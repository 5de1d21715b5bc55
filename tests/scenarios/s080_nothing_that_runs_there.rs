//! Scenario 80: an image for another platform, or attestations in place of an image.
//!
//! In the wild: what was deployed was an attestation without a byte to run, or an index without the platform that the
//! tasks have; ECS found out when it pulled.
//!
//! Demanded: the manifest is read before anything is changed, attestations are no images, and what is built for nothing
//! that the task definition runs on is refused, exit 4. An index that has the platform passes, whatever else is in it.

use serde_json::{Value, json};
use towpath_cli::Exit;
use towpath_core::{
    identifier::{ImageReference, Version},
    ledger::Releases,
    release::NewRelease,
};
use towpath_tests::{
    COMMITS, REPOSITORY,
    scenario::{Play, Shop},
};

/// The digest and the size do not matter to who only reads the index, but the entries must be there.
async fn entry(play: &Play, version: &str, platform: (&str, &str)) -> Value {
    let version: Version = version.parse().unwrap();
    let release = Releases::new(&*play.stage.store).get(&version).await.unwrap();
    let image = release.image(&"api".parse().unwrap()).unwrap().clone();
    json!({
        "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": image.digest(), "size": 500,
        "platform": { "os": platform.0, "architecture": platform.1 },
    })
}

/// An entry as `BuildKit` writes it for what it attests.
async fn attestation(play: &Play) -> Value {
    let mut entry = entry(play, "1.2.0", ("unknown", "unknown")).await;
    entry["annotations"] = json!({ "vnd.docker.reference.type": "attestation-manifest" });
    entry
}

/// Releases an index of these entries as 2.0.0.
async fn release(play: &Play, entries: &[Value]) {
    let media_type = "application/vnd.oci.image.index.v1+json";
    let index = json!({ "schemaVersion": 2, "mediaType": media_type, "manifests": entries }).to_string();
    let commit = COMMITS[1].1;
    let behaviour = json!({ "version": "2.0.0", "commit": commit, "healthy-after": 5 });
    let spec = json!({ "repository": "shop-api", "tags": ["2.0.0"], "manifest": index, "behaviour": behaviour });
    let digest = play.stage.simulator.set_image(&serde_json::from_value(spec).unwrap()).unwrap().unwrap();
    let image: ImageReference = format!("{REPOSITORY}@{digest}").parse().unwrap();
    let application = &play.stage.application;
    let draft = NewRelease {
        app: application.app.clone(),
        version: "2.0.0".parse().unwrap(),
        commit: commit.parse().unwrap(),
        images: [("api".parse().unwrap(), image)].into(),
        sites: [].into(),
    };
    let release = draft.create(application, play.stage.simulator.now(), "ann").unwrap();
    let _created = Releases::new(&*play.stage.store).create(&release).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_without_the_platform_of_the_tasks_is_refused() {
    let play = Shop::new().open().await;
    let entries = [entry(&play, "1.1.0", ("linux", "arm64")).await, attestation(&play).await];
    release(&play, &entries).await;
    let told = play.promote("2.0.0").await;
    told.ends(Exit::Refused).changed_nothing().says("is built for linux/arm64").says("runs on linux/amd64");
}

#[tokio::test(flavor = "multi_thread")]
async fn attestations_alone_are_no_image() {
    let play = Shop::new().open().await;
    release(&play, &[attestation(&play).await]).await;
    let told = play.promote("2.0.0").await;
    told.ends(Exit::Refused).changed_nothing().says("is built for nothing that runs");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_has_the_platform_passes_with_its_attestations() {
    let play = Shop::new().open().await;
    let entries = [entry(&play, "1.1.0", ("linux", "amd64")).await, attestation(&play).await];
    release(&play, &entries).await;
    play.promote("2.0.0").await.ends(Exit::Done).serves("shop-api-dev:2");
    assert!(play.version().await.contains("2.0.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_image_says_in_its_configuration_what_it_is_for() {
    let arm = json!({ "cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX" });
    let play = Shop::new().definition(|definition| definition["runtimePlatform"] = arm).open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Refused).changed_nothing().says("is built for linux/amd64").says("runs on linux/arm64");
}
