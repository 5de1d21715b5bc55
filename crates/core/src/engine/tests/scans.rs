//! The gate of the scan, in a whole promotion: what stops it, what lets it pass, and what the record says of it.

use std::{sync::Arc, time::Duration};

use crate::{
    fakes::{FakeScans, Mishap, Outcome as Rollout},
    identifier::{Digest, Sha256},
    ledger::Reports,
    policy::{Reason, WhenUnscanned},
    ports::{Answer, Clock as _, Fault},
    promotion::Outcome,
    scan::{Finding, Found, KeptReport, REPORT_SCHEMA, Report, Severity, Tool},
};

use super::{
    executor,
    sabotage::{Lasts, Sabotage, Wrong},
    stage::{CONFIGURATION, Stage, image, td},
};

/// 1.2.0 is a single image here, 1.1.0 an index.
const SINGLE: &str = "1.2.0";

fn stage(scan: &str) -> Stage {
    let stage = Stage::with(&format!("{CONFIGURATION}\n[environments.dev.scan]\n{scan}\n"), &["api"]);
    for version in ["1.1.0", SINGLE] {
        stage.release(version, Rollout::default());
    }
    stage
}

fn allow(expires: &str) -> String {
    format!("allow = [{{ id = \"CVE-2026-1001\", reason = \"not reachable\", expires = \"{expires}\" }}]")
}

fn report(image: &Digest, findings: &[Severity]) -> Report {
    let finding = |(index, severity): (usize, &Severity)| Finding {
        id: format!("CVE-2026-100{}", index + 1).parse().unwrap(),
        package: Some("openssl".parse().unwrap()),
        installed: None,
        fixed: None,
        severity: *severity,
        title: None,
    };
    Report {
        image: image.clone(),
        platform: None,
        tool: Tool::new("Trivy", Some("0.68.1")),
        database: Some("2026-03-02T06:00:00Z".parse().unwrap()),
        scanned_at: None,
        found: Found::findings(findings.iter().enumerate().map(finding).collect(), 0),
    }
}

/// Takes a report in, as `towpath scan --file` does.
fn keep(stage: &Stage, report: Report) {
    let source = Sha256::of(b"a file");
    let kept =
        KeptReport { schema: REPORT_SCHEMA, received_at: stage.now(), received_by: "ada".to_owned(), source, report };
    executor::run(Reports::new(&stage.ports.store).keep(&kept)).unwrap().unwrap();
}

/// Brings the version; the outcome, and what the record says of scans.
fn bring(stage: &Stage, version: &str) -> (Outcome, Vec<Reason>) {
    let report = stage.promote(version, "p-1").unwrap();
    let record = stage.records().pop().unwrap();
    assert_eq!(record.outcome, report.outcome);
    if report.outcome != Outcome::Succeeded {
        assert_eq!(stage.snapshot("api").task_definition, Some(td("api:1")), "nothing was changed");
        assert!(
            !stage.ports.calls().iter().any(|(operation, _)| *operation == "task_definitions:register"),
            "nor registered"
        );
    }
    let is_of_scan = |reason: &Reason| {
        matches!(reason, Reason::ScanPassed { .. } | Reason::ScanFailed { .. } | Reason::NotScanned { .. })
    };
    (report.outcome, record.decision.unwrap().reasons.into_iter().filter(is_of_scan).collect())
}

#[test]
fn a_critical_finding_stops_a_promotion_and_an_allowance_lets_it_pass_until_it_expires() {
    let check = |scan: &str, expected: Outcome| {
        let stage = stage(scan);
        keep(&stage, report(image(SINGLE).digest(), &[Severity::Critical]));
        let (outcome, reasons) = bring(&stage, SINGLE);
        assert_eq!(outcome, expected, "{reasons:?}");
        reasons[0].to_string()
    };
    insta::assert_snapshot!(check("", Outcome::Refused), @"the scan of `api` is beyond the rules: 1 critical, at most 0 allowed; Trivy 0.68.1 found 1 critical (database of 2026-03-02T06:00:00Z); the worst: CVE-2026-1001 in openssl (critical)");
    insta::assert_snapshot!(check(&allow("2099-12-31"), Outcome::Succeeded), @"the scan of `api` is within the rules: Trivy 0.68.1 found nothing that counts (database of 2026-03-02T06:00:00Z); allowed: CVE-2026-1001 in openssl (critical) until 2099-12-31: not reachable");
    insta::assert_snapshot!(check(&allow("2001-12-31"), Outcome::Refused), @"the scan of `api` is beyond the rules: 1 critical, at most 0 allowed; no longer allowed: CVE-2026-1001 in openssl (critical) until 2001-12-31: not reachable; Trivy 0.68.1 found 1 critical (database of 2026-03-02T06:00:00Z); the worst: CVE-2026-1001 in openssl (critical)");
}

#[test]
fn what_was_never_scanned_follows_the_rules() {
    let check = |unscanned: &str, expected: Outcome, reason: fn(&WhenUnscanned) -> bool| {
        let stage = stage(&format!("unscanned = \"{unscanned}\""));
        let (outcome, reasons) = bring(&stage, SINGLE);
        assert_eq!(outcome, expected);
        assert!(matches!(&reasons[..], [Reason::NotScanned { then, .. }] if reason(then)), "{reasons:?}");
    };
    check("refuse", Outcome::Refused, |then| matches!(then, WhenUnscanned::Refused));
    check("allow", Outcome::Succeeded, |then| matches!(then, WhenUnscanned::Allowed));
    check("hold", Outcome::Held, |then| matches!(then, WhenUnscanned::Held { .. }));
}

#[test]
fn what_could_not_be_scanned_follows_the_rules_too() {
    let stage = stage("");
    let found = Found::nothing("no packages");
    keep(&stage, Report { found, ..report(image(SINGLE).digest(), &[]) });
    let (outcome, reasons) = bring(&stage, SINGLE);
    assert_eq!(outcome, Outcome::Refused);
    assert!(reasons[0].to_string().contains("could not scan it: no packages"), "{}", reasons[0]);
}

#[test]
fn the_newest_report_counts() {
    let stage = stage("");
    let dated = |at: &str, findings: &[Severity]| {
        let scanned_at = Some(at.parse().unwrap());
        Report { scanned_at, ..report(image(SINGLE).digest(), findings) }
    };
    keep(&stage, dated("2026-03-02T10:00:00.5Z", &[]));
    keep(&stage, dated("2026-03-02T10:00:00.25Z", &[Severity::Critical]));
    keep(&stage, dated("2026-03-02T09:59:59Z", &[Severity::Critical]));
    assert_eq!(bring(&stage, SINGLE).0, Outcome::Succeeded);
}

#[test]
fn of_an_index_the_worst_image_counts() {
    let child = Digest::of(b"child of 1.1.0");
    let check = |own: Option<&[Severity]>, of_child: Option<&[Severity]>, expected: Outcome| {
        let stage = stage("");
        let reports = [(image("1.1.0").digest().clone(), own), (child.clone(), of_child)];
        for (digest, findings) in reports.iter().filter_map(|(digest, findings)| Some((digest, (*findings)?))) {
            keep(&stage, report(digest, findings));
        }
        assert_eq!(bring(&stage, "1.1.0").0, expected, "{own:?} {of_child:?}");
    };
    check(Some(&[]), None, Outcome::Succeeded);
    check(None, Some(&[]), Outcome::Succeeded);
    check(Some(&[]), Some(&[Severity::Critical]), Outcome::Refused);
    check(Some(&[Severity::Critical]), Some(&[]), Outcome::Refused);
    check(None, None, Outcome::Refused);
}

#[test]
fn an_index_whose_images_cannot_be_asked_for_is_not_judged_by_one_report() {
    let check = |fault: Fault, expected: Outcome| {
        let stage = stage("");
        keep(&stage, report(image("1.1.0").digest(), &[]));
        let wrong = Wrong::Call(Mishap::NotCarriedOut(fault));
        stage.ports.sabotage(Some(Sabotage { place: ("images:children", 1), lasts: Lasts::Once, wrong }));
        let (outcome, reasons) = bring(&stage, "1.1.0");
        assert_eq!(outcome, expected, "{reasons:?}");
    };
    check(Fault::Throttled, Outcome::Refused);
    check(Fault::Denied { principal: None, action: None, resource: None }, Outcome::Refused);
    check(Fault::Rejected, Outcome::Succeeded);
}

/// A registry's scanner that answers so for 1.2.0.
fn scanned(scan: &str, answers: Vec<Answer>) -> (Stage, Arc<FakeScans>) {
    let mut stage = stage(&format!("from = \"ecr\"\nwait = \"1m\"\n{scan}"));
    let scans = Arc::new(FakeScans::new());
    scans.answer(image(SINGLE).digest(), answers);
    stage.world.scans = Arc::clone(&scans) as _;
    (stage, scans)
}

#[test]
fn a_scan_that_goes_on_is_waited_for() {
    let ended = Answer::Ended(Box::new(report(image(SINGLE).digest(), &[])));
    let answers = vec![Answer::NotThere, Answer::GoesOn("PENDING".to_owned()), ended];
    let (outcome, reasons) = bring(&scanned("", answers).0, SINGLE);
    assert_eq!(outcome, Outcome::Succeeded, "{reasons:?}");
}

#[test]
fn a_scan_that_never_ends_is_given_up_and_named() {
    let (stage, _) = scanned("unscanned = \"hold\"", vec![Answer::GoesOn("IN_PROGRESS".to_owned())]);
    let began = stage.ports.clock.now();
    let (outcome, reasons) = bring(&stage, SINGLE);
    assert_eq!(outcome, Outcome::Held);
    assert!(reasons[0].to_string().contains("IN_PROGRESS"), "{}", reasons[0]);
    let waited: Duration = stage.ports.clock.now().duration_since(began).try_into().unwrap();
    assert!((Duration::from_mins(1)..Duration::from_secs(90)).contains(&waited), "{waited:?}");
}

#[test]
fn a_registry_that_does_not_answer_or_may_not_be_asked_is_no_clean_bill() {
    let denied = Fault::Denied { principal: None, action: None, resource: None };
    for mishap in [Mishap::NotCarriedOut(denied), Mishap::NotCarriedOut(Fault::NotFound)] {
        let ended = Answer::Ended(Box::new(report(image(SINGLE).digest(), &[])));
        let (stage, scans) = scanned("", vec![ended]);
        scans.next(mishap.clone());
        let (outcome, reasons) = bring(&stage, SINGLE);
        assert_eq!(outcome, Outcome::Refused, "{mishap:?}");
        assert!(matches!(&reasons[..], [Reason::NotScanned { .. }]), "{reasons:?}");
    }
}

#[test]
fn each_image_of_an_index_is_asked_for_and_the_index_is_not() {
    let (stage, scans) = scanned("", vec![]);
    scans.answer(&Digest::of(b"child of 1.1.0"), [Answer::Ended(Box::new(report(&Digest::of(b"x"), &[])))]);
    assert_eq!(bring(&stage, "1.1.0").0, Outcome::Succeeded);
}
