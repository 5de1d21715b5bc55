//! `towpath release verify`: where a release's bytes are, and what its exit codes say.

use serde_json::{Value, json};
use towpath_sim::faults::Fault;

use crate::shop::{REPOSITORY, Shop};

/// An environment whose images are to be in a registry of its own.
const OWN: &str = "\n[environments.production.components.api]\n\
    repository = \"333333333333.dkr.ecr.us-west-2.amazonaws.com/shop-api\"\n";

fn fault(value: Value) -> Fault {
    serde_json::from_value(value).unwrap()
}

#[test]
fn every_environments_repository_is_told_and_where_nothing_was_brought_yet_is_no_difference() {
    let shop = Shop::open();
    shop.create_releases();
    let file = shop.path().join("towpath.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text + OWN).unwrap();
    let ran = shop.run("release verify 1.1.0 --output json");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let document = ran.document();
    let places = document["places"].as_array().unwrap();
    assert_eq!(places.len(), 2, "{document}");
    assert_eq!((&places[0]["repository"], &places[0]["state"]), (&json!(REPOSITORY), &json!("whole")));
    assert_eq!(places[0]["environments"], json!(["dev", "staging"]));
    assert_eq!((&places[1]["need"], &places[1]["state"]), (&json!("not-yet"), &json!("absent")));
    let newest = shop.run("release verify");
    assert!(newest.stdout.contains("release 1.2.0") && newest.stdout.contains("not there yet"), "{}", newest.stdout);
}

#[test]
fn an_image_that_is_gone_is_a_difference_and_one_that_cannot_be_looked_at_is_none() {
    let shop = Shop::open();
    shop.create_releases();
    let gone = json!({"service": "registry", "operation": "BatchGetImage", "kind": "status", "status": 404,
        "code": "MANIFEST_UNKNOWN", "message": "gone"});
    shop.simulator.add_fault(fault(gone));
    let ran = shop.run("release verify 1.1.0");
    assert_eq!(ran.code, 11, "{}", ran.stderr);
    assert!(ran.stdout.contains("missing, and it has to be there"), "{}", ran.stdout);
    shop.simulator.clear_faults();
    let denied = json!({"service": "registry", "operation": "BatchGetImage", "kind": "status", "status": 403,
        "code": "DENIED", "message": "no"});
    shop.simulator.add_fault(fault(denied));
    let ran = shop.run("release verify 1.1.0");
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stdout.contains("cannot be told") && ran.stderr.contains("ecr:BatchGetImage"), "{}", ran.stderr);
}
