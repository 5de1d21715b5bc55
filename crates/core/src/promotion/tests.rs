//! The machine, searched exhaustively: every event that an effect can bring, in every order, with crashes between.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::{
    identifier::{ComponentName, DeploymentId, TaskDefinitionArn},
    policy::{Decision, Trigger, Verdict},
    rollout::{Pause, RolloutEnd, ServiceKey},
};

pub(super) fn request() -> Request {
    Request {
        id: "p-1".parse().unwrap(),
        app: "shop".parse().unwrap(),
        environment: "dev".parse().unwrap(),
        intent: Intent::Promote {
            version: "1.1.0".parse().unwrap(),
            commit: "1111111111111111111111111111111111111111".parse().unwrap(),
        },
        trigger: Trigger::CommandLine,
        actor: Actor { name: "ada".to_owned(), run: None },
        requested_at: "2026-01-02T03:04:05Z".parse().unwrap(),
        tool_version: "0.1.0".to_owned(),
    }
}

pub(super) fn name(text: &str) -> ComponentName {
    text.parse().unwrap()
}

pub(super) fn td(revision: u32) -> TaskDefinitionArn {
    format!("arn:aws:ecs:us-west-2:111111111111:task-definition/api:{revision}").parse().unwrap()
}

pub(super) fn deployment(id: u32) -> DeploymentId {
    format!("ecs-svc/{id}").parse().unwrap()
}

pub(super) fn plan(component: &str, change: Change, target: bool, needs: &[&str]) -> ComponentPlan {
    let serving = Serving { task_definition: td(1), digest: None, version: None };
    ComponentPlan {
        component: name(component),
        service: ServiceKey { cluster: "c".parse().unwrap(), service: component.parse().unwrap() },
        container: "api".parse().unwrap(),
        image: None,
        publish_from: None,
        change,
        before: Some(serving.clone()),
        target: target.then(|| Target { serving, image: None, proven_by: "p-0".parse().unwrap() }),
        base_deployment: Some(deployment(1)),
        seen: Vec::new(),
        listed_after: None,
        desired: 2,
        configuration: None,
        patience_seconds: 0,
        needs: needs.iter().map(|need| name(need)).collect(),
        notes: Vec::new(),
    }
}

pub(super) fn bring() -> Change {
    Change::Use { revision: td(2) }
}

/// What the check brings.
pub(super) struct Plans {
    pub(super) services: Vec<ComponentPlan>,
    pub(super) sites: Vec<SiteComponentPlan>,
}

fn failure(kind: FailureKind) -> Failure {
    Failure::new(kind, "it failed")
}

pub(super) fn decision(verdict: Verdict) -> Event {
    Event::Decided { decision: Decision { verdict, rule: None, reasons: Vec::new() } }
}

pub(super) fn failed(component: &ComponentName, kind: FailureKind, end: Option<RolloutEnd>) -> Event {
    Event::Failed { component: component.clone(), failure: failure(kind), end, results: Vec::new() }
}

/// Everything that the world can answer to an effect.
fn answers(effect: &Effect, plans: &Plans, promotion: &Promotion) -> Vec<Event> {
    let until = "2026-01-02T04:00:00Z".parse().unwrap();
    match effect {
        Effect::Update(name) | Effect::Smoke(name) | Effect::RollBack(name) | Effect::WatchRollback(name)
            if promotion.sites.contains_key(name) =>
        {
            site_tests::answers(effect, name, promotion)
        }
        Effect::Decide => vec![
            decision(Verdict::Allowed),
            decision(Verdict::Refused),
            decision(Verdict::Ignored),
            decision(Verdict::PublishOnly),
            decision(Verdict::Held { until }),
            Event::Errored { failure: failure(FailureKind::Internal) },
        ],
        Effect::Lease => vec![Event::Leased { fence: 1 }, Event::LeaseHeld { holder: "bob".to_owned(), until }],
        Effect::Check => vec![
            Event::Checked { plans: plans.services.clone(), sites: plans.sites.clone() },
            Event::CheckRefused { findings: vec!["no".to_owned()] },
            Event::Errored { failure: failure(FailureKind::Credentials) },
        ],
        Effect::Publish(components) => components
            .iter()
            .flat_map(|component| {
                [
                    Event::Published { component: component.clone(), bytes: 7 },
                    failed(component, FailureKind::Publishing, None),
                    failed(component, FailureKind::Credentials, None),
                ]
            })
            .collect(),
        Effect::Register(component) => vec![
            Event::Registered { component: component.clone(), revision: td(2), reused: false },
            failed(component, FailureKind::Registration, None),
            failed(component, FailureKind::Credentials, None),
        ],
        Effect::Update(component) => vec![
            Event::UpdateAccepted { component: component.clone(), deployment: deployment(2) },
            Event::Superseded { component: component.clone(), by: Some(td(3)) },
            failed(component, FailureKind::Update, None),
        ],
        Effect::Watch(components) => components.iter().flat_map(|one| watch_answers(one, promotion)).collect(),
        Effect::Examine(component) => vec![
            Event::Cleared { component: component.clone(), by: ClearedBy::Smoke, results: Vec::new() },
            Event::Continued { component: component.clone() },
            failed(component, FailureKind::Smoke, None),
            failed(component, FailureKind::Declined, None),
        ],
        Effect::Answer(component) => vec![Event::Continued { component: component.clone() }],
        Effect::Smoke(component) => vec![
            Event::SmokePassed { component: component.clone(), results: Vec::new() },
            failed(component, FailureKind::Smoke, None),
            Event::Superseded { component: component.clone(), by: None },
        ],
        Effect::RollBack(component) => rollback_answers(component, promotion),
        Effect::WatchRollback(component) => vec![
            Event::RolledBack { component: component.clone(), results: Vec::new() },
            Event::Stuck { component: component.clone(), why: "it failed too".to_owned() },
            Event::Superseded { component: component.clone(), by: None },
        ],
        Effect::Conclude => vec![Event::Concluded { outcome: promotion.outcome(), record: Some(1) }],
    }
}

fn pause() -> Pause {
    let stage = Some("POST_TEST_TRAFFIC_SHIFT".to_owned());
    Pause { hook: "hook-1".parse().unwrap(), stage, expires_at: None, then: None }
}

fn watch_answers(component: &ComponentName, promotion: &Promotion) -> Vec<Event> {
    if promotion.sites.contains_key(component) {
        return site_tests::watched(component, promotion);
    }
    rollout_answers(component, promotion)
}

fn rollout_answers(component: &ComponentName, promotion: &Promotion) -> Vec<Event> {
    let end = RolloutEnd::RolledBack { reason: "breaker".to_owned(), to: None };
    let mut answers = vec![
        Event::RolledOut { component: component.clone(), end: None, tasks: 2 },
        Event::RolledOut { component: component.clone(), end: Some(RolloutEnd::Empty), tasks: 0 },
        Event::Superseded { component: component.clone(), by: None },
        failed(component, FailureKind::Digest, None),
    ];
    if promotion.components[component].plan.change != Change::Nothing {
        answers.push(failed(component, FailureKind::Rollout, Some(end)));
        // Each hook is met once: one is enough to meet every order of events around it.
        if promotion.components[component].answered.is_empty() {
            answers.push(Event::Paused { component: component.clone(), pause: pause() });
        }
    }
    answers
}

fn rollback_answers(component: &ComponentName, promotion: &Promotion) -> Vec<Event> {
    let began =
        |by| Event::RollbackBegan { component: component.clone(), by, deployment: deployment(4), revision: None };
    let mut answers = vec![Event::Stuck { component: component.clone(), why: "no way back".to_owned() }];
    if promotion.components[component].plan.target.is_some() {
        answers.extend([began(RestoredBy::Ecs), began(RestoredBy::Towpath)]);
        answers.push(Event::Superseded { component: component.clone(), by: None });
    }
    if promotion.components[component].phase == ComponentPhase::Registered {
        answers.push(Event::RolledBack { component: component.clone(), results: Vec::new() });
    }
    answers
}

#[derive(Default)]
pub(super) struct Search {
    seen: BTreeSet<String>,
    pub(super) outcomes: BTreeMap<&'static str, usize>,
    pub(super) steps: usize,
}

impl Search {
    /// Visits every state that can be reached, and holds the invariants against each.
    fn visit(&mut self, promotion: &Promotion, plans: &Plans, updates: &BTreeMap<ComponentName, u32>) {
        if !self.seen.insert(format!("{promotion:?}{updates:?}")) {
            return;
        }
        let effects = promotion.outstanding();
        if let Phase::Ended(outcome) = promotion.phase() {
            assert!(effects.is_empty(), "a promotion that is over asks for nothing");
            *self.outcomes.entry(outcome.name()).or_default() += 1;
            Self::hold(promotion, outcome);
            return;
        }
        assert!(!effects.is_empty(), "no deadlock: {promotion:?}");
        if effects.len() > 1 {
            self.visit_together(promotion, &effects, plans, updates);
        }
        for effect in &effects {
            let updates = counted(updates, effect);
            for event in answers(effect, plans, promotion) {
                self.steps += 1;
                let mut next = promotion.clone();
                next.apply(&event).unwrap_or_else(|error| panic!("{error}: {promotion:?}"));
                assert!(next.apply(&Event::Requested { request: Box::new(request()) }).is_err(), "it begins once");
                // A crash between two events: the next run says that it goes on, and what is asked for is the same.
                let mut resumed = next.clone();
                if !matches!(next.phase(), Phase::Ended(_)) {
                    resumed.apply(&Event::Resumed { fence: next.fence.unwrap_or_default() }).unwrap();
                    assert_eq!(resumed.outstanding(), next.outstanding());
                }
                self.visit(&next, plans, &updates);
            }
        }
    }

    /// Effects that are performed side by side bring their events one after the other, whatever the first ones were.
    fn visit_together(
        &mut self,
        promotion: &Promotion,
        effects: &[Effect],
        plans: &Plans,
        updates: &BTreeMap<ComponentName, u32>,
    ) {
        let mut updates = updates.clone();
        let mut states = vec![promotion.clone()];
        for effect in effects {
            updates = counted(&updates, effect);
            let mut after = Vec::new();
            for state in &states {
                for event in answers(effect, plans, promotion) {
                    self.steps += 1;
                    let mut next = state.clone();
                    next.apply(&event).unwrap_or_else(|error| panic!("{error}: {state:?}"));
                    after.push(next);
                }
            }
            states = after;
        }
        for state in states {
            self.visit(&state, plans, &updates);
        }
    }

    fn hold(promotion: &Promotion, outcome: Outcome) {
        let components = || promotion.components.values();
        if outcome.is_proven() {
            let proven = |one: &Component| matches!(one.phase, ComponentPhase::Proven { tasks } if tasks > 0);
            assert!(components().all(proven), "success without proof: {promotion:?}");
            let is_live = |site: &Site| matches!(site.phase, SitePhase::Proven { answers } if answers > 0);
            assert!(promotion.sites.values().all(is_live), "success without proof: {promotion:?}");
            assert!(promotion.failures().next().is_none());
        }
        if outcome == Outcome::RolledBack {
            let is_back =
                |one: &Component| matches!(one.phase, ComponentPhase::RolledBack { .. } | ComponentPhase::Untouched);
            assert!(components().all(is_back), "a rollback that left something behind: {promotion:?}");
            let is_back = |site: &Site| matches!(site.phase, SitePhase::RolledBack | SitePhase::Untouched);
            assert!(promotion.sites.values().all(is_back), "a rollback that left something behind: {promotion:?}");
        }
        if matches!(outcome, Outcome::Refused | Outcome::Held | Outcome::Ignored) {
            assert!(!promotion.may_have_changed(), "refused, and yet changed: {promotion:?}");
        }
        if matches!(outcome, Outcome::Errored | Outcome::Unauthorized) {
            let untouched = |one: &Component| one.phase == ComponentPhase::Untouched;
            assert!(components().all(untouched), "errored, and yet touched: {promotion:?}");
            let untouched = |site: &Site| site.phase == SitePhase::Untouched;
            assert!(promotion.sites.values().all(untouched), "errored, and yet touched: {promotion:?}");
        }
    }
}

/// One update per component and direction.
fn counted(updates: &BTreeMap<ComponentName, u32>, effect: &Effect) -> BTreeMap<ComponentName, u32> {
    let mut updates = updates.clone();
    if let Effect::Update(component) = effect {
        let count = updates.entry(component.clone()).or_default();
        *count += 1;
        assert_eq!(*count, 1, "a second update of {component} in the same direction");
    }
    updates
}

fn search(plans: &[ComponentPlan]) -> Search {
    search_all(&Plans { services: plans.to_vec(), sites: Vec::new() })
}

pub(super) fn search_all(plans: &Plans) -> Search {
    let mut search = Search::default();
    let promotion = Promotion::begin(&Event::Requested { request: Box::new(request()) }).unwrap();
    search.visit(&promotion, plans, &BTreeMap::new());
    search
}

#[test]
fn one_component_holds_every_invariant_on_every_path() {
    let search = search(&[plan("api", bring(), true, &[])]);
    for outcome in [
        "succeeded",
        "unverified",
        "refused",
        "ignored",
        "held",
        "errored",
        "unauthorized",
        "rolled_back",
        "stuck",
        "superseded",
    ] {
        assert!(search.outcomes.contains_key(outcome), "{outcome} can be reached: {:?}", search.outcomes);
    }
}

#[test]
fn without_a_target_nothing_is_ever_rolled_back() {
    let search = search(&[plan("api", bring(), false, &[])]);
    assert!(!search.outcomes.contains_key("rolled_back"));
    assert!(search.outcomes.contains_key("stuck"));
}

#[test]
fn two_components_hold_every_invariant_on_every_path() {
    let search = search(&[plan("api", bring(), true, &[]), plan("worker", bring(), true, &["api"])]);
    assert!(search.steps > 500, "{} steps", search.steps);
    assert!(search.outcomes.contains_key("succeeded") && search.outcomes.contains_key("rolled_back"));
}

#[test]
fn two_independent_components_hold_every_invariant_whatever_happens_side_by_side() {
    let search = search(&[plan("api", bring(), true, &[]), plan("worker", bring(), true, &[])]);
    assert!(search.steps > 2_000, "{} steps", search.steps);
    for outcome in ["succeeded", "rolled_back", "stuck", "superseded", "errored"] {
        assert!(search.outcomes.contains_key(outcome), "{outcome}: {:?}", search.outcomes);
    }
}

/// A plan whose image has to be brought to the environment's registry first.
fn published(component: &str, change: Change) -> ComponentPlan {
    let image = format!("ghcr.io/shop/{component}@sha256:{}", "0".repeat(64)).parse().unwrap();
    ComponentPlan { publish_from: Some(image), ..plan(component, change, true, &[]) }
}

#[test]
fn bytes_that_have_to_be_brought_first_hold_every_invariant_on_every_path() {
    let plans = [published("api", bring()), published("worker", bring()), published("web", Change::Nothing)];
    let search = search(&plans);
    for outcome in ["succeeded", "rolled_back", "errored", "unauthorized"] {
        assert!(search.outcomes.contains_key(outcome), "{outcome}: {:?}", search.outcomes);
    }
}

#[test]
fn nothing_is_registered_before_all_bytes_are_there_and_a_failed_copy_changes_nothing() {
    let mut promotion = Promotion::begin(&Event::Requested { request: Box::new(request()) }).unwrap();
    let plans = vec![published("api", bring()), plan("web", bring(), true, &[]), published("worker", bring())];
    for event in [decision(Verdict::Allowed), Event::Leased { fence: 1 }, Event::Checked { plans, sites: Vec::new() }] {
        promotion.apply(&event).unwrap();
    }
    assert_eq!(promotion.outstanding(), [Effect::Publish(vec![name("api"), name("worker")])]);
    assert_eq!(promotion.phase(), Phase::Publishing);
    let early = Event::Registered { component: name("api"), revision: td(2), reused: false };
    assert!(promotion.clone().apply(&early).is_err(), "its bytes are not there yet");
    promotion.apply(&failed(&name("api"), FailureKind::Publishing, None)).unwrap();
    promotion.apply(&Event::Published { component: name("worker"), bytes: 7 }).unwrap();
    assert_eq!(promotion.outstanding(), [Effect::Conclude]);
    assert_eq!((promotion.outcome(), promotion.may_have_changed()), (Outcome::Errored, false));
    assert_eq!(promotion.components[&name("worker")].published, Some(7), "what was brought is not forgotten");
}

#[test]
fn an_unchanged_component_beside_a_changing_one_is_never_rolled_back() {
    let plans = [plan("api", bring(), true, &[]), plan("web", Change::Nothing, true, &[])];
    let search = search(&plans);
    assert!(search.outcomes.contains_key("rolled_back"));
}

#[test]
fn nothing_to_change_ends_unchanged_and_only_with_proof() {
    let search = search(&[plan("api", Change::Nothing, true, &[])]);
    assert!(search.outcomes.contains_key("unchanged"));
    assert!(!search.outcomes.contains_key("succeeded"));
}

#[test]
fn what_needs_another_component_waits_for_it() {
    let mut promotion = Promotion::begin(&Event::Requested { request: Box::new(request()) }).unwrap();
    let plans = vec![plan("api", bring(), true, &["worker"]), plan("worker", bring(), true, &[])];
    for event in [decision(Verdict::Allowed), Event::Leased { fence: 1 }, Event::Checked { plans, sites: Vec::new() }] {
        promotion.apply(&event).unwrap();
    }
    for component in ["api", "worker"] {
        promotion.apply(&Event::Registered { component: name(component), revision: td(2), reused: false }).unwrap();
    }
    assert_eq!(promotion.outstanding(), [Effect::Update(name("worker"))]);
}

#[test]
fn what_is_rolling_out_is_watched_to_its_end_beside_a_superseded_component() {
    let mut promotion = Promotion::begin(&Event::Requested { request: Box::new(request()) }).unwrap();
    let plans = vec![plan("api", bring(), true, &[]), plan("worker", bring(), true, &[])];
    for event in [decision(Verdict::Allowed), Event::Leased { fence: 1 }, Event::Checked { plans, sites: Vec::new() }] {
        promotion.apply(&event).unwrap();
    }
    for component in ["api", "worker"] {
        promotion.apply(&Event::Registered { component: name(component), revision: td(2), reused: false }).unwrap();
    }
    for component in ["api", "worker"] {
        let event = Event::UpdateAccepted { component: name(component), deployment: deployment(2) };
        promotion.apply(&event).unwrap();
    }
    promotion.apply(&Event::Superseded { component: name("api"), by: None }).unwrap();
    assert_eq!(promotion.outstanding(), [Effect::Watch(vec![name("worker")])]);
}

/// What is done side by side is told one after the other: a failure first takes nothing from what comes after it.
#[test]
fn what_happened_beside_a_failure_is_taken_in_after_it() {
    let (api, worker) = (name("api"), name("worker"));
    let registered = Event::Registered { component: worker.clone(), revision: td(2), reused: false };
    let refused = failed(&worker, FailureKind::Credentials, None);
    for beside in [registered, refused] {
        let plans = vec![plan("api", bring(), true, &[]), plan("worker", bring(), true, &[])];
        let mut promotion = Promotion::begin(&Event::Requested { request: Box::new(request()) }).unwrap();
        for event in
            [decision(Verdict::Allowed), Event::Leased { fence: 1 }, Event::Checked { plans, sites: Vec::new() }]
        {
            promotion.apply(&event).unwrap();
        }
        promotion.apply(&failed(&api, FailureKind::Registration, None)).unwrap();
        promotion.apply(&beside).unwrap();
        assert_eq!(promotion.components[&worker].phase, ComponentPhase::Untouched);
        let kept = promotion.components[&worker].revision.is_some() || promotion.components[&worker].failure.is_some();
        assert!(kept, "{beside:?}");
        assert_eq!(promotion.outstanding(), [Effect::Conclude]);
    }
}

#[test]
fn what_cannot_have_happened_is_refused() {
    let mut promotion = Promotion::begin(&Event::Requested { request: Box::new(request()) }).unwrap();
    let error = promotion.apply(&Event::Leased { fence: 1 }).unwrap_err();
    assert_eq!(error.to_string(), "leased cannot happen while a promotion is requested");
    assert!(Promotion::begin(&Event::Leased { fence: 1 }).is_err());
}
