//! A report for this crate's tests: a promotion of 1.1.0 into dev that came no further than its request.

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
