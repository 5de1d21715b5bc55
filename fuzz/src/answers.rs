//! An answer of AWS: its operation on the first line, the JSON after it.
//!
//! `Watch` is no operation: its JSON is a list of looks at a service, each with what `DescribeServices` and
//! `ListServiceDeployments` answered, and they are judged one after the other.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use towpath_aws::answers;
use towpath_core::rollout::{Foresight, Listing, Look, RolloutEnd, ServiceSnapshot, Tally, Verdict, Watch};

const OURS: &str = "ecs-svc/2";
const REVISION: &str = "arn:aws:ecs:us-west-2:111111111111:task-definition/shop:2";

/// Reads the answer as its operation's.
pub fn run(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let (operation, json) = text.split_once('\n').unwrap_or((text, ""));
    let Ok(answer) = serde_json::from_str::<Value>(json) else { return false };
    match operation {
        "DescribeServices" => is_read(&answers::services(&answer)),
        "ServiceDeployments" => is_read(&answers::service_deployments(&answer)),
        "DescribeServiceRevisions" => is_read(&answers::service_revisions(&answer)),
        "DescribeTasks" => tasks(&answer),
        "DescribeTaskDefinition" => is_read(&answers::task_definition(answer)),
        "GetLogEvents" => is_read(&answers::log_lines(&answer)),
        "Manifest" => is_read(&answers::children(&answer)) & is_read(&answers::platforms(&answer)),
        "Watch" => watch(&answer),
        _ => false,
    }
}

/// What cannot be read names the member.
fn is_read<T>(read: &Result<T, answers::Unreadable>) -> bool {
    if let Err(unreadable) = read {
        assert!(unreadable.to_string().contains('`'), "it does not name what cannot be read");
    }
    read.is_ok()
}

fn tasks(answer: &Value) -> bool {
    let running = is_read(&answers::tasks(answer));
    let (Ok(ours), Ok(stopped)) = (OURS.parse(), answers::stopped_tasks(answer)) else { return false };
    let mut tally = Tally::default();
    tally.count(&ours, &stopped);
    assert!(usize::try_from(tally.failed()).is_ok_and(|failed| failed <= stopped.len()), "more failed than ended");
    running
}

fn watch(looks: &Value) -> bool {
    let (Ok(deployment), Ok(revision), Ok(base)) = (OURS.parse(), REVISION.parse(), "ecs-svc/1".parse()) else {
        return false;
    };
    let mut watch = Watch::new(deployment, revision, Some(base), Vec::new(), Timestamp::UNIX_EPOCH);
    let (mut tally, mut foresight) = (Tally::default(), Foresight::default());
    let (mut at, mut is_over) = (Timestamp::UNIX_EPOCH, false);
    for look in looks.as_array().into_iter().flatten().take(8) {
        at += SignedDuration::from_secs(65);
        let look = seen(look, at);
        let verdict = watch.judge(&look);
        is_over = matches!(verdict, Verdict::Ended(_));
        let Some(service) = &look.service else { continue };
        foresight.saw(at, service, &watch.deployment);
        if let Some(ours) = service.deployment(&watch.deployment) {
            let _given_up = tally.judge(at, service, ours);
        }
        assert!(!matches!(verdict, Verdict::Ended(RolloutEnd::Completed { .. })) || may_be_over(service), "{look:?}");
    }
    is_over
}

fn seen(look: &Value, at: Timestamp) -> Look {
    let services = look.get("services").and_then(|answer| answers::services(answer).ok());
    let listed = look.get("serviceDeployments").and_then(|answer| answers::service_deployments(answer).ok());
    Look {
        at,
        service: services.and_then(|services| services.into_values().next()),
        service_deployments: listed.map_or(Listing::NotOffered, Listing::Came),
    }
}

/// Success needs at least a service that wants tasks and whose newest deployment is ours.
fn may_be_over(service: &ServiceSnapshot) -> bool {
    service.desired > 0 && service.primary().is_some_and(|primary| primary.id.as_str() == OURS)
}
