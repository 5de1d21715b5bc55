//! Tasks that AWS takes away: Spot capacity that is wanted back, hosts that end or break.
//!
//! Only where somebody's scripted call says so. *Guess*: the words, but for Spot's.

use crate::ecs::world::{
    Scope,
    task::{Stop, StopCode, Task, TaskStatus},
};

use super::task_life;

/// Takes a task away for the reason `code`; says whether AWS has such a reason.
pub(crate) fn lose(scope: &Scope<'_>, task: &mut Task, code: &str) -> bool {
    let (code, reason) = match code {
        "SpotInterruption" => (StopCode::SpotInterruption, "Your Spot Task was interrupted."),
        "TerminationNotice" => (StopCode::TerminationNotice, "Host instance is being terminated."),
        "InfrastructureHealth" => (StopCode::InfrastructureHealth, "Task was stopped because its host is not healthy."),
        _ => return false,
    };
    let knew_its_end = code != StopCode::InfrastructureHealth;
    if knew_its_end || task.last_status >= TaskStatus::Deactivating {
        task_life::stop(task, scope.at, scope.knobs, Stop { code, reason: reason.to_owned() });
    } else {
        task_life::vanish(task, scope.at, scope.knobs, Stop { code, reason: reason.to_owned() });
    }
    true
}
