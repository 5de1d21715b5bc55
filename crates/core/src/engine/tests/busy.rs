//! When a service counts as busy, by what else is in its list of deployments.

use crate::{engine::preflight::is_busy, rollout::RolloutState};

use super::stage::Stage;

/// A service whose deployment is complete, and beside it another one, with so many tasks.
fn check(rollout: Option<&RolloutState>, tasks: u32, expected: bool) {
    let mut snapshot = Stage::open().snapshot("api");
    let primary = snapshot.primary().unwrap().clone();
    let id = "ecs-svc/0192876543210987654".parse().unwrap();
    let status = crate::rollout::DeploymentStatus::Active;
    let other = crate::rollout::Deployment {
        id,
        status,
        rollout: rollout.cloned(),
        desired: 0,
        running: tasks,
        pending: 0,
        ..primary.clone()
    };
    assert!(!is_busy(&snapshot, &primary), "alone it is not");
    snapshot.deployments.push(other);
    assert_eq!(is_busy(&snapshot, &primary), expected, "{rollout:?} with {tasks} tasks");
}

#[test]
fn a_failed_deployment_without_tasks_keeps_nobody_waiting() {
    check(Some(&RolloutState::Failed), 0, false);
    check(Some(&RolloutState::Failed), 1, true);
    check(Some(&RolloutState::Completed), 0, true);
    check(Some(&RolloutState::InProgress), 0, true);
    check(None, 0, true);
}
