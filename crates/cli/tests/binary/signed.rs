//! The gate of the signature, as a pipeline meets it: unsigned stops, signed by another stops, signed by the right
//! workflow passes, and the record says who it was.

use serde_json::{Value, json};
use towpath_core::identifier::Digest;
use towpath_host::forge::{Forge, Name, Order, SIGNED_AT};
use towpath_sim::faults::Fault;

use crate::{
    registry::attach,
    shop::{Ran, Shop},
};

const DEMAND: &str = "[environments.staging.signed]\n\
    by = [{ github = \"acme/shop\", workflow = \".github/workflows/release.yml\" }]\n\
    trusted-root = \"roots.jsonl\"\n";

/// A shop whose release 1.1.0 serves in dev, whose staging demands a signature, and the authority that it trusts.
fn shop() -> (Shop, Forge) {
    let (shop, forge) = (Shop::open(), Forge::new());
    shop.configure("[environments.production]\n", &format!("{DEMAND}[environments.production]\n"));
    std::fs::write(shop.path().join("roots.jsonl"), forge.root()).unwrap();
    shop.create_releases();
    ended(&shop.run("promote dev --release 1.1.0"), 0);
    (shop, forge)
}

fn ended(ran: &Ran, code: i32) {
    assert_eq!(ran.code, code, "{}\n{}", ran.stdout, ran.stderr);
}

fn digest(shop: &Shop) -> Digest {
    let release = shop.run("release show 1.1.0 --output json").document();
    let text = release["artifacts"]["api"].to_string();
    let from = text.find("sha256:").unwrap();
    text[from..from + 71].parse().unwrap()
}

fn ours() -> Name {
    Name::workflow("acme/shop", "release.yml", "refs/heads/main")
}

fn fork() -> Name {
    Name::workflow("mallory/shop", "release.yml", "refs/heads/main")
}

/// The promotion is stopped with these words, and nothing was changed.
fn stopped(shop: &Shop, words: &[&str]) {
    let changes = shop.changes();
    let ran = shop.run("promote staging --release 1.1.0");
    ended(&ran, 4);
    for word in words {
        assert!(ran.stdout.contains(word), "{word}: {}", ran.stdout);
    }
    assert_eq!(shop.changes(), changes, "nothing was changed");
}

fn reason(shop: &Shop) -> Value {
    let history = shop.run("history staging --output json").document();
    let record = history.as_array().unwrap().last().unwrap();
    let reasons = record["decision"]["reasons"].as_array().unwrap();
    reasons.iter().find(|reason| reason["kind"].as_str().unwrap().contains("sign")).unwrap().clone()
}

#[test]
fn only_the_right_workflows_signature_brings_it_to_staging() {
    let (shop, forge) = shop();
    let image = digest(&shop);
    stopped(&shop, &["was not signed", image.as_str(), "towpath signatures --bundle"]);
    assert_eq!(reason(&shop)["kind"], "not-signed");

    attach(&shop.simulator, "1.1.0", &forge.sign(&fork(), &Order::of(&image)));
    let wanted = "the workflow `.github/workflows/release.yml` of acme/shop on GitHub, run for refs/heads/main";
    stopped(&shop, &["https://github.com/mallory/shop/.github/workflows/release.yml@refs/heads/main", wanted]);

    let manifest = attach(&shop.simulator, "1.1.0", &forge.sign(&ours(), &Order::of(&image)));
    ended(&shop.run("signatures --release 1.1.0 --environment staging"), 0);
    ended(&shop.run("promote staging --release 1.1.0"), 0);
    let signature = &reason(&shop)["signature"];
    let (by, at) = (&signature["by"], jiff::Timestamp::from_second(SIGNED_AT).unwrap());
    assert_eq!(by["identity"], "https://github.com/acme/shop/.github/workflows/release.yml@refs/heads/main");
    assert_eq!(by["issuer"], "https://token.actions.githubusercontent.com");
    assert_eq!((&signature["at"], &signature["logged"]), (&json!(at), &json!(true)));
    assert_eq!(signature["found"]["manifest"], manifest.as_str());
}

#[test]
fn what_is_forged_stale_or_about_another_image_is_no_signature() {
    let (shop, forge) = shop();
    let image = digest(&shop);
    attach(&shop.simulator, "1.1.0", &Forge::new().sign(&ours(), &Order::of(&image)));
    attach(&shop.simulator, "1.1.0", &forge.sign(&ours(), &Order::of(&Digest::of(b"another"))));
    attach(&shop.simulator, "1.1.0", &forge.sign(&ours(), &Order { at: SIGNED_AT + 864_000, ..Order::of(&image) }));
    stopped(
        &shop,
        &["could be verified", "against https://forge.example", "CertExpired", "does not match any subject"],
    );
    assert_eq!(reason(&shop)["kind"], "signature-unverified");
}

#[test]
fn a_bundle_can_be_handed_in_where_the_registry_has_none_or_does_not_say() {
    let (shop, forge) = shop();
    let denied = json!({"service": "registry", "operation": "ListImageReferrers", "kind": "status", "status": 403,
        "code": "DENIED", "message": "no"});
    let denied: Fault = serde_json::from_value(denied).unwrap();
    shop.simulator.add_fault(denied);
    stopped(&shop, &["could not be asked", "ecr:ListImageReferrers"]);
    assert_eq!(reason(&shop)["kind"], "signature-unknown");

    let lines = [fork(), ours()].map(|name| forge.sign(&name, &Order::of(&digest(&shop))).to_string());
    std::fs::write(shop.path().join("bundles.jsonl"), lines.join("\n")).unwrap();
    let taken = shop.run("signatures --release 1.1.0 --bundle bundles.jsonl");
    ended(&taken, 0);
    assert!(taken.stdout.contains("staging: allowed") && taken.stdout.contains("dev: demands no"), "{}", taken.stdout);
    ended(&shop.run("policy explain staging --release 1.1.0"), 0);
    ended(&shop.run("promote staging --release 1.1.0"), 0);
    assert!(reason(&shop)["signature"]["found"]["bundle"].is_string());
}

#[test]
fn a_bundle_of_another_image_or_a_damaged_one_is_not_taken_in() {
    let (shop, forge) = shop();
    let other = Digest::of(b"another");
    std::fs::write(shop.path().join("b.json"), forge.sign(&ours(), &Order::of(&other)).to_string()).unwrap();
    let ran = shop.run("signatures --release 1.1.0 --bundle b.json");
    ended(&ran, 2);
    let both = [digest(&shop), other];
    assert!(both.iter().all(|digest| ran.stderr.contains(digest.as_str())), "{}", ran.stderr);
    std::fs::write(shop.path().join("b.json"), "{\"mediaType\": \"app").unwrap();
    ended(&shop.run("signatures --release 1.1.0 --bundle b.json"), 2);
    ended(&shop.run("signatures --release 1.1.0 --environment staging"), 4);
}
