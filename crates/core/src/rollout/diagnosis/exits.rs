//! Exit codes in words, and which container of a task ended first.
//!
//! ECS does not say which container ended first; where the codes leave it open, both are named.

use crate::{
    identifier::ContainerName,
    rollout::{StoppedContainer, StoppedTask},
    task_definition::{Container, Document},
};

use super::{CauseKind, text::clip};

/// What containers that AWS puts into tasks are called, or begin with.
const INJECTED: [&str; 2] = ["aws-guardduty-agent", "ecs-service-connect"];

/// What an exit code means, as a fragment of a sentence. An absent one means that the container never ran.
pub fn exit_code_in_words(code: Option<i32>) -> String {
    match code {
        None => "no exit code, so it never ran".to_owned(),
        Some(0) => "exit code 0, it ended by itself without an error".to_owned(),
        Some(125) => "exit code 125, the container runtime could not run it".to_owned(),
        Some(126) => "exit code 126, the command cannot be executed".to_owned(),
        Some(127) => "exit code 127, the command was not found".to_owned(),
        Some(code @ 129..=192) => format!("exit code {code}, {}", signal(code - 128)),
        Some(code) => format!("exit code {code}, an error of the application"),
    }
}

fn signal(number: i32) -> String {
    let known = match number {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL: an instruction that this processor does not have",
        6 => "SIGABRT: it gave up by itself",
        7 => "SIGBUS: a fault in memory access",
        8 => "SIGFPE: a fault in arithmetic",
        9 => "SIGKILL: it was killed, perhaps for want of memory; ECS does not say",
        11 => "SIGSEGV: a fault in memory access",
        13 => "SIGPIPE",
        15 => "SIGTERM: it was asked to end",
        31 => "SIGSYS: a system call that is forbidden",
        _ => return format!("signal {number}"),
    };
    known.to_owned()
}

/// What the end of a task's containers tells.
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

/// Whose a container is. The component's own one is named first where several may be at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Own,
    Sidecar,
    Injected,
}

/// A container that ran and ended, and with which its task may have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Suspect<'a> {
    name: &'a str,
    role: Role,
    code: i32,
}

/// Whether a task ended because a container in it did: otherwise exit codes are the consequence, not the cause.
pub(super) fn ended_by_container(task: &StoppedTask) -> bool {
    match task.stop_code.as_deref() {
        Some("EssentialContainerExited" | "TaskFailedToStart") => true,
        Some(_) => false,
        None => task.reason.as_deref().is_none_or(|reason| reason.starts_with("Essential container in task exited")),
    }
}

/// What the exit codes of a task that ended by a container tell; nothing where none of its containers ran.
pub(super) fn judge(task: &StoppedTask, own: &ContainerName, document: Option<&Document>) -> Option<Exit> {
    let mut suspects: Vec<Suspect<'_>> =
        task.containers.iter().filter_map(|container| suspect(container, task, own, document)).collect();
    suspects.sort_by_key(|suspect| (std::cmp::Reverse(suspect.fault()), suspect.role, suspect.name, suspect.code));
    suspects.dedup();
    let (first, rest) = suspects.split_first()?;
    let others =
        rest.iter().filter(|other| first.leaves_open(**other)).map(|other| format!("; or first {}", other.say()));
    Some(Exit { kind: first.kind(), because: others.fold(first.say(), |said, other| said + &other) })
}

fn suspect<'a>(
    container: &'a StoppedContainer,
    task: &StoppedTask,
    own: &ContainerName,
    document: Option<&Document>,
) -> Option<Suspect<'a>> {
    let role = role(&container.name, own, document);
    let suspect = Suspect { name: &container.name, role, code: container.exit_code? };
    let counts = match role {
        // A task that failed to start ends the containers that it had: they are at fault only where they say so.
        _ if task.stop_code.as_deref() == Some("TaskFailedToStart") => suspect.fault() == Fault::Own,
        Role::Own => true,
        Role::Sidecar => is_essential(&container.name, document) || never_ran(task, own),
        // AWS's own containers are stopped last: they are at fault only where every other one was merely asked to end.
        Role::Injected => {
            suspect.fault() == Fault::Own && !task.containers.iter().any(|other| ended_itself(other, own, document))
        }
    };
    counts.then_some(suspect)
}

fn role(name: &str, own: &ContainerName, document: Option<&Document>) -> Role {
    let is_declared = |document: &Document| document.containers().any(|container| container.name() == Some(name));
    if name == own.as_str() {
        Role::Own
    } else if INJECTED.iter().any(|injected| name.starts_with(injected))
        || document.is_some_and(|document| !is_declared(document))
    {
        Role::Injected
    } else {
        Role::Sidecar
    }
}

fn is_essential(name: &str, document: Option<&Document>) -> bool {
    let declared = document.and_then(|document| document.containers().find(|container| container.name() == Some(name)));
    declared.is_none_or(Container::is_essential)
}

/// The component's own container waits for others (`dependsOn`), and one that is not essential can fail it too.
fn never_ran(task: &StoppedTask, own: &ContainerName) -> bool {
    task.containers.iter().any(|container| container.name == own.as_str() && container.exit_code.is_none())
}

fn ended_itself(container: &StoppedContainer, own: &ContainerName, document: Option<&Document>) -> bool {
    let is_declared = role(&container.name, own, document) != Role::Injected;
    is_declared && container.exit_code.is_some_and(|code| fault(code) >= Fault::Ended)
}

fn fault(code: i32) -> Fault {
    match code {
        143 => Fault::Asked,
        137 => Fault::Killed,
        0 => Fault::Ended,
        _ => Fault::Own,
    }
}

impl Suspect<'_> {
    fn fault(self) -> Fault {
        fault(self.code)
    }

    /// Whether another one may have ended first: it ended as badly, or one was killed and the other ended with 0.
    fn leaves_open(self, other: Self) -> bool {
        other.fault() == self.fault() || (self.fault() == Fault::Ended && other.fault() == Fault::Killed)
    }

    fn say(self) -> String {
        format!("{}: {}", say(self.name, self.role), exit_code_in_words(Some(self.code)))
    }

    fn kind(self) -> CauseKind {
        match (self.role, self.code) {
            (Role::Sidecar | Role::Injected, _) => CauseKind::DependencyFailed,
            (Role::Own, 0) => CauseKind::ExitsAtOnce,
            (Role::Own, 126 | 127) => CauseKind::CommandNotFound,
            (Role::Own, 129..=192) => CauseKind::KilledBySignal,
            (Role::Own, _) => CauseKind::Crash,
        }
    }
}

/// The container by its name, and whose it is.
pub(super) fn container_in_words(name: &str, own: &ContainerName, document: Option<&Document>) -> String {
    say(name, role(name, own, document))
}

fn say(name: &str, role: Role) -> String {
    let role = match role {
        Role::Own => "container",
        Role::Sidecar => "sidecar",
        Role::Injected => "injected container",
    };
    format!("{role} `{}`", clip(name, 255))
}
