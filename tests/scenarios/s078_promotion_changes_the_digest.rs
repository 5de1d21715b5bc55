//! Scenario 78: a promotion changes the digest.
//!
//! In the wild: a tool that brought an image to the next repository wrapped its manifest in a new index, so that what
//! was tested is not what was deployed.
//!
//! Demanded: the manifest goes over byte for byte, before anything of a service is changed, and the digest is the same
//! at the end; what cannot be copied changes nothing.

use serde_json::json;
use towpath_cli::Exit;
use towpath_core::ports::ImagePresence;
use towpath_sim::faults::{Fault, FaultKind};
use towpath_tests::scenario::{Play, Shop, Told};

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
