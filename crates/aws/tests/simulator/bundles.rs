//! Bundles in ECR's registries through the Bundles port: where they are looked for, what is said of those that cannot be
//! read, and that they go where their image goes.

use serde_json::{Value, json};
use towpath_core::{
    identifier::{Digest, ImageReference, Repository},
    ports::{Bundles as _, Fault, FoundBundle, Images as _, Tagged, WhenTaken},
    signature::Found,
};
use towpath_sim::{Simulator, faults};

use crate::{
    layout::{Made, digest},
    shop::{DEV, PRODUCTION, aws, registries},
};

const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";

fn repository(account: &str, region: &str, name: &str) -> Repository {
    format!("{account}.dkr.ecr.{region}.amazonaws.com/{name}").parse().unwrap()
}

/// What refers to the subject, as cosign and GitHub's action push it.
fn referrer(made: &Made, subject: &Value, kind: &str, layers: &[Value]) -> Value {
    let configuration = made.blob("application/vnd.oci.empty.v1+json", b"{}");
    made.manifest(&json!({"schemaVersion": 2, "mediaType": IMAGE, "artifactType": kind,
        "config": configuration, "layers": layers, "subject": subject}))
}

async fn found(simulator: &Simulator, image: &ImageReference) -> Vec<FoundBundle> {
    aws(simulator, DEV).await.bundles().bundles(image).await.unwrap()
}

/// An image for two platforms in our repository, with a bundle of each of these texts and a signature of another kind.
async fn pushed(simulator: &Simulator, texts: &[&str]) -> (ImageReference, Vec<Digest>) {
    let mut made = Made::new();
    let index = made.two_platforms("hello");
    let bundle = |text: &&str| referrer(&made, &index, BUNDLE, &[made.blob(BUNDLE, text.as_bytes())]);
    let bundles: Vec<Value> = texts.iter().map(bundle).collect();
    let other = made.signature(&index);
    let layout = made.listing(&[vec![index, other], bundles.clone()].concat());
    let ours = repository(DEV, "us-west-2", "shop-api");
    let published = aws(simulator, DEV).await.images().upload(&layout, &ours).await.unwrap();
    (published.image, bundles.iter().map(digest).collect())
}

#[tokio::test]
async fn an_image_without_a_signature_has_none() {
    let simulator = registries().await;
    let (image, _) = pushed(&simulator, &[]).await;
    assert_eq!(found(&simulator, &image).await, []);
}

#[tokio::test]
async fn every_bundle_that_refers_to_the_image_is_found_and_what_is_none_is_left_alone() {
    let simulator = registries().await;
    let (image, manifests) = pushed(&simulator, &["one", "two"]).await;
    let mut texts: Vec<(Found, String)> = found(&simulator, &image)
        .await
        .into_iter()
        .map(|one| (one.found, String::from_utf8(one.bundle.unwrap()).unwrap()))
        .collect();
    texts.sort_by(|one, other| one.1.cmp(&other.1));
    let place =
        |manifest: &Digest| Found::Referrer { repository: image.repository().clone(), manifest: manifest.clone() };
    assert_eq!(texts, [(place(&manifests[0]), "one".to_owned()), (place(&manifests[1]), "two".to_owned())]);
}

#[tokio::test]
async fn a_copied_image_has_its_bundles_with_it() {
    let simulator = registries().await;
    let (image, manifests) = pushed(&simulator, &["one"]).await;
    let there = repository(PRODUCTION, "eu-central-1", "shop-api");
    let copied = aws(&simulator, PRODUCTION).await.images().copy(&image, &there).await.unwrap().image;
    let bundles = aws(&simulator, PRODUCTION).await.bundles().bundles(&copied).await.unwrap();
    let place = Found::Referrer { repository: there, manifest: manifests[0].clone() };
    assert_eq!(bundles, [FoundBundle { found: place, bundle: Ok(b"one".to_vec()) }]);
}

#[tokio::test]
async fn a_bundle_whose_bytes_are_wrong_or_missing_is_told() {
    let simulator = registries().await;
    let (image, _) = pushed(&simulator, &["one"]).await;
    let fault = |value: Value| -> faults::Fault { serde_json::from_value(value).unwrap() };
    simulator.add_fault(fault(json!({"service": "registry", "operation": "ListImageReferrers", "kind": "status",
        "status": 403, "code": "DENIED", "message": "no"})));
    let error = aws(&simulator, DEV).await.bundles().bundles(&image).await.unwrap_err();
    assert!(matches!(error.fault, Fault::Denied { .. }), "{error}");
    assert!(error.to_string().contains("ecr:ListImageReferrers"), "{error}");
    simulator.clear_faults();
    simulator.add_fault(fault(json!({"service": "registry", "operation": "GetDownloadUrlForLayer", "kind": "status",
        "status": 404, "code": "BLOB_UNKNOWN", "message": "gone"})));
    let bundles = found(&simulator, &image).await;
    assert!(matches!(&bundles[..], [FoundBundle { bundle: Err(why), .. }] if why.contains("not there")), "{bundles:?}");
}

#[tokio::test]
async fn a_list_under_a_tag_and_a_signature_of_the_older_form_are_seen() {
    let simulator = registries().await;
    let (image, _) = pushed(&simulator, &[]).await;
    let images = aws(&simulator, DEV).await.images();
    let mut made = Made::new();
    let older = made.image("an older signature");
    let older = images.upload(&made.listing(&[older]), image.repository()).await.unwrap().image;
    let tag = |end: &str| format!("{}{end}", image.digest().as_str().replace(':', "-"));
    let set = |of: ImageReference, tag: String| {
        let images = images.clone();
        async move {
            let set = images.tag(&of, &tag.parse().unwrap(), WhenTaken::Refuse).await;
            assert_eq!(set.unwrap(), Tagged::Set);
        }
    };
    set(older.clone(), tag(".sig")).await;
    let found_there = found(&simulator, &image).await;
    assert!(
        matches!(&found_there[..], [FoundBundle { found: Found::Tagged { .. }, bundle: Err(why) }] if why.contains("older form"))
    );
    // A list that names a bundle of another image: the bundle itself must say what it is about.
    let mut made = Made::new();
    let other = made.image("other");
    let stray = referrer(&made, &other, BUNDLE, &[made.blob(BUNDLE, b"stray")]);
    let list = made.index(&[made.image("listed"), stray.clone()]);
    let list = images.upload(&made.listing(&[list, other, stray]), image.repository()).await.unwrap().image;
    set(list, tag("")).await;
    let found_there = found(&simulator, &image).await;
    assert!(
        found_there.iter().any(|one| matches!(&one.bundle, Err(why) if why.contains("another image"))),
        "{found_there:?}"
    );
}
