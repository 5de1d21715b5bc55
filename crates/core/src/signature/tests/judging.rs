//! Which signature is what is wanted, and what is said of those that are not.

use crate::{
    identifier::Digest,
    signature::{Demand, Evidence, Found, Rules, STATEMENTS, Signature, Signer, Statement, Verdict, Workflow, judge},
};

const GITHUB: &str = "https://token.actions.githubusercontent.com";
const RELEASE: &str = "https://github.com/acme/shop/.github/workflows/release.yml@refs/heads/main";

fn rules(by: Vec<Demand>) -> Rules {
    let statements = STATEMENTS.iter().map(|statement| statement.parse().unwrap()).collect();
    Rules { by, statements, trusted_root: None }
}

fn github(workflow: &str) -> Demand {
    let refs = ["refs/heads/main", "refs/tags/v*"].map(|name| name.parse().unwrap()).to_vec();
    Demand::GitHub { repository: "acme/shop".parse().unwrap(), workflow: workflow.parse().unwrap(), refs }
}

fn person() -> Demand {
    let issuer = "https://accounts.google.com".parse().unwrap();
    Demand::Identity { identity: "release@acme.example".parse().unwrap(), issuer }
}

fn key(log: bool) -> Demand {
    Demand::Key { file: "cosign.pub".to_owned(), log }
}

fn found() -> Found {
    Found::Referrer { repository: "ghcr.io/acme/shop".parse().unwrap(), manifest: Digest::of(b"bundle") }
}

fn signature(by: Signer) -> Signature {
    let statement = Statement::Attested { predicate: STATEMENTS[0].parse().unwrap() };
    Signature { by, statement, at: Some("2026-03-02T12:00:00Z".parse().unwrap()), logged: true, found: found() }
}

/// A run of a workflow, with its identity, the repository and the ref that were built.
fn run(identity: &str, repository: &str, source_ref: &str) -> Signature {
    let workflow = Workflow {
        repository: Some(repository.to_owned()),
        source_ref: Some(source_ref.to_owned()),
        file: Some(identity.to_owned()),
        ..Workflow::default()
    };
    let (identity, issuer) = (identity.to_owned(), GITHUB.to_owned());
    signature(Signer::Certificate { identity, issuer, workflow: Some(Box::new(workflow)) })
}

fn mail(identity: &str, issuer: &str) -> Signature {
    let (identity, issuer) = (identity.to_owned(), issuer.to_owned());
    signature(Signer::Certificate { identity, issuer, workflow: None })
}

fn verified(signature: Signature) -> Evidence {
    Evidence::Verified { signature: Box::new(signature) }
}

/// What is different; nothing where it is what is wanted.
fn differs(signature: Signature, by: Vec<Demand>) -> String {
    match judge(&[verified(signature)], &rules(by)) {
        Verdict::Signed { .. } => String::new(),
        Verdict::ByOther { others } => others.into_iter().map(|other| other.why).collect(),
        other @ (Verdict::Unverified { .. } | Verdict::Unknown { .. } | Verdict::Unsigned { .. }) => {
            panic!("{other:?}")
        }
    }
}

const SHOP: &str = "https://github.com/acme/shop";
const MAIN: &str = "refs/heads/main";
const OWN: &str = ".github/workflows/release.yml";

#[test]
fn a_workflow_is_its_file_its_repository_and_its_ref() {
    let check = |signature, expected: &str| assert_eq!(differs(signature, vec![github(OWN)]), expected);
    let at = |name: &str| format!("{SHOP}/{OWN}@{name}");
    check(run(RELEASE, SHOP, MAIN), "");
    check(run(RELEASE, "https://github.com/Acme/Shop", MAIN), "");
    check(run(&at("refs/tags/v1.4.0"), SHOP, "refs/tags/v1.4.0"), "");
    check(run(RELEASE, "https://github.com/acme/shop-2", MAIN), "the repository is not `acme/shop`");
    check(run(RELEASE, "https://github.com.evil.example/acme/shop", MAIN), "the repository is not `acme/shop`");
    check(run(&at("refs/heads/x"), SHOP, "refs/heads/x"), "the ref is none of `refs/heads/main`, `refs/tags/v*`");
    check(
        run(&at("refs/pull/7/merge"), SHOP, "refs/pull/7/merge"),
        "the ref is none of `refs/heads/main`, `refs/tags/v*`",
    );
    check(run(&at("refs/heads/x"), SHOP, MAIN), "the workflow was called at another ref");
    let other = RELEASE.replace("release.yml", "test.yml");
    check(run(&other, SHOP, MAIN), "the workflow is not `.github/workflows/release.yml`");
    let other = RELEASE.replace("acme/shop", "evil/shop");
    check(run(&other, SHOP, MAIN), "the workflow is not `.github/workflows/release.yml`");
    let other = RELEASE.replace("acme/shop/", "acme/shop/x/");
    check(run(&other, SHOP, MAIN), "the workflow is not `.github/workflows/release.yml`");
    check(mail("release@acme.example", "https://accounts.google.com"), &format!("the issuer is not `{GITHUB}`"));
}

#[test]
fn what_a_certificate_does_not_say_is_not_taken_for_granted() {
    let certificate =
        |workflow| Signer::Certificate { identity: RELEASE.to_owned(), issuer: GITHUB.to_owned(), workflow };
    let check =
        |workflow, expected: &str| assert_eq!(differs(signature(certificate(workflow)), vec![github(OWN)]), expected);
    check(None, "the repository is not `acme/shop`");
    let workflow = Workflow { repository: Some(SHOP.to_owned()), ..Workflow::default() };
    check(Some(Box::new(workflow.clone())), "the ref is none of `refs/heads/main`, `refs/tags/v*`");
    let workflow =
        Workflow { source_ref: Some(MAIN.to_owned()), file: Some("https://github.com/x".to_owned()), ..workflow };
    check(Some(Box::new(workflow)), "its certificate names two workflows");
}

#[test]
fn a_workflow_of_another_repository_must_be_called_at_its_ref() {
    let shared = "acme/workflows/.github/workflows/build.yml@refs/tags/v2";
    let check = |at: &str, expected: &str| {
        let identity = format!("https://github.com/acme/workflows/.github/workflows/build.yml@{at}");
        assert_eq!(differs(run(&identity, SHOP, MAIN), vec![github(shared)]), expected);
    };
    check("refs/tags/v2", "");
    check("refs/tags/v3", "the workflow was called at another ref");
    check("refs/heads/main", "the workflow was called at another ref");
    assert_ne!(differs(run(RELEASE, SHOP, MAIN), vec![github(shared)]), "");
}

#[test]
fn a_person_is_who_the_certificate_names_by_the_word_of_the_right_issuer() {
    let check =
        |identity, issuer, expected: &str| assert_eq!(differs(mail(identity, issuer), vec![person()]), expected);
    check("release@acme.example", "https://accounts.google.com", "");
    check("mallory@acme.example", "https://accounts.google.com", "the identity is not `release@acme.example`");
    check("release@acme.example", "https://login.evil.example", "the issuer is not `https://accounts.google.com`");
}

#[test]
fn a_key_is_that_key_and_logged_where_that_is_wanted() {
    let made = |file: &str, logged| Signature { logged, ..signature(Signer::Key { file: file.to_owned() }) };
    assert_eq!(differs(made("cosign.pub", true), vec![key(true)]), "");
    assert_eq!(differs(made("cosign.pub", false), vec![key(false)]), "");
    assert_eq!(differs(made("cosign.pub", false), vec![key(true)]), "it is in no transparency log");
    assert_eq!(differs(made("old.pub", true), vec![key(true)]), "it was made with another key");
}

#[test]
fn one_of_several_signers_is_enough_and_the_nearest_is_told() {
    let by = || vec![key(true), github(OWN), person()];
    assert_eq!(differs(run(RELEASE, SHOP, MAIN), by()), "");
    assert_eq!(differs(mail("release@acme.example", "https://accounts.google.com"), by()), "");
    assert_eq!(differs(mail("x@y.example", "https://a.example"), by()), "the identity is not `release@acme.example`");
}

#[test]
fn who_may_sign_must_state_what_is_wanted() {
    let says = |statement| differs(Signature { statement, ..run(RELEASE, SHOP, MAIN) }, vec![github(OWN)]);
    assert_eq!(says(Statement::Manifest), "");
    assert_eq!(says(Statement::Attested { predicate: STATEMENTS[1].parse().unwrap() }), "");
    let list = Statement::Attested { predicate: "https://spdx.dev/Document/v2.3".parse().unwrap() };
    assert!(says(list).starts_with("it states none of `https://slsa.dev/provenance/v1`"));
}

#[test]
fn the_right_signature_is_enough_whatever_else_there_is() {
    let unknown = || Evidence::Unknown { why: "denied".to_owned() };
    let damaged = || Evidence::Unverified { found: found(), why: "damaged".to_owned() };
    let nothing = || Evidence::Nothing { place: "among what was handed in".to_owned() };
    let (good, other) = (|| verified(run(RELEASE, SHOP, MAIN)), || verified(mail("x@y.example", "https://a.example")));
    let check = |evidence: &[Evidence], expected: fn(&Verdict) -> bool| {
        let verdict = judge(evidence, &rules(vec![github(OWN)]));
        assert!(expected(&verdict), "{verdict:?}");
    };
    check(&[unknown(), damaged(), other(), nothing(), good()], |verdict| matches!(verdict, Verdict::Signed { .. }));
    check(&[other(), damaged(), unknown()], |verdict| matches!(verdict, Verdict::Unknown { .. }));
    check(
        &[damaged(), other(), nothing()],
        |verdict| matches!(verdict, Verdict::ByOther { others } if others.len() == 1),
    );
    check(&[damaged(), nothing()], |verdict| matches!(verdict, Verdict::Unverified { .. }));
    check(&[nothing()], |verdict| matches!(verdict, Verdict::Unsigned { .. }));
    check(&[], |verdict| matches!(verdict, Verdict::Unknown { .. }));
    let verdict = judge(&[good()], &rules(Vec::new()));
    assert!(matches!(verdict, Verdict::ByOther { .. }), "{verdict:?}");
}

#[test]
fn what_a_certificate_says_cannot_act_on_whoever_reads_it() {
    let told = mail("x\n::error::y@z.example", "https://a.example").to_string();
    insta::assert_snapshot!(told, @r"`x\n::error::y@z.example` (by the word of https://a.example) at 2026-03-02T12:00:00Z: https://slsa.dev/provenance/v1, found as ghcr.io/acme/shop@sha256:1e6ed65d77d6364eeaed5a745ba5c4985ae2b700dd85d7cf7f027bdf294a33fc");
}
