//! The file with an environment's values: proven at the edge like the rest, told to the edges, and put back.

use super::{super::stage::CONFIGURATION, *};

const WEB: &str = r#"
[components.web]
kind = "site"
build = { directory = "dist" }
bucket = "shop-web-{environment}"
distribution = "EFAKE"
runtime = { path = "config.json", values = { release = "{version}" } }
"#;

/// A site alone with a runtime file that names the release.
fn configured() -> SiteStage {
    let mut stage = SiteStage::with(&format!("{CONFIGURATION}{WEB}"));
    stage.clear_services();
    stage
}

/// A release with the files of that build, whatever its version.
fn release(stage: &mut SiteStage, version: &str, files: &str) {
    stage.release_of(version, &build(files), Rollout::Succeeds { after: std::time::Duration::from_secs(8) });
}

#[test]
fn visitors_are_asked_to_get_it_like_the_entry() {
    let mut stage = configured();
    stage.live("1.0.0", "p-1");
    stage.live("1.1.0", "p-2");
    let record = stage.stage.records().pop().unwrap();
    let asked: Vec<&str> = record.sites[&web()].smoke.iter().map(|check| check.url.as_str()).collect();
    assert!(asked.iter().any(|url| url.ends_with("/config.json")), "{asked:?}");
    assert_eq!(stage.visit("config.json"), "{\n  \"release\": \"1.1.0\"\n}\n");
    let (_, paths) = stage.edge.invalidations().pop().unwrap();
    assert_eq!(paths, ["/", "/about.html", "/config.json", "/index.html"]);
}

#[test]
fn a_page_that_is_answered_in_its_place_fails_the_release() {
    let mut stage = configured();
    stage.live("1.0.0", "p-1");
    stage.release("1.1.0");
    stage.edge.fall_back("index.html");
    let lost = Arc::clone(&stage.buckets);
    stage.stage.ports.before(("bucket:put_marker", 1), move || lost.remove(&bucket(), "config.json"));
    let report = stage.promote("1.1.0", "p-2");
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert!(report.reason.contains("/config.json did not pass"), "{}", report.reason);
    assert!(report.reason.contains("content type text/html"), "{}", report.reason);
    assert!(stage.visit("config.json").contains("1.0.0") && stage.visit("").contains("1.0.0"));
}

#[test]
fn an_edge_that_keeps_the_old_one_fails_the_release() {
    let mut stage = configured();
    stage.live("1.0.0", "p-1");
    stage.edge.never_forgets("/config.json");
    stage.release("1.1.0");
    let report = stage.promote("1.1.0", "p-2");
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert!(report.reason.contains("/config.json did not pass"), "{}", report.reason);
    assert!(stage.visit("").contains("1.0.0"));
}

/// The same build in a release of another version: nothing but the runtime file is another.
#[test]
fn where_it_alone_is_another_it_alone_is_written_and_told() {
    let mut stage = configured();
    stage.live("1.0.0", "p-1");
    release(&mut stage, "1.1.0", "1.0.0");
    stage.buckets.forget_requests();
    let report = stage.promote("1.1.0", "p-2");
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    assert_eq!(stage.requests("PUT"), ["config.json", ".towpath/site.json"]);
    assert_eq!(stage.edge.invalidations().pop().unwrap().1, ["/config.json"]);
    assert!(stage.visit("config.json").contains("1.1.0"));
}

#[test]
fn where_it_alone_was_another_and_bad_it_is_put_back() {
    let mut stage = configured();
    stage.live("1.0.0", "p-1");
    release(&mut stage, "1.1.0", "1.0.0");
    stage.edge.never_forgets("/config.json");
    let report = stage.promote("1.1.0", "p-2");
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    let kept = stage.buckets.object(&bucket(), "config.json").unwrap();
    assert!(String::from_utf8_lossy(&kept.bytes).contains("1.0.0"), "the file in the bucket is the old one again");
    // And the next way back is to that one too.
    release(&mut stage, "1.2.0", "1.0.0");
    assert_eq!(stage.promote("1.2.0", "p-3").outcome, Outcome::RolledBack);
    let kept = stage.buckets.object(&bucket(), "config.json").unwrap();
    assert!(String::from_utf8_lossy(&kept.bytes).contains("1.0.0"));
}

#[test]
fn a_verification_misses_it_in_the_bucket_and_at_the_edge() {
    let mut stage = configured();
    stage.live("1.0.0", "p-1");
    stage.buckets.remove(&bucket(), "config.json");
    let engine = stage.stage.engine();
    let found = executor::run(engine.verify_site(&web(), stage.stage.request("p-2"))).unwrap().unwrap().unwrap();
    assert!(!found.is_good() && found.missing.iter().any(|path| path.as_str() == "config.json"), "{found:?}");
    assert!(found.answers.iter().any(|answer| answer.url.ends_with("/config.json")));
}
