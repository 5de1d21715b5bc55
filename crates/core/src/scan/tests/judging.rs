//! Findings against rules.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    identifier::Digest,
    scan::{Allowance, Finding, Found, Maximum, Origin, Report, Rules, Severity, Tool, Unscanned, Verdict, judge},
};

const NOW: &str = "2026-03-02T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn finding(id: &str, package: &str, severity: Severity) -> Finding {
    Finding {
        id: id.parse().unwrap(),
        package: Some(package.parse().unwrap()),
        installed: Some("1.0".to_owned().into()),
        fixed: None,
        severity,
        title: None,
    }
}

fn report(findings: Vec<Finding>) -> Report {
    Report {
        image: Digest::of(b"image"),
        platform: None,
        tool: Tool::new("Trivy", Some("0.68.1")),
        database: None,
        scanned_at: Some("2026-03-02T11:00:00Z".parse().unwrap()),
        found: Found::findings(findings, 0),
    }
}

fn rules(maximum: &[(Severity, usize)]) -> Rules {
    Rules {
        maximum: maximum.iter().copied().collect::<Maximum>(),
        from: Origin::Reports,
        unscanned: Unscanned::Refuse,
        max_age: None,
        wait: Duration::ZERO,
        allow: Vec::new(),
    }
}

fn allow(id: &str, package: Option<&str>, expires: &str) -> Allowance {
    Allowance {
        id: id.parse().unwrap(),
        package: package.map(|package| package.parse().unwrap()),
        reason: "not reachable".to_owned(),
        expires: expires.parse().unwrap(),
    }
}

/// One critical finding, `CVE-1` in `openssl`, where none may be: how it ends with these allowances.
fn check(allow: Vec<Allowance>, expected: &str) {
    let rules = Rules { allow, ..rules(&[(Severity::Critical, 0)]) };
    let told = match judge(&report(vec![finding("CVE-1", "openssl", Severity::Critical)]), &rules, now()) {
        Verdict::Passed { scan } => format!("passed, allowed: {}", scan.allowed.len()),
        Verdict::Failed { over, expired, .. } => format!("failed, over: {}, expired: {}", over.len(), expired.len()),
        Verdict::CannotTell { why } => why,
    };
    assert_eq!(told, expected);
}

#[test]
fn one_too_many_fails_and_an_allowance_that_lasts_lets_it_pass() {
    check(vec![], "failed, over: 1, expired: 0");
    check(vec![allow("CVE-1", None, "2026-12-31")], "passed, allowed: 1");
    check(vec![allow("CVE-1", Some("openssl"), "2026-12-31")], "passed, allowed: 1");
    check(vec![allow("CVE-1", Some("openssl-dev"), "2026-12-31")], "failed, over: 1, expired: 0");
    check(vec![allow("CVE-11", None, "2026-12-31")], "failed, over: 1, expired: 0");
}

#[test]
fn an_allowance_lasts_to_the_end_of_its_day_and_then_fails() {
    check(vec![allow("CVE-1", None, "2026-03-02")], "passed, allowed: 1");
    check(vec![allow("CVE-1", None, "2026-03-01")], "failed, over: 1, expired: 1");
    check(
        vec![allow("CVE-1", None, "2026-03-01"), allow("CVE-1", Some("openssl"), "2026-03-03")],
        "passed, allowed: 1",
    );
}

#[test]
fn an_expired_allowance_fails_even_where_the_finding_would_not() {
    let rules = Rules { allow: vec![allow("CVE-1", None, "2026-03-01")], ..rules(&[(Severity::High, 5)]) };
    let verdict = judge(&report(vec![finding("CVE-1", "openssl", Severity::High)]), &rules, now());
    assert!(matches!(verdict, Verdict::Failed { over, expired, .. } if over.is_empty() && expired.len() == 1));
    let gone = judge(&report(vec![]), &rules, now());
    assert!(matches!(gone, Verdict::Passed { .. }), "what it was for is gone: {gone:?}");
}

#[test]
fn a_finding_in_several_files_counts_once_and_in_two_packages_twice() {
    let one = finding("CVE-1", "openssl", Severity::High);
    let found = vec![one.clone(), one, finding("CVE-1", "libssl3", Severity::High)];
    match judge(&report(found), &rules(&[(Severity::High, 1)]), now()) {
        Verdict::Failed { scan, over, .. } => assert_eq!((scan.counts.total(), over[0].found), (2, 2)),
        other @ (Verdict::Passed { .. } | Verdict::CannotTell { .. }) => panic!("{other:?}"),
    }
}

#[test]
fn what_could_not_be_scanned_is_neither_good_nor_bad() {
    let report = Report { found: Found::nothing("no packages"), ..report(vec![]) };
    let verdict = judge(&report, &rules(&[]), now());
    assert!(matches!(verdict, Verdict::CannotTell { why } if why.contains("no packages")));
}

#[test]
fn a_scan_that_is_too_old_undated_or_of_tomorrow_says_nothing() {
    let aged = Rules { max_age: Some(Duration::from_hours(24)), ..rules(&[]) };
    let told = |scanned: Option<&str>, database: Option<&str>| {
        let time = |text: Option<&str>| text.map(|text| text.parse::<Timestamp>().unwrap());
        let report = Report { scanned_at: time(scanned), database: time(database), ..report(vec![]) };
        match judge(&report, &aged, now()) {
            Verdict::Passed { .. } => String::new(),
            Verdict::CannotTell { why } => why,
            Verdict::Failed { .. } => panic!("{report:?}"),
        }
    };
    let (fresh, old, coming) =
        (Some("2026-03-02T00:00:00Z"), Some("2026-03-01T11:59:59Z"), Some("2026-03-03T00:00:00Z"));
    assert_eq!(told(fresh, fresh), "");
    assert_eq!(told(fresh, None), "");
    assert!(told(old, fresh).starts_with("the scan is of"));
    assert!(told(fresh, old).starts_with("the scanner's database is of"));
    assert!(told(None, None).contains("max-age"));
    assert!(told(coming, None).contains("still to come"));
}
