//! The gate of the signature, in a whole promotion: what stops it, what lets it pass, and what the record says of it.

use std::sync::Arc;

use serde_json::json;

use crate::{
    fakes::{FakeBundles, FakeDocuments, FakeVerifier, Mishap, Outcome as Rollout},
    identifier::Digest,
    ledger::HandedIn,
    policy::Reason,
    ports::{Fault, FoundBundle, Verified},
    promotion::Outcome,
    signature::{BUNDLE_SCHEMA, Found, KeptBundle, STATEMENTS, Signer, Statement},
};

use super::{
    executor,
    stage::{CONFIGURATION, Stage, image, td},
};

const VERSION: &str = "1.2.0";

struct Signing {
    stage: Stage,
    bundles: Arc<FakeBundles>,
    verifier: Arc<FakeVerifier>,
}

fn signing() -> Signing {
    signing_with("by = [{ identity = \"release@acme.example\", issuer = \"https://accounts.google.com\" }]")
}

fn signing_with(signed: &str) -> Signing {
    let mut stage = Stage::with(&format!("{CONFIGURATION}\n[environments.dev.signed]\n{signed}\n"), &["api"]);
    stage.release(VERSION, Rollout::default());
    let (bundles, verifier) = (Arc::new(FakeBundles::new()), Arc::new(FakeVerifier::new()));
    stage.world.bundles = Arc::clone(&bundles) as _;
    stage.world.verifier = Arc::clone(&verifier) as _;
    Signing { stage, bundles, verifier }
}

impl Signing {
    /// Puts a signature of that person's beside the image.
    fn sign(&self, identity: &str) {
        let manifest = Digest::of(identity.as_bytes());
        let found = Found::Referrer { repository: image(VERSION).repository().clone(), manifest };
        self.bundles.put(&image(VERSION), FoundBundle { found, bundle: Ok(identity.as_bytes().to_vec()) });
        self.believe(identity.as_bytes(), identity);
    }

    fn believe(&self, bundle: &[u8], identity: &str) {
        let (identity, issuer) = (identity.to_owned(), "https://accounts.google.com".to_owned());
        let verified = Verified {
            by: Signer::Certificate { identity, issuer, workflow: None },
            statement: Statement::Attested { predicate: STATEMENTS[1].parse().unwrap() },
            at: Some("2026-03-02T08:00:00Z".parse().unwrap()),
            logged: true,
        };
        self.verifier.believe(bundle, image(VERSION).digest(), verified);
    }

    /// Brings the version; the outcome, and what the record says of signatures.
    fn bring(&self) -> (Outcome, Reason) {
        let report = self.stage.promote(VERSION, "p-1").unwrap();
        let record = self.stage.records().pop().unwrap();
        assert_eq!(record.outcome, report.outcome);
        if report.outcome != Outcome::Succeeded {
            assert_eq!(self.stage.snapshot("api").task_definition, Some(td("api:1")), "nothing was changed");
        }
        let is_of_signature = |reason: &Reason| reason.to_string().contains("sign");
        let mut reasons = record.decision.unwrap().reasons.into_iter().filter(is_of_signature);
        let reason = reasons.next().unwrap();
        assert_eq!(reasons.next(), None);
        (report.outcome, reason)
    }
}

#[test]
fn what_is_not_signed_is_stopped() {
    let (outcome, reason) = signing().bring();
    assert_eq!(outcome, Outcome::Refused);
    insta::assert_snapshot!(reason, @"`api` (sha256:9f77034b1eb57d24f21ac7deb65c9cc99f63b72775e311f1f280ab2b6c2e06a2) was not signed: there is nothing among what was handed in, nor beside 111111111111.dkr.ecr.us-west-2.amazonaws.com/shop@sha256:9f77034b1eb57d24f21ac7deb65c9cc99f63b72775e311f1f280ab2b6c2e06a2");
    insta::assert_snapshot!(reason.remedy().unwrap(), @"sign or attest sha256:9f77034b1eb57d24f21ac7deb65c9cc99f63b72775e311f1f280ab2b6c2e06a2 in the image's repository, or hand the bundle in with `towpath signatures --bundle`");
}

#[test]
fn the_right_signature_lets_it_pass_and_the_record_says_whose_and_where() {
    let signing = signing();
    signing.sign("mallory@evil.example");
    signing.sign("release@acme.example");
    let (outcome, reason) = signing.bring();
    assert_eq!(outcome, Outcome::Succeeded);
    insta::assert_snapshot!(reason, @"`api` (sha256:9f77034b1eb57d24f21ac7deb65c9cc99f63b72775e311f1f280ab2b6c2e06a2) was signed by `release@acme.example` (by the word of https://accounts.google.com) at 2026-03-02T08:00:00Z: https://sigstore.dev/cosign/sign/v1, found as 111111111111.dkr.ecr.us-west-2.amazonaws.com/shop@sha256:972ed2d2d397a2dedc8c0f2c18359fd4f18f1495352cb9f2c4e712671fc3c4f3");
}

#[test]
fn somebody_elses_signature_stops_it_and_names_both() {
    let signing = signing();
    signing.sign("mallory@evil.example");
    let (outcome, reason) = signing.bring();
    assert_eq!(outcome, Outcome::Refused);
    insta::assert_snapshot!(reason, @"`api` (sha256:9f77034b1eb57d24f21ac7deb65c9cc99f63b72775e311f1f280ab2b6c2e06a2) was signed by `mallory@evil.example` (by the word of https://accounts.google.com) at 2026-03-02T08:00:00Z: https://sigstore.dev/cosign/sign/v1, found as 111111111111.dkr.ecr.us-west-2.amazonaws.com/shop@sha256:75a1243e06f68cb8427cc15f6b27576bf5cabfc637bbd4b7aea93f11a1bdca37; the identity is not `release@acme.example`; wanted: `release@acme.example` by the word of https://accounts.google.com");
    insta::assert_snapshot!(reason.remedy().unwrap(), @"have it signed by whom `signed` names; where the others are to be believed too, add them to `by`");
}

#[test]
fn a_bundle_that_cannot_be_verified_is_no_signature() {
    let signing = signing();
    let found = Found::Tagged { repository: image(VERSION).repository().clone(), tag: "sha256-0".parse().unwrap() };
    signing.bundles.put(&image(VERSION), FoundBundle { found: found.clone(), bundle: Ok(b"x".to_vec()) });
    signing.bundles.put(&image(VERSION), FoundBundle { found, bundle: Err("it is of an older form".to_owned()) });
    let (outcome, reason) = signing.bring();
    assert_eq!(outcome, Outcome::Refused);
    insta::assert_snapshot!(reason, @"nothing that may be a signature of `api` (sha256:9f77034b1eb57d24f21ac7deb65c9cc99f63b72775e311f1f280ab2b6c2e06a2) could be verified: found as 111111111111.dkr.ecr.us-west-2.amazonaws.com/shop:sha256-0: it is no signature of this image; found as 111111111111.dkr.ecr.us-west-2.amazonaws.com/shop:sha256-0: it is of an older form");
}

#[test]
fn a_registry_that_cannot_be_asked_stops_it_by_a_reason_of_its_own() {
    let signing = signing();
    let denied = Fault::Denied { principal: None, action: Some("ecr:ListImageReferrers".to_owned()), resource: None };
    signing.bundles.next(Mishap::NotCarriedOut(denied));
    let (outcome, reason) = signing.bring();
    assert_eq!(outcome, Outcome::Refused);
    assert!(matches!(&reason, Reason::SignatureUnknown { .. }), "{reason}");
    assert!(reason.to_string().contains("could not be asked"), "{reason}");
}

#[test]
fn what_was_handed_in_counts_where_the_registry_cannot_be_asked() {
    let signing = signing();
    let bundle = json!({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "messageSignature": {"messageDigest": {"digest": ""}}});
    signing.believe(bundle.to_string().as_bytes(), "release@acme.example");
    let kept =
        KeptBundle { schema: BUNDLE_SCHEMA, received_at: signing.stage.now(), received_by: "ada".to_owned(), bundle };
    for _ in 0..2 {
        executor::run(HandedIn::new(&signing.stage.ports.store).keep(image(VERSION).digest(), &kept)).unwrap().unwrap();
    }
    signing.bundles.next(Mishap::NotCarriedOut(Fault::Throttled));
    let (outcome, reason) = signing.bring();
    assert_eq!(outcome, Outcome::Succeeded);
    assert!(reason.to_string().contains("handed in as bundle"), "{reason}");
}

#[test]
fn a_key_that_is_not_there_is_told_and_stops_it() {
    let mut signing = signing_with("by = [{ key = \"cosign.pub\" }]");
    signing.sign("release@acme.example");
    let (outcome, reason) = signing.bring();
    assert_eq!(outcome, Outcome::Refused);
    insta::assert_snapshot!(reason, @"whether `api` (sha256:9f77034b1eb57d24f21ac7deb65c9cc99f63b72775e311f1f280ab2b6c2e06a2) was signed could not be asked: cannot read cosign.pub: there is no such file");
    let documents = FakeDocuments::new();
    documents.put("cosign.pub", "-----BEGIN PUBLIC KEY-----");
    signing.stage.world.documents = Arc::new(documents);
    let report = signing.stage.promote(VERSION, "p-2").unwrap();
    assert_eq!(report.outcome, Outcome::Refused, "no key signed it");
}

#[test]
fn an_environment_that_demands_no_signature_asks_nobody() {
    let stage = Stage::open();
    stage.release(VERSION, Rollout::default());
    assert_eq!(stage.promote(VERSION, "p-1").unwrap().outcome, Outcome::Succeeded);
}
