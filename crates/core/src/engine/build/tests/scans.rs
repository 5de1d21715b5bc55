//! The scan gate of a build: what is found, or could not be looked for, keeps every tag away, as the rules say.

use crate::{
    ledger::Reports,
    ports::{Answer, ScannerError},
    scan::{Found, Report, Scanner, Tool},
};

use super::*;

const RUN: &str = "[build.scan]\nfrom = \"trivy\"\n[scan.trivy]\nversion = \"0.68.1\"\n";

/// Trivy's report on that image, with one critical finding.
const BAD: &str = include_str!("../../../scan/fixtures/trivy.json");

fn stage(rules: &str) -> Stage {
    Stage::of(&format!("{CONFIGURATION}{rules}"))
}

/// A report on an image that names no digest, as of one that no registry has seen, and lists nothing.
fn clean() -> String {
    let report = r#"{"SchemaVersion":2,"Trivy":{"Version":"0.68.1"},"CreatedAt":"2026-03-02T11:00:00Z","ArtifactName":"layout",
        "Results":[{"Target":"debian","Class":"os-pkgs"}]}"#;
    report.to_owned()
}

fn bad(image: &Digest) -> String {
    BAD.replace(&format!("sha256:{}", "a".repeat(64)), image.as_str())
}

fn worker() -> Digest {
    Digest::of(b"worker")
}

/// A stage on which the web is clean and the worker is as this report says.
fn stage_with(rules: &str, report: &str) -> Stage {
    let stage = stage(rules);
    stage.scanner.report(&Digest::of(b"web"), clean().as_bytes());
    stage.scanner.report(&worker(), report.as_bytes());
    stage
}

/// Nothing got a name that anybody deploys.
async fn nothing_has_a_name(stage: &Stage) {
    stage.no_tag_is_set();
    assert_eq!(stage.releases().await, 0);
}

#[tokio::test]
async fn what_the_scanner_finds_keeps_all_from_their_tags_until_it_is_allowed() {
    let stage = stage_with(RUN, &bad(&worker()));
    let error = stage.first().await.unwrap_err();
    let BuildFailure::Refused { reasons } = &error else { panic!("{error}") };
    assert!(reasons[0].starts_with("worker: ") && reasons[0].contains("CVE-2026-1001 in openssl"), "{reasons:?}");
    nothing_has_a_name(&stage).await;
    assert_eq!(stage.scanner.scanned().len(), 2);

    let allow = "[[build.scan.allow]]\nid = \"CVE-2026-1001\"\nreason = \"not reachable\"\nexpires = ";
    let stage = stage_with(&format!("{RUN}{allow}\"2026-03-01\"\n"), &bad(&worker()));
    let error = stage.first().await.unwrap_err().to_string();
    assert!(error.contains("no longer allowed"), "{error}");
    nothing_has_a_name(&stage).await;

    let stage = stage_with(&format!("{RUN}{allow}\"2026-12-31\"\n"), &bad(&worker()));
    let report = stage.first().await.unwrap();
    let told: Vec<String> = report.scans[&name("worker")].iter().map(ToString::to_string).collect();
    assert!(told[0].contains("Trivy 0.68.1") && told[0].contains("not reachable"), "{told:?}");
    let kept = Reports::new(&*stage.store).newest(&worker()).await.unwrap().unwrap();
    assert_eq!((kept.received_by.as_str(), kept.report.image), ("ci", worker()), "environments can judge it too");
}

#[tokio::test]
async fn a_scanner_that_could_not_look_is_neither_good_nor_bad_and_the_rules_decide() {
    let check = async |unscanned: &str, failing: bool| {
        let stage = stage_with(&RUN.replace("[scan.", &format!("unscanned = \"{unscanned}\"\n[scan.")), &clean());
        if failing {
            let tail = vec!["FATAL no space left on device".to_owned()];
            stage.scanner.fail(ScannerError::Failed { scanner: Scanner::Trivy, status: "status 1".to_owned(), tail });
        }
        let built = stage.first().await;
        if built.is_err() {
            nothing_has_a_name(&stage).await;
        }
        built
    };
    assert!(check("refuse", false).await.is_ok());
    let refused = check("refuse", true).await.unwrap_err();
    assert!(
        matches!(refused, BuildFailure::Refused { .. }) && refused.to_string().contains("no space left"),
        "{refused}"
    );
    assert!(matches!(check("hold", true).await, Err(BuildFailure::Held { .. })));
    let allowed = check("allow", true).await.unwrap();
    assert!(allowed.scans[&name("web")][0].to_string().contains("no space left"), "{:?}", allowed.scans);
}

#[tokio::test]
async fn what_the_scanner_writes_must_be_a_report_on_what_it_was_handed() {
    for (document, says) in [(bad(&Digest::of(b"another")), "not about"), ("{".to_owned(), "not whole JSON")] {
        let stage = stage_with(RUN, &document);
        let error = stage.first().await.unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
        nothing_has_a_name(&stage).await;
    }
}

#[tokio::test]
async fn the_registrys_own_scanner_is_waited_for() {
    let stage = stage("[build.scan]\nfrom = \"ecr\"\nwait = \"1m\"\n");
    let report = |image: Digest| {
        let (tool, found) = (Tool::new("ECR", None), Found::findings(Vec::new(), 0));
        Answer::Ended(Box::new(Report { image, platform: None, tool, database: None, scanned_at: None, found }))
    };
    let goes_on = Answer::GoesOn("IN_PROGRESS".to_owned());
    for bytes in [b"web".as_slice(), b"worker"] {
        let image = Digest::of(bytes);
        stage.scans.answer(&image, [Answer::NotThere, goes_on.clone(), report(image.clone())]);
    }
    assert!(stage.first().await.is_ok());
    assert!(stage.scanner.scanned().is_empty());
    let never = self::stage("[build.scan]\nfrom = \"ecr\"\nwait = \"1m\"\n");
    let error = never.first().await.unwrap_err().to_string();
    assert!(error.contains("the registry knows of no scan of it"), "{error}");
    nothing_has_a_name(&never).await;
}

#[tokio::test]
async fn a_report_that_was_taken_in_before_counts_for_the_same_bytes() {
    let stage = stage("[build.scan]\nfrom = \"reports\"\nunscanned = \"hold\"\n");
    let held = stage.first().await.unwrap_err();
    assert!(matches!(held, BuildFailure::Held { .. }), "{held}");
    nothing_has_a_name(&stage).await;
    for image in [Digest::of(b"web"), worker()] {
        let report = crate::ports::ScannerReport { document: clean().into_bytes(), database: None };
        let kept = crate::scan::handed(&report, &image, "ann", stage.workshop.clock.now()).unwrap();
        Reports::new(&*stage.store).keep(&kept).await.unwrap();
    }
    assert!(stage.first().await.is_ok(), "the same bytes again, and now there is a report on them");
}
