//! Files with bundles: one, one a line, and what is none.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{
    identifier::Digest,
    signature::{BundleError, LARGEST, split},
};

const KIND: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

fn attested(subjects: &[&Digest]) -> Value {
    let subject = |digest: &&Digest| json!({"digest": {"sha256": digest.as_str().trim_start_matches("sha256:")}});
    let statement = json!({"subject": subjects.iter().map(subject).collect::<Vec<_>>()});
    json!({"mediaType": KIND, "dsseEnvelope": {"payload": STANDARD.encode(statement.to_string())}})
}

#[expect(clippy::needless_pass_by_value, reason = "what is expected is written where it is asked")]
fn check(text: &str, expected: Result<Vec<Vec<Digest>>, BundleError>) {
    let found = split(text.as_bytes());
    assert_eq!(found.map(|bundles| bundles.iter().map(|one| one.about().to_vec()).collect::<Vec<_>>()), expected);
}

#[test]
fn one_bundle_or_one_a_line() {
    let (one, two) = (Digest::of(b"1"), Digest::of(b"2"));
    check(&format!("{:#}", attested(&[&one])), Ok(vec![vec![one.clone()]]));
    let lines = format!("{}\n\n{}\r\n", attested(&[&one]), attested(&[&two, &one]));
    check(&lines, Ok(vec![vec![one.clone()], vec![two, one]]));
}

#[test]
fn a_signature_is_about_what_was_signed() {
    let signed =
        json!({"mediaType": KIND, "messageSignature": {"messageDigest": {"digest": STANDARD.encode([7; 32])}}});
    check(&signed.to_string(), Ok(vec![vec![format!("sha256:{}", "07".repeat(32)).parse().unwrap()]]));
}

#[test]
fn what_is_no_bundle_is_named_by_its_line() {
    check("", Err(BundleError::Empty));
    check("\n \n", Err(BundleError::Empty));
    let good = attested(&[]);
    check(&format!("{good}\nx"), Err(BundleError::NotJson { line: 2 }));
    let wrong = |line, why: &str| Err(BundleError::NoBundle { line, why: why.to_owned() });
    check("{}", wrong(1, "its `mediaType` is not that of one"));
    check(&format!("{good}\n[]"), wrong(2, "its `mediaType` is not that of one"));
    for damaged in [json!({"mediaType": KIND}), json!({"mediaType": KIND, "dsseEnvelope": {"payload": "!"}})] {
        check(&damaged.to_string(), wrong(1, "what it is about cannot be read"));
    }
    assert_eq!(split(&vec![b' '; LARGEST + 1]), Err(BundleError::TooLarge));
}
