//! A site's machine, searched exhaustively: alone, and beside a service in one promotion.

use super::{
    tests::{Plans, bring, decision, failed, name, plan, request, search_all},
    *,
};
use crate::{
    identifier::ComponentName,
    policy::Verdict,
    site::SiteDigest,
    smoke::{CheckOutcome, CheckResult},
};

fn manifest(digit: &str) -> SiteDigest {
    format!("sha256:{}", digit.repeat(64)).parse().unwrap()
}

/// A plan of a site.
pub(super) fn publication(component: &str, change: SiteChange, target: bool, needs: &[&str]) -> SiteComponentPlan {
    let live = LiveSite { manifest: manifest("0"), version: None };
    SiteComponentPlan {
        component: name(component),
        bucket: "shop-web-dev".parse().unwrap(),
        prefix: "".parse().unwrap(),
        distribution: None,
        manifest: manifest("1"),
        change,
        before: Some(live.clone()),
        marker: Some("\"1\"".to_owned()),
        kept: Vec::new(),
        target: target.then(|| SiteTarget { live, proven_by: "p-0".parse().unwrap() }),
        needs: needs.iter().map(|need| name(need)).collect(),
        notes: Vec::new(),
    }
}

fn switch() -> Switch {
    Switch { files: 2, bytes: 7, invalidation: "I1".parse().ok() }
}

fn passed() -> CheckResult {
    let at = "2026-01-02T03:04:05Z".parse().unwrap();
    CheckResult {
        url: "https://shop.example.com/".to_owned(),
        outcome: CheckOutcome::Passed,
        started: at,
        last_attempt: Some(at),
        first_success: Some(at),
        attempts: 1,
        successes: 1,
        last: None,
    }
}

/// Everything that the world can answer to an effect of a site.
pub(super) fn answers(effect: &Effect, site: &ComponentName, promotion: &Promotion) -> Vec<Event> {
    let component = site.clone();
    let replaced = Event::Replaced { component: component.clone(), by: "bob".to_owned() };
    let stuck = Event::Stuck { component: component.clone(), why: "no way back".to_owned() };
    let back = Event::RolledBack { component: component.clone(), results: vec![passed()] };
    match effect {
        Effect::Update(_) => {
            let failures = [FailureKind::Switch, FailureKind::Declined].map(|kind| failed(site, kind, None));
            [Event::Switched { component, switch: switch() }, replaced].into_iter().chain(failures).collect()
        }
        Effect::Smoke(_) => vec![
            Event::SmokePassed { component: component.clone(), results: vec![passed()] },
            Event::SmokePassed { component, results: Vec::new() },
            failed(site, FailureKind::Delivery, None),
            failed(site, FailureKind::Smoke, None),
            replaced,
        ],
        Effect::RollBack(_) => {
            let is_doubtful = promotion.sites[site].phase == SitePhase::Published;
            let has_target = promotion.sites[site].plan.target.is_some();
            let switched = Event::SwitchedBack { component, switch: switch() };
            let mut answers = vec![stuck];
            answers.extend(has_target.then_some([switched, replaced]).into_iter().flatten());
            answers.extend(is_doubtful.then_some(back));
            answers
        }
        Effect::WatchRollback(_) => vec![back, stuck, replaced],
        Effect::Decide
        | Effect::Lease
        | Effect::Check
        | Effect::Publish(_)
        | Effect::Register(_)
        | Effect::Watch(_)
        | Effect::Examine(_)
        | Effect::Answer(_)
        | Effect::Conclude => Vec::new(),
    }
}

/// Everything that watching a site can bring.
pub(super) fn watched(site: &ComponentName, promotion: &Promotion) -> Vec<Event> {
    let component = site.clone();
    let mut answers =
        vec![Event::WentLive { component: component.clone() }, Event::Replaced { component, by: "bob".to_owned() }];
    if promotion.sites[site].phase == SitePhase::Switched {
        answers.push(failed(site, FailureKind::Declined, None));
    }
    answers
}

fn publish(component: &str, needs: &[&str]) -> SiteComponentPlan {
    publication(component, SiteChange::Publish, true, needs)
}

fn begun(plans: &Plans) -> Promotion {
    let mut promotion = Promotion::begin(&Event::Requested { request: Box::new(request()) }).unwrap();
    let checked = Event::Checked { plans: plans.services.clone(), sites: plans.sites.clone() };
    for event in [decision(Verdict::Allowed), Event::Leased { fence: 1 }, checked] {
        promotion.apply(&event).unwrap();
    }
    promotion
}

#[test]
fn one_site_holds_every_invariant_on_every_path() {
    let search = search_all(&Plans { services: Vec::new(), sites: vec![publish("web", &[])] });
    for outcome in ["succeeded", "unverified", "refused", "errored", "rolled_back", "stuck", "superseded"] {
        assert!(search.outcomes.contains_key(outcome), "{outcome} can be reached: {:?}", search.outcomes);
    }
}

#[test]
fn a_site_without_a_target_is_never_rolled_back() {
    let sites = vec![publication("web", SiteChange::Publish, false, &[])];
    let search = search_all(&Plans { services: Vec::new(), sites });
    assert!(search.outcomes.contains_key("stuck"), "{:?}", search.outcomes);
    assert!(!search.outcomes.contains_key("rolled_back"), "{:?}", search.outcomes);
}

#[test]
fn a_site_that_is_live_already_is_only_proven() {
    let sites = vec![publication("web", SiteChange::Nothing, true, &[])];
    let search = search_all(&Plans { services: Vec::new(), sites });
    assert!(search.outcomes.contains_key("unchanged"), "{:?}", search.outcomes);
    assert!(!search.outcomes.contains_key("succeeded"), "{:?}", search.outcomes);
}

#[test]
fn a_service_and_a_site_side_by_side_hold_every_invariant_on_every_path() {
    let plans = Plans { services: vec![plan("api", bring(), true, &[])], sites: vec![publish("web", &[])] };
    let search = search_all(&plans);
    assert!(search.steps > 2_000, "{} steps", search.steps);
    for outcome in ["succeeded", "unverified", "errored", "rolled_back", "stuck", "superseded"] {
        assert!(search.outcomes.contains_key(outcome), "{outcome} can be reached: {:?}", search.outcomes);
    }
}

#[test]
fn a_site_that_needs_a_service_holds_every_invariant_on_every_path() {
    let plans = Plans { services: vec![plan("api", bring(), true, &[])], sites: vec![publish("web", &["api"])] };
    let search = search_all(&plans);
    assert!(search.outcomes.contains_key("rolled_back"), "{:?}", search.outcomes);
}

#[test]
fn a_site_is_switched_only_once_the_service_that_it_needs_is_rolled_out() {
    let plans = Plans { services: vec![plan("api", bring(), true, &[])], sites: vec![publish("web", &["api"])] };
    let mut promotion = begun(&plans);
    let (api, web) = (name("api"), name("web"));
    assert_eq!(promotion.outstanding(), [Effect::Publish(vec![web.clone()])]);
    promotion.apply(&Event::Published { component: web.clone(), bytes: 7 }).unwrap();
    assert_eq!(promotion.outstanding(), [Effect::Register(api.clone())]);
    let revision = tests::td(2);
    promotion.apply(&Event::Registered { component: api.clone(), revision, reused: false }).unwrap();
    assert_eq!(promotion.outstanding(), [Effect::Update(api.clone())]);
    let deployment = tests::deployment(2);
    promotion.apply(&Event::UpdateAccepted { component: api.clone(), deployment }).unwrap();
    promotion.apply(&Event::RolledOut { component: api, end: None, tasks: 2 }).unwrap();
    assert_eq!(promotion.outstanding(), [Effect::Update(web)]);
}

#[test]
fn a_service_that_fails_takes_the_site_back_with_it() {
    let plans = Plans { services: vec![plan("api", bring(), true, &[])], sites: vec![publish("web", &[])] };
    let mut promotion = begun(&plans);
    let (api, web) = (name("api"), name("web"));
    let deployment = tests::deployment(2);
    for event in [
        Event::Published { component: web.clone(), bytes: 7 },
        Event::Registered { component: api.clone(), revision: tests::td(2), reused: false },
        Event::UpdateAccepted { component: api.clone(), deployment },
        Event::Switched { component: web.clone(), switch: switch() },
        failed(&api, FailureKind::Digest, None),
    ] {
        promotion.apply(&event).unwrap();
    }
    assert_eq!(promotion.outstanding(), [Effect::RollBack(web.clone())], "the last touched goes back first");
    promotion.apply(&Event::SwitchedBack { component: web.clone(), switch: switch() }).unwrap();
    assert_eq!(promotion.outstanding(), [Effect::WatchRollback(web.clone())]);
    promotion.apply(&Event::RolledBack { component: web, results: Vec::new() }).unwrap();
    assert_eq!(promotion.outstanding(), [Effect::RollBack(api)]);
}

#[test]
fn a_switch_that_failed_half_way_is_gone_back_on_and_one_that_never_began_is_not() {
    let plans = Plans { services: Vec::new(), sites: vec![publish("web", &[])] };
    let web = name("web");
    let check = |kind: FailureKind, expected: &[Effect]| {
        let mut promotion = begun(&plans);
        if kind == FailureKind::Switch {
            promotion.apply(&Event::Published { component: web.clone(), bytes: 7 }).unwrap();
        }
        promotion.apply(&failed(&web, kind, None)).unwrap();
        assert_eq!(promotion.outstanding(), expected);
    };
    check(FailureKind::Publishing, &[Effect::Conclude]);
    check(FailureKind::Switch, &[Effect::RollBack(web.clone())]);
}
