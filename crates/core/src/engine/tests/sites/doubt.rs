//! What is believed of a bucket after publications that came to no end that anybody knows.

use super::*;

/// The files of a version, with words of its own in a file that no hash is in the name of.
fn build_with(version: &str, robots: &str) -> BTreeMap<String, String> {
    let mut files = build(version);
    files.insert("robots.txt".to_owned(), robots.to_owned());
    files
}

/// A release that stops after so many writes, its way back too; whether it came so far.
fn stops_after(stage: &mut SiteStage, (version, id): (&str, &str), robots: &str, writes: usize) -> bool {
    let rollout = Rollout::Succeeds { after: std::time::Duration::from_secs(8) };
    stage.release_of(version, &build_with(version, robots), rollout);
    stage.buckets.stop_after(Some((writes, Stop::Denied)));
    let report = stage.promote(version, id);
    stage.buckets.stop_after(None);
    report.outcome != Outcome::Succeeded
}

/// Two releases break off, one behind the other, at every pair of writes: the third is live with every file its own.
#[test]
fn after_releases_that_broke_off_one_behind_the_other_every_file_is_the_next_ones() {
    let mut stories = 0;
    for (first, second) in (0..6).flat_map(|first| (0..6).map(move |second| (first, second))) {
        let mut stage = SiteStage::alone();
        stage.live("1.0.0", "p-1");
        let is_first = stops_after(&mut stage, ("1.1.0", "p-2"), "Disallow: /one", first);
        let is_second = stops_after(&mut stage, ("1.2.0", "p-3"), "User-agent: *", second);
        stories += usize::from(is_first && is_second);
        let manifest = stage.release("1.3.0");
        let report = stage.promote("1.3.0", "p-4");
        assert_eq!(report.outcome, Outcome::Succeeded, "{first} {second}: {}", report.reason);
        for (path, text) in build("1.3.0") {
            assert_eq!(stage.visit(&path), text, "{first} {second}: {path} of {}", manifest.short());
        }
    }
    assert_eq!(
        stories,
        4 + 4 * 5,
        "the second writes the file again once the first may have, and then stops at one place more"
    );
}

#[test]
fn a_site_that_nobody_can_be_asked_about_is_whole_all_the_same() {
    let mut stage = SiteStage::alone();
    let site = stage.stage.application.environments[0].sites.get_mut(&web()).unwrap();
    site.distribution = None;
    for (version, id) in [("1.0.0", "p-1"), ("1.1.0", "p-2"), ("1.2.0", "p-3")] {
        stage.release(version);
        let report = stage.promote(version, id);
        assert_eq!(report.outcome, Outcome::Unverified, "{}", report.reason);
    }
    let marker = stage.buckets.bytes(&home(), &crate::site::SiteObject::Marker).unwrap();
    let marker: serde_json::Value = serde_json::from_slice(&marker).unwrap();
    let told = |one: &serde_json::Value| (one["release"].clone(), one["extent"].clone());
    let kept: Vec<_> = marker["kept"].as_array().unwrap().iter().map(told).collect();
    assert_eq!(kept, [("1.1.0".into(), "whole".into()), ("1.0.0".into(), "whole".into())]);
}

#[test]
fn a_way_back_that_nobody_can_be_asked_about_is_never_called_proven() {
    let mut stage = SiteStage::beside_a_service();
    let site = stage.stage.application.environments[0].sites.get_mut(&web()).unwrap();
    site.distribution = None;
    stage.release("1.0.0");
    assert_eq!(stage.promote("1.0.0", "p-1").outcome, Outcome::Unverified);
    let bad = Rollout::BreakerRollsBack { after: std::time::Duration::from_secs(8) };
    stage.release_of("1.1.0", &build("1.1.0"), bad);
    let report = stage.promote("1.1.0", "p-2");
    assert_eq!(report.outcome, Outcome::Stuck, "{}", report.reason);
    assert!(report.reason.contains("neither a distribution nor a smoke check"), "{}", report.reason);
    let index = stage.buckets.object(&bucket(), "index.html").unwrap();
    assert!(String::from_utf8_lossy(&index.bytes).contains("1.0.0"), "it is written again all the same");
    assert_eq!(stage.stage.records().pop().unwrap().sites[&web()].serves, None);
}

/// Edges keep what they answer at `/` by itself: there it is the old page, at `/index.html` the new one.
#[test]
fn what_the_front_page_answers_is_part_of_the_proof() {
    let mut stage = SiteStage::alone();
    stage.live("1.0.0", "p-1");
    stage.edge.never_forgets("/");
    stage.release("1.1.0");
    let report = stage.promote("1.1.0", "p-2");
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert!(report.reason.contains("cloudfront.net/ did not pass"), "{}", report.reason);
}

/// What served before Towpath came was a service alone: the site has nothing to go back to, and that is said.
#[test]
fn what_a_way_back_by_hand_leaves_as_it_is_is_told() {
    let mut stage = SiteStage::beside_a_service();
    stage.live("1.2.0", "p-1");
    let report = stage.stage.restore("p-2").unwrap();
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    assert!(stage.visit("").contains("1.2.0"), "nothing was proven of the site before");
    let told = stage.stage.watcher.troubles();
    assert!(told.iter().any(|told| told.starts_with("web stays as it is")), "{told:?}");
}
