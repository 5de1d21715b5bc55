//! Exit codes in words, and which container of a task ended first.
//!
//! ECS does not say which container ended first; where the codes leave it open, both are named.

use std::fmt::Write as _;

use crate::{
    identifier::ContainerName,
    rollout::{StoppedContainer, StoppedTask},
    task_definition::Document,
};

use super::CauseKind;

/// What an exit code means, as a fragment of a sentence. An absent one means that the container never ran.
pub fn exit_code_in_words(code: Option<i32>) -> String {
    match code {
        None => "no exit code: it never ran".to_owned(),
        Some(0) => "exit code 0: it ended by itself, without an error".to_owned(),
        Some(125) => "exit code 125: the container runtime could not run it".to_owned(),
        Some(126) => "exit code 126: the command cannot be executed".to_owned(),
        Some(127) => "exit code 127: the command was not found".to_owned(),
        Some(255) => "exit code 255: an error outside of the usual codes".to_owned(),
        Some(code @ 129..=192) => format!("exit code {code}: {}", signal(code - 128)),
        Some(code) => format!("exit code {code}: an error of the application"),
    }
}

fn signal(number: i32) -> String {
    let known = match number {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL, an instruction that this processor does not have",
        6 => "SIGABRT, it gave up by itself",
        7 => "SIGBUS, a fault in memory access",
        8 => "SIGFPE, a fault in arithmetic",
        9 => "SIGKILL, it was killed",
        11 => "SIGSEGV, a fault in memory access",
        13 => "SIGPIPE",
        15 => "SIGTERM, it was asked to end",
        31 => "SIGSYS, a system call that is forbidden",
        _ => return format!("signal {number}"),
    };
    known.to_owned()
}

/// What a container's end tells by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exit {
    pub(super) kind: CauseKind,
    pub(super) because: String,
}

/// How likely it is that a container's end was the first; the higher the likelier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// It ended as containers do that ECS asks to end.
    Asked,
    /// It was killed, as those are that do not end when asked.
    Killed,
    /// It ended by itself, or when asked.
    Ended,
    /// It ended in a way that nobody asks for.
    Own,
}

fn fault(code: i32) -> Fault {
    match code {
        143 => Fault::Asked,
        137 => Fault::Killed,
        0 => Fault::Ended,
        _ => Fault::Own,
    }
}

/// Whether a task ended because a container in it did: otherwise exit codes are the consequence, not the cause.
pub(super) fn ended_by_container(task: &StoppedTask) -> bool {
    let starts = |words: &str| task.reason.as_deref().is_some_and(|reason| reason.contains(words));
    match task.stop_code.as_deref() {
        Some("EssentialContainerExited") => true,
        Some("TaskFailedToStart") => task.containers.iter().any(|container| container.exit_code.is_some()),
        Some(_) => false,
        None => starts("Essential container in task exited"),
    }
}

/// What the exit codes of a task that ended by a container tell.
pub(super) fn judge(task: &StoppedTask, own: &ContainerName, document: Option<&Document>) -> Option<Exit> {
    let ended: Vec<(&StoppedContainer, i32)> = task
        .containers
        .iter()
        .filter(|container| is_essential(container, own, document, task))
        .filter_map(|container| container.exit_code.map(|code| (container, code)))
        .collect();
    let worst = ended.iter().map(|(_, code)| fault(*code)).max()?;
    let mut suspects: Vec<_> = ended.iter().filter(|(_, code)| fault(*code) == worst).collect();
    suspects.sort_by_key(|(container, code)| (container.name != own.as_str(), &container.name, *code));
    // One that was killed and one that ended with 0: either may have been first.
    let killed = ended.iter().filter(|(_, code)| worst == Fault::Ended && fault(*code) == Fault::Killed);
    let (first, code) = suspects.first()?;
    let mut because = sentence(first, *code, own);
    for (other, code) in suspects.iter().skip(1).copied().chain(killed) {
        let _infallible = write!(because, "; or first {}", sentence(other, *code, own));
    }
    Some(Exit { kind: kind(first, *code, own), because })
}

/// A container that is not in the document was put there by AWS, and does not end a task where others do.
fn is_essential(
    container: &StoppedContainer,
    own: &ContainerName,
    document: Option<&Document>,
    task: &StoppedTask,
) -> bool {
    let never_ran = |name: &str| task.containers.iter().any(|other| other.name == name && other.exit_code.is_none());
    let Some(document) = document else { return true };
    let found = document.containers().find(|candidate| candidate.name() == Some(container.name.as_str()));
    match found {
        Some(found) => found.is_essential() || never_ran(own.as_str()),
        None => false,
    }
}

fn sentence(container: &StoppedContainer, code: i32, own: &ContainerName) -> String {
    format!("{}: {}", of(&container.name, own), exit_code_in_words(Some(code)))
}

/// The container by its name, and whose it is.
pub(super) fn of(name: &str, own: &ContainerName) -> String {
    let role = if name == own.as_str() { "the component's container" } else { "the sidecar" };
    format!("{role} `{}`", super::text::clip(name, 255))
}

fn kind(container: &StoppedContainer, code: i32, own: &ContainerName) -> CauseKind {
    if container.name != own.as_str() {
        return CauseKind::DependencyFailed;
    }
    match code {
        0 => CauseKind::ExitsAtOnce,
        126 | 127 => CauseKind::CommandNotFound,
        129..=192 => CauseKind::KilledBySignal,
        _ => CauseKind::Crash,
    }
}
