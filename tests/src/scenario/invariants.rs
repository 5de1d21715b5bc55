//! What must hold after every run, whatever the scenario.
//!
//! Sites are not deployed yet, so nothing is said here of live pages and of deletions.

use std::{collections::BTreeMap, sync::atomic::Ordering};

use serde_json::Value;
use towpath_cli::Exit;
use towpath_core::{
    engine::Report,
    promotion::{Component, Outcome},
    smoke::CheckOutcome,
};

use super::{
    play::Play,
    sentinels::HUSH,
    told::Told,
    truth::{Truth, has_image, short},
};

/// What no run may ever ask for: what a way back may need would be lost.
const NEVER: [&str; 5] =
    ["DeregisterTaskDefinition", "DeleteTaskDefinitions", "DeleteService", "BatchDeleteImage", "CreateService"];

/// Asserts all of it.
pub(super) async fn hold(play: &Play, told: &Told) {
    nothing_is_changed_before_the_check_is_over(play, told);
    one_update_each_way(told);
    nothing_forbidden_is_sent(told);
    success_has_proof(play, told);
    failure_says_where_it_left_things(told);
    what_it_says_is_so(play, told);
    nothing_secret_comes_out(play, told);
    the_record_says_the_same(play, told).await;
    if !play.may_lose_the_old.load(Ordering::SeqCst) {
        what_served_is_kept(play, told).await;
    }
}

fn nothing_is_changed_before_the_check_is_over(play: &Play, told: &Told) {
    let checked = play.recorder.checked();
    // A resumed run goes on behind the check of the run before, which was held to this itself: then its journal has it.
    if checked.is_none() && told.notes().contains("\"event\":\"resumed\"") {
        assert!(!told.report().state.components.is_empty(), "nothing was checked before\n{}", told.story());
        return;
    }
    for call in told.changes() {
        assert!(
            checked.is_some_and(|checked| call.sequence > checked),
            "{} came before the check was over\n{}",
            call.operation,
            told.story()
        );
    }
}

fn one_update_each_way(told: &Told) {
    let mut updates: BTreeMap<(String, String), usize> = BTreeMap::new();
    for call in told.accepted("UpdateService") {
        let (service, revision) = (call.input["service"].to_string(), short(&call.input["taskDefinition"]).to_owned());
        *updates.entry((service, revision)).or_default() += 1;
    }
    for ((service, revision), number) in &updates {
        assert_eq!(*number, 1, "{service} was set to {revision} {number} times\n{}", told.story());
        let ways = updates.keys().filter(|(other, _)| other == service).count();
        assert!(ways <= 2, "{service} was set to {ways} revisions\n{}", told.story());
    }
    let stops = told.accepted("StopServiceDeployment").len();
    assert!(stops <= updates.len(), "{stops} stops\n{}", told.story());
}

fn nothing_forbidden_is_sent(told: &Told) {
    for call in &told.calls {
        assert!(!NEVER.contains(&call.operation.as_str()), "{} was sent\n{}", call.operation, told.story());
        let counts = call.operation == "UpdateService" && call.input.get("desiredCount").is_some();
        assert!(!counts, "desiredCount was sent\n{}", told.story());
    }
}

fn success_has_proof(play: &Play, told: &Told) {
    if told.exit != Exit::Done {
        return;
    }
    let report = told.report();
    match report.outcome {
        Outcome::Succeeded | Outcome::Unchanged => {
            assert!(!report.state.components.is_empty(), "nothing was proven\n{}", told.story());
            report.state.components.values().for_each(|component| is_proven(play, told, component));
        }
        Outcome::Ignored | Outcome::Adopted => {
            told.changed_nothing();
        }
        other => panic!("{other} is no success\n{}", told.story()),
    }
}

fn is_proven(play: &Play, told: &Told, component: &Component) {
    let Component { plan, smoke, .. } = component;
    let truth = Truth::of(&play.stage, plan.service.service.as_str());
    let story = || told.story();
    assert!(truth.is_whole(), "not all tasks are the new ones\n{}", story());
    let newest = &truth.service_deployments[0]["status"];
    assert!(newest == "SUCCESSFUL" || newest == "ROLLBACK_SUCCESSFUL", "{newest}\n{}", story());
    if let Some(image) = &plan.image {
        assert_eq!(truth.digests(), [image.digest().to_string()], "{}", story());
    }
    let configured = play
        .stage
        .environment("dev")
        .ok()
        .and_then(|dev| dev.services.get(&plan.component))
        .map_or(0, |service| service.smoke.len());
    assert_eq!(smoke.len(), configured, "not every smoke check was asked\n{}", story());
    assert!(smoke.iter().all(|result| result.outcome == CheckOutcome::Passed), "{}", story());
}

fn failure_says_where_it_left_things(told: &Told) {
    if told.exit == Exit::Done {
        return;
    }
    let Some(report) = &told.report else {
        told.changed_nothing().says("next");
        return;
    };
    let lines: Vec<&str> = told.text.lines().map(str::trim_start).collect();
    let says =
        |what: &str| lines.iter().any(|line| line.strip_prefix(what).is_some_and(|rest| !rest.trim().is_empty()));
    assert!(says("why "), "it does not say why\n{}", told.story());
    assert!(says("changed "), "it does not say what was changed\n{}", told.story());
    assert!(says("next "), "it does not say what to do next\n{}", told.story());
    assert!(report.state.components.is_empty() || says("serves "), "it does not say what serves\n{}", told.story());
}

fn what_it_says_is_so(play: &Play, told: &Told) {
    let Some(report) = &told.report else { return };
    match told.exit {
        Exit::RolledBack => report.state.components.values().for_each(|component| serves_again(play, told, component)),
        Exit::Refused | Exit::Held | Exit::Usage => {
            told.changed_nothing();
        }
        Exit::Errored | Exit::Credentials => {
            told.sent("UpdateService", 0);
        }
        Exit::Stuck => names_all(told, report),
        Exit::Inconclusive | Exit::Interrupted | Exit::Superseded => {
            told.never_says("succeeded");
        }
        Exit::Done | Exit::Partial | Exit::Difference | Exit::Tampered => {}
    }
    let is_nothing = |line: &str| line.trim_start().starts_with("changed") && line.ends_with("nothing");
    if told.text.lines().filter(|line| line.trim_start().starts_with("changed")).all(is_nothing) {
        told.changed_nothing();
    }
}

/// Exit code 5 promises that what served before serves again: its own revision, or one that is identical to it.
fn serves_again(play: &Play, told: &Told, component: &Component) {
    let truth = Truth::of(&play.stage, component.plan.service.service.as_str());
    let target = component.plan.target.as_ref().unwrap_or_else(|| panic!("no target\n{}", told.story()));
    let [target, serving] =
        [target.serving.task_definition.short(), truth.revision()].map(|revision| truth.described(revision));
    let containers = |revision: Option<&Value>| revision.map(|revision| revision["containerDefinitions"].clone());
    assert_eq!(containers(serving), containers(target), "{}", told.story());
    assert!(truth.is_whole(), "not all tasks are the old ones\n{}", told.story());
    told.says(truth.revision());
}

/// A person must find everything that is needed to act: the service, both revisions, the command.
fn names_all(told: &Told, report: &Report) {
    for component in report.state.components.values() {
        let plan = &component.plan;
        told.says(plan.service.service.as_str());
        if plan.target.is_some() {
            told.says("towpath rollback dev");
        }
        let (new, old) = (component.revision.as_ref(), plan.before.as_ref().map(|before| &before.task_definition));
        for revision in [new, old].into_iter().flatten() {
            told.says(revision.short());
        }
    }
}

fn nothing_secret_comes_out(play: &Play, told: &Told) {
    let kept = play.stage.memory.contents();
    let kept = kept.iter().map(|(key, bytes)| (key.clone(), String::from_utf8_lossy(bytes).into_owned()));
    let told_ = [("text", told.text.clone()), ("notices", told.notes()), ("report", format!("{:?}", told.report))];
    for (place, text) in told_.map(|(place, text)| (place.to_owned(), text)).into_iter().chain(kept) {
        assert!(!text.contains(HUSH), "{place} holds a secret:\n{text}");
    }
}

async fn the_record_says_the_same(play: &Play, told: &Told) {
    let Some(record) = told.report.as_ref().and_then(|report| report.record.as_ref()) else { return };
    let records = play.stage.records("dev").await.unwrap_or_else(|error| panic!("{error:#}"));
    assert_eq!(records.last(), Some(record), "{}", told.story());
    assert_eq!(record.outcome, told.report().outcome, "{}", told.story());
}

async fn what_served_is_kept(play: &Play, told: &Told) {
    if play.before.primary().is_null() {
        return;
    }
    told.keeps(play.before.revision());
    for digest in play.before.digests() {
        assert!(has_image(&play.stage, digest).await, "{digest} is gone\n{}", told.story());
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use serde_json::json;
    use towpath_sim::calls::Call;

    use super::*;

    fn call(sequence: u64, operation: &str, input: Value) -> Call {
        Call {
            sequence,
            time: "2026-03-02T09:00:00Z".parse().unwrap(),
            service: "ecs".to_owned(),
            operation: operation.to_owned(),
            account: "111111111111".to_owned(),
            region: "us-west-2".to_owned(),
            caller: String::new(),
            input,
            status: Some(200),
            error: None,
            accepted: true,
            fault: None,
            invocation_id: None,
        }
    }

    fn update(sequence: u64, revision: u32) -> Call {
        call(sequence, "UpdateService", json!({ "service": "api", "taskDefinition": format!("arn:x/api:{revision}") }))
    }

    fn told(calls: Vec<Call>) -> Told {
        let truth =
            Truth { service: Value::Null, service_deployments: Vec::new(), tasks: Vec::new(), revisions: Vec::new() };
        Told { exit: Exit::Errored, text: String::new(), report: None, notices: Vec::new(), calls, truth }
    }

    fn check(invariant: fn(&Told), calls: Vec<Call>, holds: bool) {
        let told = told(calls);
        assert_eq!(catch_unwind(AssertUnwindSafe(|| invariant(&told))).is_ok(), holds);
    }

    #[test]
    fn one_update_forward_and_one_back_is_all_that_is_allowed() {
        check(one_update_each_way, vec![update(1, 2), update(2, 1)], true);
        check(one_update_each_way, vec![update(1, 2), update(2, 2)], false);
        check(one_update_each_way, vec![update(1, 2), update(2, 1), update(3, 3)], false);
        check(one_update_each_way, vec![call(1, "StopServiceDeployment", json!({}))], false);
        check(one_update_each_way, vec![update(1, 2), Call { accepted: false, ..update(2, 2) }], true);
    }

    #[test]
    fn what_must_never_be_sent_is_found_out_even_where_it_was_refused() {
        check(nothing_forbidden_is_sent, vec![update(1, 2)], true);
        check(nothing_forbidden_is_sent, vec![call(1, "UpdateService", json!({ "desiredCount": 0 }))], false);
        check(
            nothing_forbidden_is_sent,
            vec![Call { accepted: false, ..call(1, "DeregisterTaskDefinition", json!({})) }],
            false,
        );
    }

    #[test]
    fn an_ending_that_says_nothing_is_found_out() {
        check(failure_says_where_it_left_things, Vec::new(), false);
    }
}
