//! Reports for this crate's tests: a promotion of 1.1.0 into dev that came no further than its request, and attempts that
//! failed and were put back.

use serde_json::json;
use towpath_core::{
    engine::Report,
    policy::Trigger,
    promotion::{Actor, Event, Intent, Outcome, Promotion, Request},
};

/// A report of that outcome.
pub(crate) fn example(outcome: Outcome) -> Report {
    let request = Request {
        id: "20260302t090000z-1a2b3c4d".parse().unwrap(),
        app: "shop".parse().unwrap(),
        environment: "dev".parse().unwrap(),
        intent: Intent::Promote { version: "1.1.0".parse().unwrap(), commit: "a".repeat(40).parse().unwrap() },
        trigger: Trigger::CommandLine,
        actor: Actor { name: "ann".to_owned(), run: None },
        requested_at: "2026-03-02T09:00:00Z".parse().unwrap(),
        tool_version: "0.1.0".to_owned(),
    };
    Report {
        environment: request.environment.clone(),
        promotion: request.id.clone(),
        outcome,
        reason: "because\n::error::of this".to_owned(),
        retry_at: Some("2026-03-02T10:00:00Z".parse().unwrap()),
        state: Promotion::begin(&Event::Requested { request: Box::new(request) }).unwrap(),
        record: None,
        unrecorded: None,
    }
}

/// A report of an attempt whose rollout failed with that failure, was diagnosed, and was put back.
pub(crate) fn put_back(intent: Intent, failure: &str) -> Report {
    let mut report = example(Outcome::RolledBack);
    "api: it failed".clone_into(&mut report.reason);
    report.state.request.intent = intent;
    let revision = |number: u32| format!("arn:aws:ecs:eu-west-1:111111111111:task-definition/shop-api-dev:{number}");
    let serving = json!({ "task_definition": revision(1), "digest": null, "version": "1.0.0" });
    let plan = json!({
        "component": "api", "service": { "cluster": "shop-dev", "service": "shop-api-dev" }, "container": "api",
        "image": null, "change": { "kind": "use", "revision": revision(2) }, "before": serving,
        "target": { "serving": serving, "image": null, "proven_by": "p" }, "base_deployment": null, "seen": [],
        "listed_after": null, "desired": 2, "needs": [], "notes": [],
    });
    let cause =
        |kind: &str, because: &str| json!({ "kind": kind, "because": because, "remedy": "mend it\n::error::now" });
    let causes = [
        cause("crash-loop", "exit code 1: \u{1b}[31mboom"),
        cause("wrong-port", "b"),
        cause("capacity", "c"),
        cause("no-steady-state", "d"),
    ];
    let diagnosis = json!({ "causes": causes, "tasks": [], "targets": [], "alarms": [], "events": [], "unasked": [] });
    let end = json!({ "end": "given-up", "why": { "because": "never-starts", "failed": 3 } });
    for event in [
        json!({ "event": "decided", "decision": { "verdict": { "kind": "allowed" }, "rule": null, "reasons": [] } }),
        json!({ "event": "leased", "fence": 1 }),
        json!({ "event": "checked", "plans": [plan] }),
        json!({ "event": "registered", "component": "api", "revision": revision(2), "reused": false }),
        json!({ "event": "update-accepted", "component": "api", "deployment": "ecs-svc/2" }),
        json!({ "event": "diagnosed", "component": "api", "diagnosis": diagnosis }),
        json!({ "event": "failed", "component": "api", "failure": { "kind": failure, "message": "it failed" }, "end": end, "results": [] }),
        json!({ "event": "rollback-began", "component": "api", "by": "towpath", "deployment": "ecs-svc/3" }),
        json!({ "event": "rolled-back", "component": "api", "results": [] }),
    ] {
        let event: Event = serde_json::from_value(event).unwrap();
        report.state.apply(&event).unwrap();
    }
    report
}
