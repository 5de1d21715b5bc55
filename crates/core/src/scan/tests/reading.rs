//! Files of every form, whole and damaged.

use crate::{
    identifier::Digest,
    scan::{
        Found, Report, Severity,
        read::{LARGEST, ReadError, Scanned, read},
    },
};

const TRIVY: &str = include_str!("../fixtures/trivy.json");
const GRYPE: &str = include_str!("../fixtures/grype.json");
const TRIVY_SARIF: &str = include_str!("../fixtures/trivy.sarif");
const GRYPE_SARIF: &str = include_str!("../fixtures/grype.sarif");

fn digest(letter: char) -> Digest {
    format!("sha256:{}", letter.to_string().repeat(64)).parse().unwrap()
}

fn scanned(text: &str) -> Scanned {
    read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {:?}", std::error::Error::source(&error)))
}

fn report(text: &str) -> Report {
    scanned(text).about(&digest('a'), &[]).unwrap()
}

/// The findings as `severity id package installed fixed`.
fn check(text: &str, tool: &str, ignored: usize, expected: &[&str]) {
    let report = report(text);
    assert_eq!(report.tool.to_string(), tool);
    let Found::Findings { findings, ignored: found } = report.found else { panic!("{report:?}") };
    let lines = findings.iter().map(|one| {
        let word = |version: &Option<_>| version.as_ref().map_or("-".to_owned(), ToString::to_string);
        let package = one.package.as_ref().map_or("-", |package| package.as_str());
        format!("{} {} {package} {} {}", one.severity, one.id, word(&one.installed), word(&one.fixed))
    });
    assert_eq!((lines.collect::<Vec<_>>(), found), (expected.iter().map(ToString::to_string).collect(), ignored));
}

const OPENSSL: &str = "critical CVE-2026-1001 openssl 3.0.15-1~deb12u1 3.0.16-1~deb12u1";

#[test]
fn each_form_gives_the_same_findings() {
    check(TRIVY, "Trivy 0.68.1", 0, &[OPENSSL, "low CVE-2026-1002 zlib1g 1:1.2.13.dfsg-1 -"]);
    check(GRYPE, "Grype 0.104.0", 1, &[OPENSSL, "negligible GHSA-jf85-cpcp-j695 lodash 4.17.11 -"]);
    check(TRIVY_SARIF, "Trivy 0.68.1", 0, &[OPENSSL]);
    check(GRYPE_SARIF, "Grype 0.104.0", 0, &[OPENSSL]);
}

#[test]
fn dates_and_the_platform_are_kept_where_the_form_has_them() {
    let grype = report(GRYPE);
    assert_eq!(grype.database.unwrap().to_string(), "2026-03-02T06:30:00Z");
    assert_eq!(grype.scanned_at.unwrap().to_string(), "2026-03-02T11:00:00.5Z");
    assert_eq!(grype.platform.as_deref(), Some("linux/amd64"));
    let trivy = report(TRIVY);
    assert_eq!((trivy.database, trivy.scanned_at.is_some()), (None, true));
    assert_eq!(report(TRIVY_SARIF).scanned_at, None);
    let told = "2026-03-01T00:00:00Z".parse().unwrap();
    let (trivy, grype) = (scanned(TRIVY).with_database(Some(told)), scanned(GRYPE).with_database(Some(told)));
    assert_eq!(trivy.about(&digest('a'), &[]).unwrap().database, Some(told));
    assert_ne!(grype.about(&digest('a'), &[]).unwrap().database, Some(told), "the file's own date stands");
}

#[test]
fn a_report_about_another_image_is_refused_with_both_digests() {
    for text in [TRIVY, GRYPE, TRIVY_SARIF, GRYPE_SARIF] {
        let error = scanned(text).about(&digest('f'), &[digest('e')]).unwrap_err().to_string();
        assert!(error.contains(digest('a').as_str()) && error.contains(digest('f').as_str()), "{error}");
    }
}

#[test]
fn a_report_of_one_image_of_an_index_is_that_images() {
    let report = scanned(GRYPE).about(&digest('a'), &[digest('b'), digest('c')]).unwrap();
    assert_eq!(report.image, digest('b'));
    let by_index = scanned(TRIVY).about(&digest('a'), &[digest('b'), digest('c')]).unwrap();
    assert_eq!(by_index.image, digest('a'));
}

#[test]
fn a_report_that_names_no_digest_is_refused() {
    let at = format!("@{}", digest('a'));
    for text in [TRIVY, TRIVY_SARIF, GRYPE_SARIF] {
        let error = scanned(&text.replace(&at, "")).about(&digest('a'), &[]).unwrap_err();
        assert!(matches!(error, ReadError::NoDigest { .. }), "{error}");
    }
}

#[test]
fn an_image_in_which_nothing_was_recognised_was_not_scanned() {
    let from = TRIVY.find("\"Results\"").unwrap();
    for results in ["", ", \"Results\": null", ", \"Results\": []"] {
        let text = format!("{}{results}}}", TRIVY[..from].trim_end().trim_end_matches(','));
        assert!(matches!(report(&text).found, Found::Nothing { .. }), "{results}");
    }
    let only_secrets = TRIVY.replace("os-pkgs", "secret").replace("lang-pkgs", "license");
    assert!(matches!(report(&only_secrets).found, Found::Findings { .. }), "what is listed is never dropped");
    let unsuccessful =
        TRIVY_SARIF.replace("\"columnKind\"", "\"invocations\": [{\"executionSuccessful\": false}], \"columnKind\"");
    assert!(matches!(report(&unsuccessful).found, Found::Nothing { .. }));
}

#[test]
fn what_is_damaged_cut_short_or_of_another_kind_is_refused() {
    let error = |text: &str| read(text.as_bytes()).unwrap_err();
    for text in [TRIVY, GRYPE, TRIVY_SARIF, GRYPE_SARIF] {
        assert!(matches!(error(&text[..text.len() / 2]), ReadError::NotJson(_)));
    }
    for text in ["{}", "[]", "1", "{\"matches\": []}", "{\"bomFormat\": \"CycloneDX\"}"] {
        assert!(matches!(error(text), ReadError::UnknownForm), "{text}");
    }
    assert!(matches!(error(""), ReadError::NotJson(_)));
    assert!(matches!(error(&"[".repeat(100_000)), ReadError::NotJson(_) | ReadError::UnknownForm));
    assert!(matches!(error(&TRIVY.replace("CRITICAL", "IMPORTANT")), ReadError::Word { .. }));
    assert!(matches!(error(&TRIVY.replace("CVE-2026-1001", "CVE 1")), ReadError::Word { .. }));
    assert!(matches!(error(&TRIVY.replace("\"PkgName\"", "\"Name\"")), ReadError::Damaged { .. }));
    assert!(matches!(
        error(&TRIVY.replace("\"SchemaVersion\": 2", "\"SchemaVersion\": 3")),
        ReadError::UnknownVersion { .. }
    ));
    assert!(matches!(error(&TRIVY.replace("container_image", "filesystem")), ReadError::NoImage(_)));
    assert!(matches!(error(&GRYPE.replace("\"type\": \"image\"", "\"type\": \"directory\"")), ReadError::NoImage(_)));
    assert!(matches!(error(&GRYPE_SARIF.replace("\"Grype\"", "\"Snyk\"")), ReadError::OtherTool(_)));
    assert!(matches!(read(&vec![b' '; LARGEST + 1]).unwrap_err(), ReadError::TooLarge { .. }));
}

#[test]
fn sarif_without_words_is_taken_at_its_score_and_without_a_score_at_its_worst() {
    let severity = |text: &str| match report(text).found {
        Found::Findings { findings, .. } => findings[0].severity,
        Found::Nothing { why } => panic!("{why}"),
    };
    let silent = TRIVY_SARIF.replace("Severity: ", "Level: ");
    assert_eq!(severity(&silent.replace("\"9.8\"", "\"7.5\"")), Severity::High);
    assert_eq!(severity(&silent.replace("\"security-severity\": \"9.8\",", "")), Severity::Critical);
}
