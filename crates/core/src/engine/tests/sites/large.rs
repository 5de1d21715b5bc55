//! Files that are in no pack: what is overwritten of them can be put back, whatever a run stopped at.

use crate::{
    policy::PathGlob,
    site::{HeaderRule, SiteObject},
    smoke::{Answer, Attempt},
};

use super::*;

const GOOD: Rollout = Rollout::Succeeds { after: std::time::Duration::from_secs(8) };

/// The files of a version, a large one among them that no hash is in the name of.
fn build_with_film(version: &str) -> BTreeMap<String, String> {
    let mut files = build(version);
    files.insert("film.bin".to_owned(), film(version));
    files
}

fn live_with_film(version: &str) -> SiteStage {
    let mut stage = SiteStage::alone();
    stage.release_of(version, &build_with_film(version), GOOD);
    assert_eq!(stage.promote(version, "p-1").outcome, Outcome::Succeeded);
    stage
}

/// From now on, visitors get a page where the script of 1.1.0 should be.
fn hides_script(stage: &SiteStage) {
    let headers = BTreeMap::from([("content-type".to_owned(), "text/html".to_owned())]);
    let page = Answer { status: 200, headers, body: b"<html>fallback".to_vec() };
    stage.saboteur.lie(Some(("assets/app-110", Attempt::Answered(page))));
}

/// Whether every file of a version is in the bucket.
fn is_there(stage: &SiteStage, version: &str) -> bool {
    let is_file = |path: &str, text: &str| {
        stage.buckets.object(&bucket(), path).is_some_and(|object| object.bytes == text.as_bytes())
    };
    build_with_film(version).iter().all(|(path, text)| is_file(path, text))
}

/// Denied from every single write on, its own way back too: a person can go back, and the next release can be brought.
#[test]
fn whichever_write_a_way_back_stops_at_a_large_file_is_put_back_by_hand() {
    let mut stuck = 0;
    for writes in 0.. {
        let mut stage = live_with_film("1.0.0");
        stage.release_of("1.1.0", &build_with_film("1.1.0"), GOOD);
        hides_script(&stage);
        stage.buckets.stop_after(Some((writes, Stop::Denied)));
        let report = stage.promote("1.1.0", "p-2");
        stage.buckets.stop_after(None);
        if report.outcome == Outcome::Stuck {
            stuck += 1;
            let back = stage.stage.restore("p-3").unwrap();
            assert_eq!(back.outcome, Outcome::Succeeded, "{writes} writes: {}", back.reason);
        }
        assert!(is_there(&stage, "1.0.0"), "after {writes} writes: {}", report.reason);
        stage.release_of("1.2.0", &build_with_film("1.2.0"), GOOD);
        let next = stage.promote("1.2.0", "p-4");
        assert_eq!(next.outcome, Outcome::Succeeded, "{writes} writes: {}", next.reason);
        assert!(is_there(&stage, "1.2.0"));
        if report.outcome == Outcome::RolledBack {
            break;
        }
    }
    assert_eq!(stuck, 8, "film, page, entry and marker, there and back");
}

/// The same without a person: what is brought next overwrites what was overwritten in part.
#[test]
fn after_a_way_back_that_is_stuck_the_next_release_is_brought_and_can_be_taken_back() {
    for writes in 2..10 {
        let mut stage = live_with_film("1.0.0");
        stage.release_of("1.1.0", &build_with_film("1.1.0"), GOOD);
        hides_script(&stage);
        stage.buckets.stop_after(Some((writes, Stop::Denied)));
        assert_eq!(stage.promote("1.1.0", "p-2").outcome, Outcome::Stuck, "{writes}");
        stage.buckets.stop_after(None);
        let again = stage.promote("1.1.0", "p-3");
        assert_eq!(again.outcome, Outcome::RolledBack, "{writes} writes: {}", again.reason);
        assert!(is_there(&stage, "1.0.0"), "{writes}");
    }
}

/// A way back does not copy what it overwrites, so the marker must not say that it did.
#[test]
fn the_marker_names_nothing_kept_aside_that_is_not_there() {
    let mut stage = live_with_film("1.0.0");
    stage.release_of("1.1.0", &build_with_film("1.1.0"), GOOD);
    hides_script(&stage);
    assert_eq!(stage.promote("1.1.0", "p-2").outcome, Outcome::RolledBack);
    let marker = stage.buckets.bytes(&home(), &SiteObject::Marker).unwrap();
    let marker: serde_json::Value = serde_json::from_slice(&marker).unwrap();
    let told: Vec<_> = marker["aside"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    let folder = home().key_of_kept();
    let keys = stage.buckets.keys(&bucket());
    let there: Vec<_> = keys.iter().filter_map(|key| key.strip_prefix(&folder)).collect();
    assert_eq!((told.len(), told), (1, there));
}

/// The same bytes under the same name, served with other headers: of what is in no pack only these are put back.
#[test]
fn a_release_of_other_headers_is_taken_back() {
    let mut stage = live_with_film("1.0.0");
    let cache_control = Some("no-store".parse().unwrap());
    let files: PathGlob = "**".parse().unwrap();
    let component = stage.stage.application.components.iter_mut().find(|component| component.site.is_some());
    let rules = &mut component.unwrap().site.as_mut().unwrap().rules;
    rules.headers.push(HeaderRule {
        files,
        content_type: None,
        cache_control,
        content_encoding: None,
        content_disposition: None,
        content_language: None,
    });
    let mut files = build_with_film("1.1.0");
    files.insert("film.bin".to_owned(), build_with_film("1.0.0")["film.bin"].clone());
    stage.release_of("1.1.0", &files, GOOD);
    hides_script(&stage);
    let report = stage.promote("1.1.0", "p-2");
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    for path in ["film.bin", "assets/logo0-0a1b2c3d.svg", "index.html"] {
        let headers = stage.buckets.object(&bucket(), path).unwrap().headers.unwrap();
        assert_ne!(headers.cache_control.as_str(), "no-store", "{path}");
    }
    assert!(is_there(&stage, "1.0.0"));
}
