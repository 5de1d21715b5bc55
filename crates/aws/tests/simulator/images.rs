//! Images in ECR: tags, presence, and the children of an index.

use serde_json::json;
use towpath_core::{
    identifier::{Digest, ImageReference, TaggedImage},
    ports::{Fault, ImagePresence, Images as _, Platform, PublishError, Tagged, WhenTaken},
};
use towpath_sim::images::ImageSpec;

use crate::shop::{DEV, PRODUCTION, REPOSITORY, aws, shop};

fn tagged(tag: &str) -> TaggedImage {
    format!("{REPOSITORY}:{tag}").parse().unwrap()
}

fn by_digest(digest: &Digest) -> ImageReference {
    ImageReference::new(REPOSITORY.parse().unwrap(), digest.clone())
}

#[tokio::test]
async fn a_tag_of_another_account_is_resolved_once_it_exists() {
    let simulator = shop().await;
    let images = aws(&simulator, PRODUCTION).await.images();
    let digest = images.resolve(&tagged("1.1.0")).await.unwrap().unwrap();
    assert_ne!(Some(digest), images.resolve(&tagged("1.0.0")).await.unwrap());
    assert_eq!(images.resolve(&tagged("9.9.9")).await.unwrap(), None);
    let other = format!("{REPOSITORY}-other:1.0.0").parse().unwrap();
    assert_eq!(images.resolve(&other).await.unwrap_err().fault, Fault::NotFound);
}

#[tokio::test]
async fn an_image_is_present_or_missing() {
    let simulator = shop().await;
    let images = aws(&simulator, PRODUCTION).await.images();
    let digest = images.resolve(&tagged("1.1.0")).await.unwrap().unwrap();
    assert_eq!(images.presence(&by_digest(&digest)).await.unwrap(), ImagePresence::Present);
    let unknown = Digest::of(b"unknown");
    assert_eq!(images.presence(&by_digest(&unknown)).await.unwrap(), ImagePresence::Missing);
    let elsewhere = ImageReference::new(format!("{REPOSITORY}-other").parse().unwrap(), digest);
    assert_eq!(images.presence(&elsewhere).await.unwrap(), ImagePresence::Missing);
}

#[tokio::test]
async fn an_index_has_children_and_a_single_image_has_none() {
    let simulator = shop().await;
    let images = aws(&simulator, PRODUCTION).await.images();
    let child = images.resolve(&tagged("1.1.0")).await.unwrap().unwrap();
    let attestation = images.resolve(&tagged("1.0.0")).await.unwrap().unwrap();
    let media = "application/vnd.oci.image.manifest.v1+json";
    let manifest = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [
        {"mediaType": media, "size": 1, "digest": child.as_str(), "platform": {"os": "linux", "architecture": "arm64"}},
        {"mediaType": media, "size": 1, "digest": attestation.as_str(), "platform": {"os": "unknown", "architecture": "unknown"}},
    ]});
    let pushed = simulator.set_image(&ImageSpec {
        repository: Some("shop-api".to_owned()),
        tags: vec!["2.0.0".to_owned()],
        manifest: Some(manifest.to_string()),
        ..ImageSpec::default()
    });
    let index: Digest = pushed.unwrap().unwrap().parse().unwrap();
    assert_eq!(images.resolve(&tagged("2.0.0")).await.unwrap(), Some(index.clone()));
    let children = images.children(&by_digest(&index)).await.unwrap();
    assert_eq!(children, std::slice::from_ref(&child));
    assert_eq!(images.children(&by_digest(&child)).await.unwrap(), []);
    let platforms = images.platforms(&by_digest(&index)).await.unwrap().unwrap();
    assert_eq!(platforms, [Platform { os: "linux".to_owned(), architecture: "arm64".to_owned(), variant: None }]);
    let error = images.children(&by_digest(&Digest::of(b"unknown"))).await.unwrap_err();
    assert_eq!(error.fault, Fault::NotFound, "{error}");
}

#[tokio::test]
async fn other_registries_cannot_be_looked_into() {
    let simulator = shop().await;
    let images = aws(&simulator, PRODUCTION).await.images();
    let digest = Digest::of(b"image");
    let image = ImageReference::new("ghcr.io/shop/api".parse().unwrap(), digest);
    let ImagePresence::CannotTell(why) = images.presence(&image).await.unwrap() else { panic!() };
    assert!(why.contains("ghcr.io"), "{why}");
    let error = images.resolve(&"ghcr.io/shop/api:v1".parse().unwrap()).await.unwrap_err();
    assert_eq!((&error.fault, error.message.contains("ghcr.io")), (&Fault::Rejected, true), "{error}");
    assert_eq!(images.children(&image).await.unwrap_err().fault, Fault::Rejected);
    assert_eq!(simulator.calls().len(), 0);
}

#[tokio::test]
async fn a_tag_is_set_once_and_an_immutable_one_stays_also_where_it_may_move() {
    let simulator = shop().await;
    let images = aws(&simulator, DEV).await.images();
    let [old, new] = ["1.0.0", "1.1.0"].map(tagged);
    let old = by_digest(&images.resolve(&old).await.unwrap().unwrap());
    let new = by_digest(&images.resolve(&new).await.unwrap().unwrap());
    let tag = "main-latest".parse().unwrap();
    assert_eq!(images.tag(&old, &tag, WhenTaken::Refuse).await, Ok(Tagged::Set));
    assert_eq!(images.tag(&old, &tag, WhenTaken::Refuse).await, Ok(Tagged::AlreadyThere));
    let taken = PublishError::TagTaken {
        tag: tagged("main-latest"),
        wanted: new.digest().clone(),
        found: old.digest().clone(),
    };
    assert_eq!(images.tag(&new, &tag, WhenTaken::Refuse).await, Err(taken.clone()));
    assert_eq!(images.tag(&new, &tag, WhenTaken::Move).await, Err(taken));
    assert_eq!(images.resolve(&tagged("main-latest")).await.unwrap().as_ref(), Some(old.digest()));
}

#[tokio::test]
async fn who_may_read_and_not_write_is_denied_the_tag() {
    let simulator = shop().await;
    let images = aws(&simulator, PRODUCTION).await.images();
    let image = by_digest(&images.resolve(&tagged("1.1.0")).await.unwrap().unwrap());
    let error = images.tag(&image, &"deployed".parse().unwrap(), WhenTaken::Refuse).await.unwrap_err();
    assert!(error.is_denied(), "{error}");
}

#[tokio::test]
async fn what_is_not_there_gets_no_tag() {
    let simulator = shop().await;
    let images = aws(&simulator, PRODUCTION).await.images();
    let tag = "v1".parse().unwrap();
    let unknown = by_digest(&Digest::of(b"unknown"));
    let expected = PublishError::NoImage(unknown.clone());
    assert_eq!(images.tag(&unknown, &tag, WhenTaken::Refuse).await, Err(expected));
    let nowhere = ImageReference::new(format!("{REPOSITORY}-other").parse().unwrap(), Digest::of(b"unknown"));
    let expected = PublishError::NoRepository(nowhere.repository().clone());
    assert_eq!(images.tag(&nowhere, &tag, WhenTaken::Refuse).await, Err(expected));
}
