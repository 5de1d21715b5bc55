//! Sites: what visitors get whatever goes wrong, and what is claimed of it.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    fakes::{Outcome as Rollout, Stop},
    promotion::{Outcome, SitePhase},
};

mod cancelled;
mod doubt;
mod large;
mod outlook;
mod progress;
mod runtime;
mod stage;

pub(super) use stage::{SiteStage, bucket, build, directory, film, home, web};

use super::{executor, sabotage::Place};

/// The call that journals that the site is published: nothing of the switch has begun.
const PUBLISHED: Place = ("store:create", 5);

#[test]
fn a_site_is_published_switched_last_and_proven_by_what_visitors_get() {
    let mut stage = SiteStage::alone();
    stage.never_broken();
    let digest = stage.live("1.0.0", "p-1");
    let puts = stage.requests("PUT");
    assert_eq!(puts.last().unwrap(), ".towpath/site.json", "{puts:?}");
    let place = |key: &str| puts.iter().position(|put| put == key).unwrap();
    assert!(place("assets/app-100aaaaa.js") < place("index.html"), "{puts:?}");
    assert!(place("about.html") < place("index.html"), "{puts:?}");
    assert!(stage.visit("").contains("1.0.0"));
    let record = stage.stage.records().pop().unwrap();
    let site = &record.sites[&web()];
    assert_eq!((record.schema, &site.serves.as_ref().unwrap().manifest), (2, &digest));
    assert!(site.smoke.len() >= 2, "the entry and its bundle were asked for: {:?}", site.smoke);
}

#[test]
fn what_is_live_already_takes_one_request_and_is_proven_again() {
    let mut stage = SiteStage::alone();
    stage.live("1.0.0", "p-1");
    stage.buckets.forget_requests();
    let report = stage.promote("1.0.0", "p-2");
    assert_eq!(report.outcome, Outcome::Unchanged, "{}", report.reason);
    assert_eq!(stage.buckets.requests(), ["GET .towpath/site.json"]);
}

#[test]
fn a_release_takes_as_many_requests_as_files_changed_and_two_for_the_marker() {
    let mut stage = SiteStage::alone();
    stage.live("1.0.0", "p-1");
    stage.buckets.forget_requests();
    stage.live("1.1.0", "p-2");
    let requests = stage.buckets.requests();
    assert_eq!(requests.len(), 5, "three files and the marker twice: {requests:?}");
    assert!(stage.visit("").contains("1.1.0") && stage.visit("about.html").contains("1.1.0"));
    let asked = stage.edge.invalidations();
    assert_eq!(asked.last().unwrap().0, "towpath-p-2-web");
}

#[test]
fn a_release_that_visitors_do_not_get_is_put_back_and_proven() {
    let mut stage = SiteStage::alone();
    stage.live("1.0.0", "p-1");
    stage.release("1.1.0");
    // The script is lost as soon as it is there, and the edge answers with a page instead.
    stage.edge.fall_back("index.html");
    let lost = Arc::clone(&stage.buckets);
    stage.stage.ports.before(PUBLISHED, move || lost.remove(&bucket(), "assets/app-110aaaaa.js"));
    stage.buckets.watch(|_| {});
    let report = stage.promote("1.1.0", "p-2");
    assert_eq!(report.outcome, Outcome::RolledBack, "{} {:?}", report.reason, stage.stage.ports.calls());
    assert!(stage.visit("").contains("1.0.0"), "{}", stage.visit(""));
    assert!(report.reason.contains("content type text/html"), "{}", report.reason);
    let asked = stage.edge.invalidations();
    assert_eq!(asked.last().unwrap().0, "towpath-p-2-web-back");
    let record = stage.stage.records().pop().unwrap();
    assert_eq!(record.sites[&web()].serves.as_ref().unwrap().version.as_ref().unwrap().to_string(), "1.0.0");
}

/// Denied at every single write: what visitors get is whole, the old or the new, and the claim says which.
#[test]
fn whichever_write_is_refused_the_site_is_whole_and_the_claim_is_true() {
    let mut refused = 0;
    for writes in 0.. {
        let mut stage = SiteStage::alone();
        stage.never_broken();
        stage.live("1.0.0", "p-1");
        stage.release("1.1.0");
        stage.buckets.stop_after(Some((writes, Stop::Denied)));
        let report = stage.promote("1.1.0", "p-2");
        let (visit, about) = (stage.visit(""), stage.visit("about.html"));
        if report.outcome == Outcome::Succeeded {
            assert!(visit.contains("1.1.0") && about.contains("1.1.0"));
            break;
        }
        if report.outcome == Outcome::Stuck {
            // What cannot be written cannot be put back either: it is said, and mended by the next release.
            assert!(visit.contains("1.0.0") || visit.contains("1.1.0"), "one or the other, and whole: {visit}");
        } else {
            assert!(matches!(report.outcome, Outcome::Errored | Outcome::Unauthorized), "{}", report.reason);
            assert!(visit.contains("1.0.0") && about.contains("1.0.0"));
        }
        refused += 1;
        stage.buckets.stop_after(None);
        let again = stage.promote("1.1.0", "p-3");
        assert_eq!(again.outcome, Outcome::Succeeded, "after {writes} writes: {}", again.reason);
        assert!(stage.visit("").contains("1.1.0") && stage.visit("about.html").contains("1.1.0"));
    }
    assert_eq!(refused, 4, "three files and the marker");
}

/// Killed at every single write, then resumed: the release is live, whole and proven.
#[test]
fn whichever_write_a_run_is_killed_at_the_next_run_ends_it() {
    let mut killed = 0;
    for writes in 0.. {
        let mut stage = SiteStage::alone();
        stage.never_broken();
        stage.live("1.0.0", "p-1");
        stage.release("1.1.0");
        stage.buckets.stop_after(Some((writes, Stop::Killed)));
        let first = stage.run_killed("1.1.0", "p-2");
        stage.buckets.stop_after(None);
        if first.is_some() {
            break;
        }
        killed += 1;
        assert!(!stage.visit("").is_empty());
        let report = stage.resume();
        assert_eq!(report.outcome, Outcome::Succeeded, "after {writes} writes: {}", report.reason);
        assert!(stage.visit("").contains("1.1.0") && stage.visit("about.html").contains("1.1.0"));
        assert!(stage.buckets.bytes(&home(), &crate::site::SiteObject::Marker).is_some());
    }
    assert_eq!(killed, 4, "three files and the marker");
}

/// Killed at every single write of a way back, then resumed: what was live is live again.
#[test]
fn whichever_write_of_a_way_back_a_run_is_killed_at_the_next_run_ends_it() {
    for writes in 0..12 {
        let mut stage = SiteStage::beside_a_service();
        stage.never_broken();
        stage.live("1.0.0", "p-1");
        stage.release_of(
            "1.1.0",
            &build("1.1.0"),
            Rollout::BreakerRollsBack { after: std::time::Duration::from_secs(8) },
        );
        stage.buckets.stop_after(Some((writes, Stop::Killed)));
        let first = stage.run_killed("1.1.0", "p-2");
        stage.buckets.stop_after(None);
        let report = match first {
            Some(report) => report.unwrap(),
            None => stage.resume(),
        };
        assert_eq!(report.outcome, Outcome::RolledBack, "after {writes} writes: {}", report.reason);
        assert!(stage.visit("").contains("1.0.0") && stage.visit("about.html").contains("1.0.0"), "{writes}");
        assert_eq!(stage.stage.serves("api"), ["1.0.0"]);
    }
}

#[test]
fn a_person_goes_back_to_the_site_that_was_proven_before() {
    let mut stage = SiteStage::alone();
    stage.live("1.0.0", "p-1");
    stage.live("1.1.0", "p-2");
    stage.stage.world.sites.as_mut().unwrap().files.clear();
    stage.buckets.forget_requests();
    let report = stage.stage.restore("p-3").unwrap();
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    assert!(stage.visit("").contains("1.0.0") && stage.visit("about.html").contains("1.0.0"));
    assert_eq!(stage.requests("PUT"), ["about.html", "index.html", ".towpath/site.json"], "the assets are still there");
}

#[test]
fn a_service_that_fails_takes_the_site_back_with_it() {
    let mut stage = SiteStage::beside_a_service();
    stage.never_broken();
    stage.live("1.0.0", "p-1");
    stage.release_of("1.1.0", &build("1.1.0"), Rollout::BreakerRollsBack { after: std::time::Duration::from_secs(8) });
    let report = stage.promote("1.1.0", "p-2");
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert_eq!(report.state.sites[&web()].phase, SitePhase::RolledBack);
    assert!(stage.visit("").contains("1.0.0") && stage.visit("about.html").contains("1.0.0"));
    assert_eq!(stage.stage.serves("api"), ["1.0.0"]);
}

#[test]
fn who_published_meanwhile_is_never_written_over() {
    let mut stage = SiteStage::alone();
    stage.live("1.0.0", "p-1");
    stage.release("1.1.0");
    let theirs = Arc::clone(&stage.buckets);
    let marker = stage.buckets.bytes(&home(), &crate::site::SiteObject::Marker).unwrap();
    let marker = String::from_utf8(marker.to_vec()).unwrap().replace("p-1", "p-9");
    stage.stage.ports.before(PUBLISHED, move || theirs.put(&bucket(), ".towpath/site.json", marker.as_bytes()));
    let report = stage.promote("1.1.0", "p-2");
    assert_eq!(report.outcome, Outcome::Superseded, "{} {:?}", report.reason, stage.stage.ports.calls());
    assert!(report.reason.contains("p-9"), "{}", report.reason);
}

#[test]
fn a_lost_or_broken_marker_is_made_good_by_looking() {
    for broken in [None, Some("<html>")] {
        let mut stage = SiteStage::alone();
        stage.live("1.0.0", "p-1");
        stage.release("1.1.0");
        match broken {
            None => stage.buckets.remove(&bucket(), ".towpath/site.json"),
            Some(text) => stage.buckets.put(&bucket(), ".towpath/site.json", text.as_bytes()),
        }
        stage.buckets.forget_requests();
        let report = stage.promote("1.1.0", "p-2");
        assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
        assert_eq!(stage.requests("LIST").len(), 2, "for what is to be live, and for what could be gone back to");
        assert_eq!(stage.requests("PUT").len(), 4, "what is there already is not written: {:?}", stage.requests("PUT"));
    }
}

#[test]
fn another_sites_place_is_refused() {
    let mut stage = SiteStage::alone();
    stage.live("1.0.0", "p-1");
    stage.release("1.1.0");
    let marker = stage.buckets.bytes(&home(), &crate::site::SiteObject::Marker).unwrap();
    let marker = String::from_utf8(marker.to_vec()).unwrap().replace("\"shop\"", "\"other\"");
    stage.buckets.put(&bucket(), ".towpath/site.json", marker.as_bytes());
    let report = stage.promote("1.1.0", "p-2");
    assert_eq!(report.outcome, Outcome::Refused, "{}", report.reason);
    assert!(report.reason.contains("belongs to web of other in dev"), "{}", report.reason);
}

#[test]
fn a_directory_that_is_not_the_releases_is_refused_before_anything_is_written() {
    let mut stage = SiteStage::alone();
    stage.release("1.0.0");
    let other = directory(&build("1.1.0"));
    stage.stage.world.sites.as_mut().unwrap().files.insert(web(), other);
    let report = stage.promote("1.0.0", "p-1");
    assert_eq!(report.outcome, Outcome::Refused, "{}", report.reason);
    assert_eq!(stage.requests("PUT"), [] as [String; 0]);
}

#[test]
fn what_only_releases_before_the_kept_ones_use_is_deleted_last() {
    let mut stage = SiteStage::alone();
    stage.keep("1");
    stage.live("1.0.0", "p-1");
    stage.live("1.1.0", "p-2");
    assert_eq!(stage.requests("DELETE"), [] as [String; 0]);
    stage.live("1.2.0", "p-3");
    let keys = stage.buckets.keys(&bucket());
    assert!(!keys.contains(&"assets/app-100aaaaa.js".to_owned()), "{keys:?}");
    assert!(keys.contains(&"assets/app-110aaaaa.js".to_owned()), "{keys:?}");
    assert_eq!(stage.buckets.requests().last().unwrap(), "DELETE 1");
}

#[test]
fn edges_that_cannot_be_told_put_nothing_back_and_are_told_by_the_next_run() {
    let mut stage = SiteStage::alone();
    stage.live("1.0.0", "p-1");
    stage.release("1.1.0");
    let denied = crate::ports::Fault::Denied { principal: None, action: None, resource: None };
    // The first call reads the distribution.
    let edge = Arc::clone(&stage.edge);
    stage.stage.ports.before(PUBLISHED, move || edge.next(crate::fakes::Mishap::NotCarriedOut(denied)));
    let report = stage.promote("1.1.0", "p-2");
    assert_eq!(report.outcome, Outcome::Inconclusive, "{}", report.reason);
    assert!(report.reason.contains("aws cloudfront create-invalidation --distribution-id EFAKE"), "{}", report.reason);
    assert_eq!(stage.stage.resume().unwrap().outcome, Outcome::Succeeded);
    assert!(stage.visit("").contains("1.1.0"));
}

#[test]
fn a_site_alone_goes_back_and_the_service_beside_it_stays() {
    let mut stage = SiteStage::beside_a_service();
    stage.live("1.0.0", "p-1");
    stage.live("1.2.0", "p-2");
    stage.stage.ports.label("p-3");
    let (engine, web, request) = (stage.stage.engine(), web(), stage.stage.request("p-3"));
    let report = executor::run(engine.restore_component(&web, None, request)).unwrap().unwrap();
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    assert!(stage.visit("").contains("1.0.0"));
    assert_eq!(stage.stage.serves("api"), ["1.2.0"]);
}

#[test]
fn a_verification_finds_what_is_missing_and_what_visitors_do_not_get() {
    let mut stage = SiteStage::alone();
    stage.live("1.0.0", "p-1");
    let verify = |stage: &SiteStage| {
        let engine = stage.stage.engine();
        executor::run(engine.verify_site(&web(), stage.stage.request("p-2"))).unwrap().unwrap().unwrap()
    };
    let found = verify(&stage);
    assert!(found.is_good() && found.files == 9 && found.answers.len() == 3, "{found:?}");
    stage.buckets.remove(&bucket(), "robots.txt");
    stage.buckets.put(&bucket(), "about.html", b"other");
    let found = verify(&stage);
    assert!(!found.is_good());
    assert_eq!(found.missing.iter().map(ToString::to_string).collect::<Vec<_>>(), ["robots.txt"]);
    assert_eq!(found.other.iter().map(ToString::to_string).collect::<Vec<_>>(), ["about.html"]);
    assert_eq!(stage.requests("PUT").len(), 10, "nothing is written");
}

#[test]
fn the_status_of_a_site_is_what_its_marker_says_beside_what_was_proven() {
    let mut stage = SiteStage::alone();
    let digest = stage.live("1.0.0", "p-1");
    let status = |stage: &SiteStage| {
        let (application, world) = (&stage.stage.application, &stage.stage.world);
        let read = crate::engine::EnvironmentStatus::read(application, &application.environments[0], world);
        executor::run(read).unwrap().unwrap().0.sites.remove(&web()).unwrap()
    };
    let steady = status(&stage);
    assert_eq!(steady.health, crate::engine::Health::Steady);
    assert_eq!(steady.live.unwrap().manifest, digest);
    stage.buckets.remove(&bucket(), ".towpath/site.json");
    assert_eq!(status(&stage).health, crate::engine::Health::Missing);
}
