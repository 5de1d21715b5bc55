//! Bringing images to ECR's registries over the protocol that docker and skopeo speak, through the Images port.

use std::time::Duration;

use serde_json::{Value, json};
use towpath_aws::{Aws, EcrImages};
use towpath_core::{
    identifier::{Digest, ImageReference, Repository},
    ports::{ImageLayout, ImagePresence, Images as _, PublishError, conformance::images},
};
use towpath_sim::{Simulator, faults::Fault};

use crate::{
    layout::{IMAGE, Made, digest},
    shop::{DEV, PRODUCTION, aws, registries, registries_with, settings},
};

fn repository(account: &str, region: &str, name: &str) -> Repository {
    format!("{account}.dkr.ecr.{region}.amazonaws.com/{name}").parse().unwrap()
}

fn ours() -> Repository {
    repository(DEV, "us-west-2", "shop-api")
}

fn theirs() -> Repository {
    repository(PRODUCTION, "eu-central-1", "shop-api")
}

async fn images(simulator: &Simulator, account: &str) -> EcrImages {
    aws(simulator, account).await.images()
}

/// An image for two platforms in our repository, with a signature.
async fn signed(simulator: &Simulator) -> (ImageReference, Digest) {
    let mut made = Made::new();
    let index = made.two_platforms("hello");
    let signature = made.signature(&index);
    let layout = made.listing(&[index, signature.clone()]);
    let published = images(simulator, DEV).await.upload(&layout, &ours()).await.unwrap();
    (published.image, digest(&signature))
}

fn fault(operation: &str, kind: &str, more: &Value) -> Fault {
    let mut fault = json!({"service": "registry", "operation": operation, "kind": kind});
    fault.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(fault).unwrap()
}

/// The operations of the registry's since the last time, in order.
fn operations(simulator: &Simulator) -> Vec<String> {
    let calls = simulator.calls();
    simulator.clear_calls();
    let calls = calls.into_iter().filter(|call| call.service == "registry");
    calls.map(|call| call.operation).collect()
}

#[tokio::test]
async fn it_conforms() {
    let simulator = registries().await;
    let images = images(&simulator, DEV).await;
    let (image, _) = signed(&simulator).await;
    let mut made = Made::new();
    let other = made.image("other");
    let other = images.upload(&made.listing(&[other]), &ours()).await.unwrap().image;
    let to = repository(DEV, "eu-central-1", "copies");
    let nowhere = repository(DEV, "eu-central-1", "nowhere");
    let stage = images::Stage { image, other, to, nowhere };
    assert_eq!(images::check(&images, &stage).await, Ok(()));
}

#[tokio::test]
async fn an_index_arrives_whole_in_another_account_and_region_with_its_attestation_and_signature() {
    let simulator = registries().await;
    let (image, signature) = signed(&simulator).await;
    let images = images(&simulator, PRODUCTION).await;
    let published = images.copy(&image, &theirs()).await.unwrap();
    assert_eq!(published.image.digest(), image.digest());
    assert_eq!((published.manifests.sent, published.manifests.there), (5, 0));
    // Two configurations and layers, the attestation's two, the signature's two.
    assert_eq!((published.blobs.sent, published.blobs.there), (8, 0));
    let contents = images.contents(&published.image).await.unwrap().unwrap();
    assert_eq!((contents.manifests.len(), contents.blobs.len(), contents.missing.len()), (4, 8, 0));
    assert_eq!(contents.referrers.into_iter().collect::<Vec<_>>(), [signature]);
    assert_eq!(images.children(&published.image).await.unwrap().len(), 2);
}

#[tokio::test]
async fn nothing_is_there_before_what_it_names() {
    let simulator = registries().await;
    let (image, _) = signed(&simulator).await;
    operations(&simulator);
    let _published = images(&simulator, PRODUCTION).await.copy(&image, &theirs()).await.unwrap();
    let operations = operations(&simulator);
    let last = |name: &str| operations.iter().rposition(|operation| operation == name).unwrap();
    let first = |name: &str| operations.iter().position(|operation| operation == name).unwrap();
    assert!(last("CompleteLayerUpload") < first("PutImage"), "{operations:?}");
    assert_eq!(operations.iter().filter(|operation| *operation == "PutImage").count(), 5);
}

#[tokio::test]
async fn a_copy_that_broke_off_goes_on_where_it_was() {
    let simulator = registries().await;
    let (image, _) = signed(&simulator).await;
    let images = images(&simulator, PRODUCTION).await;
    simulator.add_fault(fault("PutImage", "status", &json!({"from": 2, "status": 400, "code": "UNSUPPORTED"})));
    let error = images.copy(&image, &theirs()).await.unwrap_err();
    assert!(error.call().is_some_and(|error| error.code.as_deref() == Some("UNSUPPORTED")), "{error}");
    let root = ImageReference::new(theirs(), image.digest().clone());
    assert_eq!(images.presence(&root).await.unwrap(), ImagePresence::Missing);
    simulator.clear_faults();
    operations(&simulator);
    let published = images.copy(&image, &theirs()).await.unwrap();
    assert_eq!((published.manifests.there, published.manifests.sent, published.blobs.sent), (1, 4, 0));
    assert!(!operations(&simulator).contains(&"UploadLayerPart".to_owned()));
}

/// Whatever happens twice to any one kind of request, the image arrives.
#[tokio::test]
async fn what_passes_is_survived() {
    let operations = [
        "BatchGetImage",
        "PutImage",
        "BatchCheckLayerAvailability",
        "GetDownloadUrlForLayer",
        "GetLayer",
        "InitiateLayerUpload",
        "UploadLayerPart",
        "CompleteLayerUpload",
        "ListImageReferrers",
    ];
    for kind in ["throttle", "error-before", "error-after", "drop-before", "drop-after", "truncate"] {
        for operation in operations {
            let simulator = registries().await;
            let (image, _) = signed(&simulator).await;
            simulator.add_fault(fault(operation, kind, &json!({"on": [1, 3]})));
            let images = images(&simulator, PRODUCTION).await;
            let published = images.copy(&image, &theirs()).await;
            let published = published.unwrap_or_else(|error| panic!("{operation} {kind}: {error}"));
            let contents = images.contents(&published.image).await.unwrap().unwrap();
            assert_eq!((contents.missing.len(), contents.referrers.len()), (0, 1), "{operation} {kind}");
        }
    }
}

#[tokio::test]
async fn a_layer_that_arrives_with_other_bytes_is_asked_for_again_and_then_named() {
    let simulator = registries().await;
    let (image, _) = signed(&simulator).await;
    let images = images(&simulator, PRODUCTION).await;
    simulator.add_fault(fault("GetLayer", "garbage", &json!({})));
    let error = images.copy(&image, &theirs()).await.unwrap_err();
    let PublishError::Corrupted { place, found, expected } = error else { panic!("{error}") };
    assert!(place.contains(ours().as_str()) && found.is_some_and(|found| found != expected), "{place}");
    let root = ImageReference::new(theirs(), image.digest().clone());
    assert_eq!(images.presence(&root).await.unwrap(), ImagePresence::Missing);
    simulator.clear_faults();
    simulator.add_fault(fault("GetLayer", "garbage", &json!({"on": [1]})));
    let published = images.copy(&image, &theirs()).await.unwrap();
    assert_eq!(published.blobs.sent, 8);
}

#[tokio::test]
async fn a_layer_that_breaks_off_is_asked_for_from_there() {
    let simulator = registries().await;
    let mut made = Made::new();
    let large: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let layer = made.blob("application/x-large", &large);
    let configuration = made.blob(crate::layout::CONFIGURATION, b"{}");
    let image =
        made.manifest(&json!({"schemaVersion": 2, "mediaType": IMAGE, "config": configuration, "layers": [layer]}));
    let image = images(&simulator, DEV).await.upload(&made.listing(&[image]), &ours()).await.unwrap().image;
    simulator.add_fault(fault("GetLayer", "truncate", &json!({"count": 3})));
    operations(&simulator);
    let published = images(&simulator, PRODUCTION).await.copy(&image, &theirs()).await.unwrap();
    assert_eq!(published.blobs.bytes, large.len() as u64 + 2);
    let operations = operations(&simulator);
    let count = |name: &str| operations.iter().filter(|operation| *operation == name).count();
    assert_eq!(count("UploadLayerPart"), 2, "{operations:?}");
    assert!(count("GetLayer") >= 5, "{operations:?}");
}

#[tokio::test]
async fn a_login_whose_time_is_over_is_renewed_once() {
    let simulator = registries().await;
    let (image, _) = signed(&simulator).await;
    let images = images(&simulator, PRODUCTION).await;
    let first = images.copy(&image, &repository(PRODUCTION, "us-west-2", "shop-api")).await.unwrap();
    simulator.advance(Duration::from_hours(13));
    simulator.clear_calls();
    let _published = images.copy(&first.image, &theirs()).await.unwrap();
    let logins = simulator.calls().iter().filter(|call| call.operation == "GetAuthorizationToken").count();
    // One for the region that was asked before, one for the other.
    assert_eq!(logins, 2);
}

#[tokio::test]
async fn what_nothing_can_run_of_or_is_not_known_is_refused_by_name() {
    let simulator = registries().await;
    let images = images(&simulator, DEV).await;
    let check = async |made: &mut Made, entry: Value, why: &str| {
        let layout = made.listing(&[entry]);
        let error = images.upload(&layout, &ours()).await.unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
        let image = ImageReference::new(ours(), layout.digest);
        assert_eq!(images.presence(&image).await.unwrap(), ImagePresence::Missing);
    };
    let mut made = Made::new();
    let attestation = made.attestation("alone");
    let index = made.index(std::slice::from_ref(&attestation));
    check(&mut made, index, "without an image").await;
    check(&mut made, attestation, "an attestation").await;
    let empty = made.blob(crate::layout::CONFIGURATION, b"{}");
    let empty = made.manifest(&json!({"schemaVersion": 2, "mediaType": IMAGE, "config": empty, "layers": []}));
    check(&mut made, empty, "no layer").await;
    let newer = made.manifest(&json!({"schemaVersion": 2, "mediaType": "application/vnd.example.newer+json"}));
    let newer = made.index(&[newer]);
    check(&mut made, newer, "application/vnd.example.newer+json").await;
}

#[tokio::test]
async fn layers_of_unknown_types_are_brought_and_foreign_ones_are_left_where_they_are() {
    let simulator = registries().await;
    let mut made = Made::new();
    let configuration = made.blob(crate::layout::CONFIGURATION, b"{}");
    let foreign = json!({"mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "size": 7,
        "digest": Digest::of(b"foreign").as_str(), "urls": ["https://example.com/layer"]});
    let layers = [made.blob("application/vnd.example.new", b"x"), foreign];
    let image = json!({"schemaVersion": 2, "mediaType": IMAGE, "config": configuration, "layers": layers});
    let image = made.manifest(&image);
    let images = images(&simulator, DEV).await;
    let published = images.upload(&made.listing(&[image]), &ours()).await.unwrap();
    assert_eq!((published.blobs.sent, published.blobs.bytes), (2, 3));
    assert_eq!(images.contents(&published.image).await.unwrap().unwrap().blobs.len(), 2);
}

/// Whether ECR keeps one is not known: the operation that ends an upload has an error for one that is empty.
#[tokio::test]
async fn a_layer_without_a_byte_is_brought_or_refused_by_name() {
    let mut made = Made::new();
    let configuration = made.blob(crate::layout::CONFIGURATION, b"{}");
    let layers = [made.blob("application/vnd.example.new", b"")];
    let image = json!({"schemaVersion": 2, "mediaType": IMAGE, "config": configuration, "layers": layers});
    let image = made.manifest(&image);
    let layout = made.listing(&[image]);
    let taking = registries().await;
    let published = images(&taking, DEV).await.upload(&layout, &ours()).await.unwrap();
    assert_eq!((published.blobs.sent, published.blobs.bytes), (2, 2));
    let refusing = registries_with("refuse-empty-layers = true").await;
    let error = images(&refusing, DEV).await.upload(&layout, &ours()).await.unwrap_err();
    assert!(error.to_string().contains("without a single byte"), "{error}");
}

#[tokio::test]
async fn what_an_image_lacks_is_named_before_anything_is_sent() {
    let simulator = registries().await;
    let images = images(&simulator, DEV).await;
    let mut made = Made::new();
    let index = made.two_platforms("hello");
    let layout = made.listing(std::slice::from_ref(&index));
    let child = digest(&made.image("hello for arm64"));
    std::fs::remove_file(made.place(&child)).unwrap();
    operations(&simulator);
    let error = images.upload(&layout, &ours()).await.unwrap_err();
    let PublishError::Incomplete { missing, .. } = error else { panic!("{error}") };
    assert_eq!((missing, operations(&simulator)), (child, vec![]));
    let nothing = ImageLayout { folder: made.folder().join("nothing"), digest: layout.digest };
    assert!(matches!(images.upload(&nothing, &ours()).await, Err(PublishError::Layout { .. })));
}

#[tokio::test]
async fn a_file_with_other_bytes_than_its_name_says_is_found_out() {
    let simulator = registries().await;
    let images = images(&simulator, DEV).await;
    let mut made = Made::new();
    let image = made.image("hello");
    std::fs::write(made.place(&Digest::of(b"hello")), b"olleh").unwrap();
    let error = images.upload(&made.listing(&[image]), &ours()).await.unwrap_err();
    let PublishError::Corrupted { place, expected, found } = error else { panic!("{error}") };
    assert_eq!((expected, found), (Digest::of(b"hello"), Some(Digest::of(b"olleh"))), "{place}");
}

#[tokio::test]
async fn who_may_not_write_is_told_which_permission_is_missing() {
    let simulator = registries().await;
    let (image, _) = signed(&simulator).await;
    let images = images(&simulator, PRODUCTION).await;
    let error = images.copy(&image, &repository(DEV, "eu-central-1", "copies")).await.unwrap_err();
    assert!(error.is_denied() && error.to_string().contains("ecr:InitiateLayerUpload"), "{error}");
}

#[tokio::test]
async fn a_login_is_given_out_and_not_shown() {
    let simulator = registries().await;
    let aws: Aws = Aws::connect(settings(&simulator, DEV)).await.unwrap();
    let login = aws.registry_login(&"us-west-2".parse().unwrap()).await.unwrap();
    assert_eq!(login.user(), "AWS");
    assert!(login.expires_at().is_some() && login.endpoint().starts_with("http"));
    assert!(!format!("{login:?}").contains(login.password()));
}
