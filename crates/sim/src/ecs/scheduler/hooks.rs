//! Lifecycle hooks: functions that are called and pauses that wait for somebody.
//!
//! What a function answers is scripted in the knobs. Which stages there are is `staged`'s matter.

use jiff::Timestamp;

use crate::ecs::{
    knobs::{HookOutcome, Knobs, ScriptedHook, USUAL_ANSWER},
    world::{
        Scope,
        stage::Stage,
        staging::{HookRun, HookStatus, Staging},
        strategy::{Hook, HookAction},
        time::after,
    },
};

/// What the hooks of a stage say about going on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    GoOn,
    Wait,
    /// The deployment is given up, for this reason.
    GiveUp(String),
}

/// Calls the functions of `stage` and begins its pauses.
pub(super) fn reach(scope: &mut Scope<'_>, staging: &mut Staging, hooks: &[Hook], stage: Stage) {
    for hook in hooks.iter().filter(|hook| hook.stages.contains(&stage)) {
        let run = run(scope, hook, stage);
        staging.hooks.push(run);
    }
}

fn run(scope: &mut Scope<'_>, hook: &Hook, stage: Stage) -> HookRun {
    let answers_at = hook.function.as_deref().and_then(|function| answers_at(scope.knobs, scope.at, function, stage));
    HookRun {
        id: scope.ids.uuid(),
        stage,
        status: if hook.function.is_some() { HookStatus::InProgress } else { HookStatus::AwaitingAction },
        function: hook.function.clone(),
        answers_at,
        expires_at: after(scope.at, hook.timeout),
        on_timeout: hook.on_timeout,
        asked: None,
        problem: None,
    }
}

fn answers_at(knobs: &Knobs, at: Timestamp, function: &str, stage: Stage) -> Option<Timestamp> {
    match ScriptedHook::of(&knobs.hooks, function, stage) {
        Some(ScriptedHook { outcome: HookOutcome::Never, .. }) => None,
        Some(scripted) => Some(after(at, scripted.after)),
        None => Some(after(at, USUAL_ANSWER)),
    }
}

/// Lets hooks end whose time has come, and says what follows from all that were reached.
pub(super) fn advance(knobs: &Knobs, at: Timestamp, staging: &mut Staging) -> Verdict {
    for hook in staging.hooks.iter_mut().filter(|hook| hook.status.is_open()) {
        end_if_due(knobs, at, hook);
    }
    if let Some(problem) = staging.hooks.iter().find_map(|hook| hook.problem.clone()) {
        return Verdict::GiveUp(problem);
    }
    if staging.hooks.iter().any(|hook| hook.status.is_open()) { Verdict::Wait } else { Verdict::GoOn }
}

fn end_if_due(knobs: &Knobs, at: Timestamp, hook: &mut HookRun) {
    let is_due = |due: Option<Timestamp>| due.is_some_and(|due| due <= at);
    if let Some(action) = hook.asked.take() {
        act(hook, action, HookStatus::Succeeded, HookStatus::Failed, "was rolled back on request.");
    } else if is_due(hook.answers_at) {
        answer(knobs, hook);
    } else if is_due(Some(hook.expires_at)) {
        let action = hook.on_timeout;
        act(hook, action, HookStatus::TimedOut, HookStatus::TimedOut, "timed out.");
    }
}

/// A pause, or a time-out, ends in going on or in giving up. *Guess*: the words.
fn act(hook: &mut HookRun, action: HookAction, on: HookStatus, back: HookStatus, what: &str) {
    match action {
        HookAction::Continue => hook.status = on,
        HookAction::Rollback => {
            hook.status = back;
            hook.problem = Some(problem(hook, &format!("Lifecycle hook {} {what}", hook.id)));
        }
    }
}

fn answer(knobs: &Knobs, hook: &mut HookRun) {
    let function = hook.function.clone().unwrap_or_default();
    let outcome = ScriptedHook::of(&knobs.hooks, &function, hook.stage)
        .map_or_else(HookOutcome::default, |scripted| scripted.outcome);
    let detail = match outcome {
        HookOutcome::Succeeded => {
            hook.status = HookStatus::Succeeded;
            return;
        }
        // A function that goes on for ever has no answer that could be due.
        HookOutcome::Never => {
            hook.answers_at = None;
            return;
        }
        HookOutcome::Failed => format!("Lifecycle hook target {function} returned FAILED status."),
        HookOutcome::CannotInvoke => {
            format!("ECS was unable to invoke hook target {function} due to the function not being found.")
        }
        HookOutcome::CannotAssumeRole => format!("ECS was unable to assume role for hook target {function}."),
        HookOutcome::NoStatus => {
            format!("ECS was unable to parse the response from {function} due to HookStatus must not be null")
        }
    };
    hook.status = HookStatus::Failed;
    hook.problem = Some(problem(hook, &detail));
}

fn problem(hook: &HookRun, detail: &str) -> String {
    format!("Service deployment rolled back because {} lifecycle hook(s) failed. {detail}", hook.stage.as_str())
}
