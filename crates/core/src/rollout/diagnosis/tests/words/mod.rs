//! Texts as AWS, container runtimes and tools write them, and the cause that each tells of.
//!
//! They are documented or were seen in the wild; accounts, names and ids are made up. Where no text is known, the row
//! is a guess and says so.

mod running;
mod starting;

use super::super::{CauseKind as Kind, recognise};

fn check(rows: &[(&str, Kind)]) {
    for (text, expected) in rows {
        assert_eq!(recognise(text), Some(*expected), "{text}");
        let event = format!("(service quota-alarm) was unable to place a task. Reason: {text}.");
        assert_eq!(recognise(&event), Some(*expected), "{event}");
    }
}

#[test]
fn what_goes_on_as_usual_tells_of_nothing() {
    for text in [
        "(service alarm-quota) has started 2 tasks: (task 0f1e) (task 1f1e).",
        "(service shop) registered 1 targets in (target-group arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/shop/1)",
        "(service shop) (deployment ecs-svc/1) deployment completed.",
        "(service shop) has reached a steady state.",
        "(service shop) rolling back to deployment ecs-svc/1.",
        "(service shop) has begun draining connections on 2 tasks.",
        "Scaling activity initiated by (deployment ecs-svc/1)",
        "Essential container in task exited",
        "",
    ] {
        assert_eq!(recognise(text), None, "{text}");
    }
}
