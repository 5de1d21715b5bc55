//! Bundles of an authority of our own: the good one, and each way to be wrong.

use towpath_core::{
    identifier::Digest,
    ports::{Trust, TrustedKey, VerifyError},
    signature::{Signer, Statement},
};

use crate::signature::forge::{self, Forge, Name, Order, PROVENANCE, SIGNED_AT};

use super::{refused, verify};

fn image() -> Digest {
    Digest::of(b"the image")
}

fn trusting(forge: &Forge) -> Trust {
    Trust { roots: Some(forge.root()), keys: Vec::new() }
}

fn release() -> Name {
    Name::workflow("acme/shop", "release.yml", "refs/heads/main")
}

#[test]
fn a_good_one_says_who_what_and_when() {
    let forge = Forge::new();
    let bundle = forge.sign(&release(), &Order::of(&image())).to_string();
    let verified = verify(&bundle, &image(), &trusting(&forge)).unwrap();
    assert_eq!(verified.statement, Statement::Attested { predicate: PROVENANCE.parse().unwrap() });
    assert_eq!((verified.at.unwrap().as_second(), verified.logged), (SIGNED_AT, true));
    let Signer::Certificate { identity, issuer, workflow: Some(workflow) } = verified.by else { panic!() };
    assert_eq!(identity, "https://github.com/acme/shop/.github/workflows/release.yml@refs/heads/main");
    assert_eq!(issuer, forge::GITHUB);
    assert_eq!(workflow.repository.as_deref(), Some("https://github.com/acme/shop"));
    assert_eq!((workflow.source_ref.as_deref(), workflow.file), (Some("refs/heads/main"), Some(identity)));
}

#[test]
fn a_person_has_no_workflow() {
    let forge = Forge::new();
    let bundle = forge.sign(&Name::person("release@acme.example"), &Order::of(&image())).to_string();
    let verified = verify(&bundle, &image(), &trusting(&forge)).unwrap();
    let Signer::Certificate { identity, workflow, .. } = verified.by else { panic!() };
    assert_eq!((identity.as_str(), workflow), ("release@acme.example", None));
}

#[test]
fn each_thing_that_is_wrong_is_found() {
    let forge = Forge::new();
    let check = |order: Order, words: &str| {
        let bundle = forge.sign(&release(), &order).to_string();
        refused(verify(&bundle, &image(), &trusting(&forge)), words);
    };
    check(Order { about: Digest::of(b"another image"), ..Order::of(&image()) }, "does not match any subject");
    check(Order { logged: false, ..Order::of(&image()) }, "against https://forge.example");
    check(Order { at: SIGNED_AT + 3 * 86_400, ..Order::of(&image()) }, "CertExpired");
    check(Order { at: SIGNED_AT - 3 * 86_400, ..Order::of(&image()) }, "CertNotValidYet");
    check(Order { at: SIGNED_AT + 20 * 365 * 86_400, ..Order::of(&image()) }, "future");
    check(Order { predicate: "two words".to_owned(), ..Order::of(&image()) }, "predicate");
}

#[test]
fn an_authority_that_is_not_in_the_root_is_nobody() {
    let (ours, theirs) = (Forge::new(), Forge::new());
    let bundle = theirs.sign(&release(), &Order::of(&image())).to_string();
    refused(verify(&bundle, &image(), &trusting(&ours)), "against https://forge.example");
    refused(verify(&bundle, &image(), &Trust::default()), "against https://fulcio.sigstore.dev");
    assert!(verify(&bundle, &image(), &trusting(&theirs)).is_ok());
}

#[test]
fn a_trusted_root_may_be_several_one_a_line() {
    let (one, two) = (Forge::new(), Forge::new());
    let bundle = two.sign(&release(), &Order::of(&image())).to_string();
    let roots = Some(format!("{}\n\n{}\n", one.root(), two.root()));
    assert!(verify(&bundle, &image(), &Trust { roots, keys: Vec::new() }).is_ok());
}

#[test]
fn a_log_that_is_not_in_the_root_is_none() {
    let (ours, theirs) = (Forge::new(), Forge::new());
    let bundle = ours.sign(&release(), &Order::of(&image())).to_string();
    let mut root: serde_json::Value = serde_json::from_str(&ours.root()).unwrap();
    let other: serde_json::Value = serde_json::from_str(&theirs.root()).unwrap();
    root["tlogs"] = other["tlogs"].clone();
    let trust = Trust { roots: Some(root.to_string()), keys: Vec::new() };
    refused(verify(&bundle, &image(), &trust), "log");
    // With no log at all nobody vouches for the time.
    root["tlogs"] = serde_json::json!([]);
    let trust = Trust { roots: Some(root.to_string()), keys: Vec::new() };
    refused(verify(&bundle, &image(), &trust), "log");
}

#[test]
fn a_key_of_ones_own_is_believed_with_its_log_or_without() {
    let (forge, key, other) = (Forge::new(), forge::key(), forge::key());
    let trust = |key, log| {
        let keys = vec![TrustedKey { file: "ours.pub".to_owned(), pem: forge::public(key), log }];
        Trust { roots: Some(forge.root()), keys }
    };
    let logged = forge.sign_with(&key, &Order::of(&image())).to_string();
    let unlogged = forge.sign_with(&key, &Order { logged: false, ..Order::of(&image()) }).to_string();
    assert!(verify(&logged, &image(), &trust(&key, true)).unwrap().logged);
    let verified = verify(&logged, &image(), &trust(&key, false)).unwrap();
    assert_eq!((verified.logged, verified.at), (false, None), "what was not verified is not told");
    // The library wants one of the two to be there in any case.
    refused(verify(&unlogged, &image(), &trust(&key, false)), "at least one tlog entry or timestamp");
    refused(verify(&unlogged, &image(), &trust(&key, true)), "with ours.pub against");
    refused(verify(&logged, &image(), &trust(&other, false)), "signature");
    refused(verify(&logged, &Digest::of(b"x"), &trust(&key, false)), "does not match any subject");
    // A certificate does not turn into a key, nor a key into a certificate.
    let certified = forge.sign(&release(), &Order::of(&image())).to_string();
    assert!(matches!(verify(&certified, &image(), &trust(&key, false)).unwrap().by, Signer::Certificate { .. }));
}

#[test]
fn a_root_or_a_key_that_cannot_be_used_is_not_the_bundles_fault() {
    let bundle = Forge::new().sign(&release(), &Order::of(&image())).to_string();
    let check = |trust: &Trust, what: &str| {
        let found = verify(&bundle, &image(), trust);
        assert!(matches!(&found, Err(VerifyError::Trust { what: named, .. }) if named == what), "{found:?}");
    };
    for roots in ["", "\n", "{}", "x", "{\"mediaType\": \"x\", \"tlogs\": [{}]}"] {
        check(&Trust { roots: Some(roots.to_owned()), keys: Vec::new() }, "the trusted root");
    }
    for pem in ["", "ssh-rsa AAAA", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"] {
        let keys = vec![TrustedKey { file: "bad.pub".to_owned(), pem: pem.to_owned(), log: true }];
        check(&Trust { roots: None, keys }, "the key bad.pub");
    }
}
