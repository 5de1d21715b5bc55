//! Scenario 78: a promotion changes the digest.
//!
//! In the wild: a tool that brought an image to the next repository wrapped its manifest in a new index, so that what
//! was tested is not what was deployed.
//!
//! Demanded: the manifest goes over byte for byte, before anything of a service is changed, and the digest is the same
//! at the end; what cannot be copied changes nothing. Of a site, what was proven in one environment's bucket is copied
//! inside of S3 to the next one's, across accounts, large files in parts; what fails in the middle leaves nothing.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use towpath_aws::Limits;
use towpath_cli::Exit;
use towpath_core::ports::ImagePresence;
use towpath_sim::faults::{Fault, FaultKind};
use towpath_tests::scenario::{BUCKET, Play, Shop, SitePlay, SiteShop, Told, build};

const THERE: &str = "111111111111.dkr.ecr.eu-central-1.amazonaws.com/shop-api";

/// The shop with a registry of its own in another region, in which nothing is yet.
fn elsewhere() -> Shop {
    let own = json!([{ "name": "shop-api", "account": "111111111111", "region": "eu-central-1" }]);
    Shop::new().world(|world| world["repositories"] = own).setting(&format!("repository = \"{THERE}\""))
}

/// What is there of the image that was to be brought.
async fn presence(play: &Play, told: &Told) -> (ImagePresence, usize) {
    let environment = play.stage.environment("dev").unwrap();
    let image = told.record().components.values().next().unwrap().image.clone().unwrap();
    assert_eq!(image.repository().as_str(), THERE);
    let world = play.stage.world(environment).await.unwrap();
    let contents = world.images.contents(&image).await.unwrap();
    let missing = contents.map_or(0, |contents| contents.missing.len());
    (world.images.presence(&image).await.unwrap(), missing)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bytes_that_were_released_are_the_bytes_that_serve_in_another_region() {
    let play = elsewhere().open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done).serves("shop-api-dev:2");
    let component = told.record().components.values().next().unwrap();
    let (image, from) = (component.image.as_ref().unwrap(), component.copied_from.as_ref().unwrap());
    assert_eq!((from.repository().as_str(), from.digest()), (towpath_tests::REPOSITORY, image.digest()));
    assert!(told.truth.digests().iter().all(|digest| *digest == image.digest().as_str()), "{}", told.story());
    assert_eq!(presence(&play, &told).await, (ImagePresence::Present, 0));
    let operations: Vec<&str> = told.calls.iter().map(|call| call.operation.as_str()).collect();
    let place = |wanted: &str| operations.iter().position(|operation| *operation == wanted).unwrap();
    assert!(place("PutImage") < place("RegisterTaskDefinition"), "{operations:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_refused_changes_nothing_and_a_later_run_goes_on() {
    let refused = Fault {
        service: Some("registry".to_owned()),
        code: Some("DENIED".to_owned()),
        status: Some(403),
        ..Fault::new("PutImage", FaultKind::Status)
    };
    let play = elsewhere().fault(refused).open().await;
    let told = play.promote("1.1.0").await;
    assert!(matches!(told.exit, Exit::Errored | Exit::Credentials), "{}", told.story());
    told.sent("RegisterTaskDefinition", 0).sent("UpdateService", 0);
    assert!(play.version().await.contains("1.0.0"));
    play.stage.simulator.clear_faults();
    play.promote("1.1.0").await.ends(Exit::Done).serves("shop-api-dev:2");
}

/// Files of more than 300 KiB are copied in parts of 200 KiB.
const LIMITS: Limits = Limits { whole: 64 << 20, part: 5 << 20, whole_copy: 300 << 10, copied_part: 200 << 10 };

/// What production's account may do in dev's bucket.
fn may_read() -> Value {
    json!({ "Statement": [{
        "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::333333333333:root" }, "Action": "s3:GetObject",
        "Resource": format!("arn:aws:s3:::{BUCKET}/*"),
    }] })
}

/// Pages and a script, a picture with its hash in its name, and two files that no pack has: one is copied in parts.
fn with_large_files(version: &str) -> BTreeMap<String, String> {
    let large = |size: usize| version.chars().cycle().take(size).collect::<String>();
    let more = [("data/table.json", large(280 << 10)), ("film.mp4", large(700 << 10))];
    build(version).into_iter().chain(more.map(|(path, text)| (path.to_owned(), text))).collect()
}

/// The release is live and proven in dev, and what was built is not here any more.
async fn proven_in_dev(play: &SitePlay, version: &str) {
    play.release_of(version, &with_large_files(version)).await;
    play.promote(version).await.ends(Exit::Done);
    play.forget_the_build();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_goes_from_bucket_to_bucket_as_it_was_proven() {
    let play = SiteShop::new().with_production(Some(may_read())).in_parts(LIMITS).open().await;
    proven_in_dev(&play, "1.0.0").await;
    let told = play.promote_to("production", "1.0.0").await;
    told.ends(Exit::Done);
    production_has(&play, "1.0.0", &told.story()).await;
    // What has its hash in its name and what is large is copied inside of S3; the rest is small and kept beside the
    // ledger.
    let keys = |operation: &str| -> Vec<String> {
        let calls = told.accepted(operation);
        calls.iter().map(|call| call.input["Key"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let mut copied = keys("CopyObject");
    copied.sort();
    assert_eq!(copied, ["assets/app-100ab12c.js", "assets/logo-0a1b2c3d.svg", "data/table.json"], "{}", told.story());
    assert_eq!(keys("UploadPartCopy"), ["film.mp4"; 4], "{}", told.story());
    assert_eq!(told.written(), ["robots.txt", "about.html", "index.html", ".towpath/site.json"], "{}", told.story());
    assert_eq!(play.unended().await, [] as [String; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_may_not_be_read_from_changes_nothing() {
    let play = SiteShop::new().with_production(None).in_parts(LIMITS).open().await;
    proven_in_dev(&play, "1.0.0").await;
    let told = play.promote_to("production", "1.0.0").await;
    told.ends(Exit::Refused)
        .says("whose bytes are neither here nor where another environment has it")
        .mentions("s3:GetObject");
    assert_eq!(play.keys_of("shop-web-production").await, [] as [String; 0], "{}", told.story());
}

/// Every file of a version, as visitors of production get it.
async fn production_has(play: &SitePlay, version: &str, story: &str) {
    for (path, text) in with_large_files(version) {
        assert_eq!(play.visit_production(&path).await.2, text, "{path}\n{story}");
    }
}

/// The film is copied in four parts twice: to where it can be brought back from, and then over what is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_in_parts_that_fails_in_the_middle_leaves_nothing_and_a_later_run_goes_on() {
    for (part, exit) in [(3, Exit::Credentials), (7, Exit::RolledBack)] {
        let play = SiteShop::new().with_production(Some(may_read())).in_parts(LIMITS).open().await;
        proven_in_dev(&play, "1.0.0").await;
        play.promote_to("production", "1.0.0").await.ends(Exit::Done);
        proven_in_dev(&play, "1.1.0").await;
        let refused = Fault {
            on: vec![part],
            status: Some(403),
            code: Some("AccessDenied".to_owned()),
            ..Fault::new("UploadPartCopy", FaultKind::Status)
        };
        play.stage.simulator.add_fault(refused);
        let told = play.promote_to("production", "1.1.0").await;
        told.ends(exit);
        assert_eq!(told.accepted("AbortMultipartUpload").len(), 1, "{}", told.story());
        assert_eq!(play.unended().await, [] as [String; 0], "{}", told.story());
        production_has(&play, "1.0.0", &told.story()).await;
        let told = play.promote_to("production", "1.1.0").await;
        told.ends(Exit::Done);
        production_has(&play, "1.1.0", &told.story()).await;
    }
}
