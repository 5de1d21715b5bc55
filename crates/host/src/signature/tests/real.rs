//! Bundles that Sigstore's and GitHub's services signed, against the roots that come with this version.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sigstore_verify::trust_root::SIGSTORE_STAGING_TRUSTED_ROOT;
use towpath_core::{
    identifier::Digest,
    ports::{Trust, TrustedKey, Verified},
    signature::{Bundle, Signer, Statement},
};

use super::{refused, verify};

const PUBLIC_LOG: &str = include_str!("data/public-log.json");
const STAGING_LOG_TWO: &str = include_str!("data/staging-log-two.json");
const GITHUB_RELEASE: &str = include_str!("data/github-release.json");
const COSIGN_BLOB: &str = include_str!("data/cosign-blob.json");
const COSIGN_KEY: &str = include_str!("data/cosign-key.json");
const KEY: &str = include_str!("data/cosign-key.pub");

/// The first digest that a bundle says it is about.
fn about(bundle: &str) -> Digest {
    let bundle = Bundle::read(serde_json::from_str(bundle).unwrap()).unwrap();
    bundle.about()[0].clone()
}

fn good(bundle: &str, trust: &Trust) -> Verified {
    verify(bundle, &about(bundle), trust).unwrap_or_else(|error| panic!("{error}"))
}

fn said(verified: &Verified) -> String {
    let Verified { by, statement, at, logged } = verified;
    let at = at.map_or_else(|| "at no known time".to_owned(), |at| at.to_string());
    format!("{by}\n{statement}\n{at}, {}", if *logged { "logged" } else { "not logged" })
}

#[test]
fn a_statement_in_the_public_log_is_whose_it_is() {
    let verified = good(PUBLIC_LOG, &Trust::default());
    insta::assert_snapshot!(said(&verified), @"
    `https://github.com/prefix-dev/sigstore-example/.github/workflows/action.yaml@refs/heads/main` (by the word of https://token.actions.githubusercontent.com)
    https://schemas.conda.org/attestations-publish-1.schema.json
    2025-09-01T12:13:59Z, logged
    ");
    let Signer::Certificate { workflow: Some(workflow), .. } = verified.by else { panic!() };
    insta::assert_snapshot!(format!("{workflow:#?}"), @r#"
    Workflow {
        repository: Some(
            "https://github.com/prefix-dev/sigstore-example",
        ),
        source_ref: Some(
            "refs/heads/main",
        ),
        commit: Some(
            "193b5bd7d3985809503963ae400594ea16df31cf",
        ),
        file: Some(
            "https://github.com/prefix-dev/sigstore-example/.github/workflows/action.yaml@refs/heads/main",
        ),
        run: Some(
            "https://github.com/prefix-dev/sigstore-example/actions/runs/17377272645/attempts/1",
        ),
    }
    "#);
}

#[test]
fn the_second_version_of_the_log_is_known_too() {
    let staging = Trust { roots: Some(SIGSTORE_STAGING_TRUSTED_ROOT.to_owned()), keys: Vec::new() };
    insta::assert_snapshot!(said(&good(STAGING_LOG_TWO, &staging)), @"
    `jku@goto.fi` (by the word of https://github.com/login/oauth)
    https://schemas.conda.org/attestations-publish-1.schema.json
    2026-05-26T07:42:21Z, logged
    ");
    refused(verify(STAGING_LOG_TWO, &about(STAGING_LOG_TWO), &Trust::default()), "timestamp");
}

#[test]
fn githubs_own_authority_is_known_and_who_is_vouched_for_by_nobody_is_not_believed() {
    // All of it is verified against GitHub's root. Its certificate names no issuer: it is GitHub's own, for a release.
    refused(
        verify(GITHUB_RELEASE, &about(GITHUB_RELEASE), &Trust::default()),
        "does not say who signed, or who vouches",
    );
}

#[test]
fn a_signature_of_the_bytes_themselves_is_one_of_the_manifest() {
    let verified = good(COSIGN_BLOB, &Trust::default());
    assert_eq!(verified.statement, Statement::Manifest);
    insta::assert_snapshot!(said(&verified), @"
    `w.vollprecht@gmail.com` (by the word of https://github.com/login/oauth)
    the manifest
    2025-12-03T18:36:42Z, logged
    ");
}

#[test]
fn a_key_is_believed_only_where_it_is_named() {
    let key = |pem: &str, log| {
        let keys = vec![TrustedKey { file: "cosign.pub".to_owned(), pem: pem.to_owned(), log }];
        Trust { roots: None, keys }
    };
    assert!(matches!(good(COSIGN_KEY, &key(KEY, true)).by, Signer::Key { file } if file == "cosign.pub"));
    assert!(good(COSIGN_KEY, &key(KEY, true)).logged);
    assert!(!good(COSIGN_KEY, &key(KEY, false)).logged);
    refused(verify(COSIGN_KEY, &about(COSIGN_KEY), &Trust::default()), "none is trusted here");
    let other = crate::signature::forge::public(&crate::signature::forge::key());
    refused(verify(COSIGN_KEY, &about(COSIGN_KEY), &key(&other, true)), "signature");
    refused(verify(PUBLIC_LOG, &Digest::of(b"x"), &key(KEY, true)), "does not match any subject");
}

#[test]
fn it_is_a_signature_of_no_other_image() {
    for bundle in [PUBLIC_LOG, STAGING_LOG_TWO, GITHUB_RELEASE, COSIGN_BLOB] {
        refused(verify(bundle, &Digest::of(b"another image"), &Trust::default()), "match");
    }
}

#[test]
fn one_that_is_in_no_log_or_in_anothers_place_there_is_refused() {
    let check = |bundle: &str, words: &str| refused(verify(bundle, &about(bundle), &Trust::default()), words);
    check(include_str!("data/no-log-entry.json"), "against");
    check(include_str!("data/other-log-entry.json"), "against");
}

/// The good bundle with one place changed.
fn with(bundle: &str, place: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut value: Value = serde_json::from_str(bundle).unwrap();
    change(value.pointer_mut(place).unwrap_or_else(|| panic!("{place}")));
    value.to_string()
}

/// Changes one byte in the middle of what is there in Base64.
fn flip(value: &mut Value) {
    let mut bytes = STANDARD.decode(value.as_str().unwrap()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    *value = Value::String(STANDARD.encode(bytes));
}

#[test]
fn whatever_is_changed_of_a_good_one_it_is_good_no_more() {
    let entry = "/verificationMaterial/tlogEntries/0";
    let places = [
        "/dsseEnvelope/payload".to_owned(),
        "/dsseEnvelope/signatures/0/sig".to_owned(),
        "/verificationMaterial/certificate/rawBytes".to_owned(),
        format!("{entry}/canonicalizedBody"),
        format!("{entry}/inclusionPromise/signedEntryTimestamp"),
        format!("{entry}/inclusionProof/rootHash"),
        format!("{entry}/inclusionProof/hashes/0"),
        format!("{entry}/logId/keyId"),
    ];
    for place in places {
        let changed = with(PUBLIC_LOG, &place, flip);
        assert!(verify(&changed, &about(PUBLIC_LOG), &Trust::default()).is_err(), "{place}");
    }
    let later = with(PUBLIC_LOG, &format!("{entry}/integratedTime"), |time| *time = json!("1900000000"));
    refused(verify(&later, &about(PUBLIC_LOG), &Trust::default()), "against");
    for part in ["inclusionProof", "inclusionPromise"] {
        let without = with(PUBLIC_LOG, entry, |entry| drop(entry.as_object_mut().unwrap().remove(part)));
        assert!(verify(&without, &about(PUBLIC_LOG), &Trust::default()).is_err(), "without its {part}");
    }
    let untimed = with(GITHUB_RELEASE, "/verificationMaterial", |material| {
        drop(material.as_object_mut().unwrap().remove("timestampVerificationData"));
    });
    refused(verify(&untimed, &about(GITHUB_RELEASE), &Trust::default()), "timestamp");
}

#[test]
fn what_is_no_bundle_is_refused_and_nothing_more() {
    for bundle in
        ["", "{}", "null", "[1]", "{\"mediaType\": \"application/vnd.dev.sigstore.bundle.v0.3+json\"}", "\u{0}"]
    {
        assert!(verify(bundle, &Digest::of(b"x"), &Trust::default()).is_err(), "{bundle}");
    }
}
