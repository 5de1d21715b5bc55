//! The scan gate, as a pipeline meets it: a report is taken in, stops a promotion, and is allowed for a time.

use towpath_core::identifier::Digest;

use crate::shop::{Ran, Shop};

const STAGING: &str = "[environments.staging]\n";

/// A shop whose release 1.1.0 serves in dev, and whose staging looks at scans.
fn shop(scan: &str) -> Shop {
    let shop = Shop::open();
    shop.configure(
        "[environments.production]\n",
        &format!("[environments.staging.scan]\n{scan}\n[environments.production]\n"),
    );
    shop.create_releases();
    ended(&shop.run("promote dev --release 1.1.0"), 0);
    shop
}

fn ended(ran: &Ran, code: i32) {
    assert_eq!(ran.code, code, "{}\n{}", ran.stdout, ran.stderr);
}

fn digest(shop: &Shop) -> Digest {
    let release = shop.run("release show 1.1.0 --output json").document();
    let image = release.pointer("/artifacts/api").and_then(|artifact| find(artifact)).unwrap();
    image.rsplit_once('@').unwrap().1.parse().unwrap()
}

/// The text in an artifact that names its digest.
fn find(artifact: &serde_json::Value) -> Option<&str> {
    match artifact {
        serde_json::Value::String(text) => text.contains("@sha256:").then_some(text),
        serde_json::Value::Object(members) => members.values().find_map(find),
        _ => None,
    }
}

/// Trivy's report on that image, with one critical finding.
fn write(shop: &Shop, digest: &Digest) {
    let report = include_str!("../../../core/src/scan/fixtures/trivy.json");
    let report = report.replace(&format!("sha256:{}", "a".repeat(64)), digest.as_str());
    std::fs::write(shop.path().join("report.json"), report).unwrap();
}

fn allow(expires: &str) -> String {
    format!(
        "[[environments.staging.scan.allow]]\nid = \"CVE-2026-1001\"\npackage = \"openssl\"\n\
         reason = \"not reachable from outside\"\nexpires = \"{expires}\"\n"
    )
}

#[test]
fn a_critical_finding_stops_the_promotion_to_staging_until_it_is_allowed() {
    let shop = shop("");
    write(&shop, &digest(&shop));
    let taken = shop.run("scan --release 1.1.0 --file report.json --database 2026-03-02T06:00:00Z");
    ended(&taken, 0);
    assert!(
        taken.stdout.contains("staging: refused") && taken.stdout.contains("dev: does not look"),
        "{}",
        taken.stdout
    );
    ended(&shop.run("scan --release 1.1.0 --environment staging"), 4);

    let changes = shop.changes();
    let stopped = shop.run("promote staging --release 1.1.0");
    ended(&stopped, 4);
    assert!(stopped.stdout.contains("CVE-2026-1001 in openssl"), "{}", stopped.stdout);
    assert_eq!(shop.changes(), changes, "nothing was changed");

    shop.configure(STAGING, &format!("{}{STAGING}", allow("2001-12-31")));
    let expired = shop.run("promote staging --release 1.1.0");
    ended(&expired, 4);
    assert!(expired.stdout.contains("no longer allowed: CVE-2026-1001"), "{}", expired.stdout);
    assert_eq!(shop.changes(), changes, "nothing was changed");

    shop.configure("2001-12-31", "2999-12-31");
    ended(&shop.run("promote staging --release 1.1.0"), 0);
    let history = shop.run("history staging --output json").document();
    let record = history.as_array().unwrap().last().unwrap();
    let reasons = record["decision"]["reasons"].as_array().unwrap();
    let scan = &reasons.iter().find(|reason| reason["kind"] == "scan-passed").unwrap()["scan"];
    assert_eq!(scan["allowed"][0]["by"]["reason"], "not reachable from outside");
    assert_eq!((&scan["tool"]["name"], &scan["tool"]["version"]), (&"Trivy".into(), &"0.68.1".into()));
    assert_eq!((&scan["database"], &scan["counts"]["low"]), (&"2026-03-02T06:00:00Z".into(), &1.into()));
}

#[test]
fn a_report_about_another_image_or_a_damaged_one_is_not_taken_in() {
    let shop = shop("");
    write(&shop, &Digest::of(b"another"));
    let other = shop.run("scan --release 1.1.0 --file report.json");
    ended(&other, 2);
    let both = [digest(&shop), Digest::of(b"another")];
    assert!(both.iter().all(|digest| other.stderr.contains(digest.as_str())), "{}", other.stderr);
    std::fs::write(shop.path().join("report.json"), "{\"SchemaVersion\": 2, \"Artif").unwrap();
    let damaged = shop.run("scan --release 1.1.0 --file report.json");
    ended(&damaged, 2);
    assert!(damaged.stderr.contains("not whole JSON"), "{}", damaged.stderr);
    ended(&shop.run("promote staging --release 1.1.0"), 4);
}

#[test]
fn a_scan_in_ecr_that_nobody_began_is_held_or_refused_as_the_rules_say() {
    let shop = shop("from = \"ecr\"\nwait = \"1s\"\nunscanned = \"hold\"");
    let changes = shop.changes();
    ended(&shop.run("promote staging --release 1.1.0"), 10);
    shop.configure("unscanned = \"hold\"", "unscanned = \"allow\"");
    ended(&shop.run("scan --release 1.1.0 --environment staging"), 0);
    shop.configure("unscanned = \"allow\"", "unscanned = \"refuse\"");
    ended(&shop.run("promote staging --release 1.1.0"), 4);
    assert_eq!(shop.changes(), changes, "nothing was changed");
}
