//! A run over a site that is asked to stop, at every single call: nothing that visitors see is written any more, and the
//! run that resumes goes on, or back where that is asked for.

use futures_util::future::FutureExt as _;

use crate::{
    engine::{Interrupt, Report},
    promotion::Event,
};

use super::{super::stage::CONFIGURATION, *};

const WEB: &str = r#"
[components.web]
kind = "site"
build = { directory = "dist" }
bucket = "shop-web-{environment}"
distribution = "EFAKE"
"#;

/// What must not be begun after the word: an object of a wave that is in flight may still come.
const CHANGES: [&str; 4] = ["bucket:put_marker", "bucket:copy", "bucket:delete", "cdn:invalidate"];

/// A site with 1.0.0, and 1.1.0 to come. `is_bad` is a release that visitors never get.
fn site(on_cancel: &str, is_bad: bool) -> SiteStage {
    let configuration = CONFIGURATION.replace("region = ", &format!("on-cancel = \"{on_cancel}\"\nregion = "));
    let mut stage = SiteStage::with(&format!("{configuration}{WEB}"));
    stage.clear_services();
    stage.never_broken();
    stage.live("1.0.0", "p-1");
    if is_bad {
        stage.edge.never_forgets("/");
    }
    stage.release("1.1.0");
    stage
}

/// Every call of the promotion from the check on, but those to the ledger.
fn calls(is_bad: bool) -> Vec<Place> {
    let stage = site("leave", is_bad);
    let _report = stage.promote("1.1.0", "p-2");
    let calls = stage.stage.ports.calls();
    let from = calls.iter().position(|(operation, _)| *operation == "bucket:marker").unwrap();
    calls[from..].iter().filter(|(operation, _)| !operation.starts_with("store:")).copied().collect()
}

/// The report of a promotion that is asked to stop when that call is made, and what it has begun afterwards.
fn stopped(stage: &mut SiteStage, place: Place) -> (Report, Vec<&'static str>) {
    let (give, given) = futures_util::future::abortable(std::future::pending::<()>());
    stage.stage.interrupt = Interrupt::when(give.map(drop));
    stage.stage.ports.before(place, move || given.abort());
    let report = stage.promote("1.1.0", "p-2");
    let calls = stage.stage.ports.calls();
    let at = calls.iter().position(|call| *call == place).unwrap();
    stage.stage.interrupt = Interrupt::default();
    let after = calls[at + 1..].iter().map(|(operation, _)| *operation);
    (report, after.filter(|operation| CHANGES.contains(operation)).collect())
}

/// Whether it was decided that the release is not wanted.
fn is_declined(stage: &SiteStage) -> bool {
    stage.stage.watcher.notices().iter().any(|notice| {
        let crate::engine::Notice::Happened { event, .. } = notice else { return false };
        matches!(&**event, Event::Failed { failure, .. } if failure.message.contains("`on-cancel`"))
    })
}

/// Stops at every call; how often the release was taken back by the run that resumed, and how often it went live.
fn sweep(on_cancel: &str, is_bad: bool) -> (usize, usize) {
    let (mut back, mut forward) = (0, 0);
    for place in calls(is_bad) {
        let mut stage = site(on_cancel, is_bad);
        let (report, begun) = stopped(&mut stage, place);
        // Whoever has changed what visitors see tells the edges: that is the one call.
        let one: &[&str] = if place.0 == "bucket:put_marker" { &["cdn:invalidate"] } else { &[] };
        assert!(begun.is_empty() || begun == one, "{place:?}: {begun:?}: {}", report.reason);
        if report.outcome != Outcome::Interrupted {
            continue;
        }
        let (declined, reason) = (is_declined(&stage), report.reason.clone());
        assert_eq!(declined, reason.contains("to put back, so the run that resumes does it"), "{place:?}: {reason}");
        assert!(!declined || on_cancel == "rollback", "{place:?}: {reason}");
        if stage.buckets.object(&bucket(), "index.html").is_some_and(|index| index.bytes.ends_with(b"1.1.0")) {
            assert!(reason.contains("web "), "what visitors may see is said: {place:?}: {reason}");
        }
        let report = stage.resume();
        let is_back = declined || is_bad;
        let expected = if is_back { Outcome::RolledBack } else { Outcome::Succeeded };
        assert_eq!(report.outcome, expected, "{place:?}: {} then {}", reason, report.reason);
        let version = if is_back { "1.0.0" } else { "1.1.0" };
        for page in ["index.html", "about.html"] {
            let object = stage.buckets.object(&bucket(), page).unwrap();
            assert!(object.bytes.ends_with(version.as_bytes()), "{place:?}: {page} is not of {version}");
        }
        (back, forward) = (back + usize::from(is_back), forward + usize::from(!is_back));
    }
    (back, forward)
}

#[test]
fn whoever_is_asked_to_stop_begins_nothing_and_is_gone_on_with() {
    let (back, forward) = sweep("leave", false);
    assert!(back == 0 && forward > 8, "{back} {forward}");
}

#[test]
fn where_the_way_back_is_asked_for_it_is_decided_and_the_next_run_walks_it() {
    let (back, forward) = sweep("rollback", false);
    assert!(back > 4 && forward > 3, "before the switch there is nothing to take back: {back} {forward}");
}

#[test]
fn a_way_back_that_was_begun_is_gone_on_with() {
    for on_cancel in ["leave", "rollback"] {
        let (back, _) = sweep(on_cancel, true);
        assert!(back > 8, "{on_cancel}: {back}");
    }
}

#[test]
fn a_first_publication_has_nothing_to_go_back_to_and_is_gone_on_with() {
    let configuration = CONFIGURATION.replace("region = ", "on-cancel = \"rollback\"\nregion = ");
    let mut stage = SiteStage::with(&format!("{configuration}{WEB}"));
    stage.clear_services();
    stage.release("1.1.0");
    let (report, _) = stopped(&mut stage, ("bucket:put_marker", 1));
    assert_eq!(report.outcome, Outcome::Interrupted, "{}", report.reason);
    assert!(report.reason.contains("nothing is kept that it could go back to"), "{}", report.reason);
    assert_eq!(stage.resume().outcome, Outcome::Succeeded);
}
