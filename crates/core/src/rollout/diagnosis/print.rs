//! The diagnosis as lines for people.
//!
//! Texts from outside are as they came but on one line each; control characters are for the printers to neutralise.

use crate::rollout::{Alarm, AlarmState, ServiceEvent, StoppedContainer, TargetHealth};

use super::{Cause, Diagnosis, SeenTask, exits::exit_code_in_words, text::one_line};

impl Diagnosis {
    /// The most telling cause, in one sentence; nothing where nothing was seen.
    pub fn headline(&self) -> Option<String> {
        self.causes.first().map(|cause| format!("{}: {}", cause.kind.meaning(), cause.because))
    }

    /// Everything, most telling first.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.causes.iter().flat_map(cause).collect();
        lines.extend(self.tasks.iter().flat_map(task));
        lines.extend(self.targets.iter().map(target));
        lines.extend(self.alarms.iter().map(alarm));
        lines.extend(self.events.iter().map(event));
        lines.extend(self.unasked.iter().map(|unasked| format!("not asked: {}", one_line(unasked))));
        lines
    }
}

fn cause(cause: &Cause) -> [String; 3] {
    let Cause { kind, because, remedy } = cause;
    [
        format!("{kind}: {}", kind.meaning()),
        format!("  because {}", one_line(because)),
        format!("  remedy  {}", one_line(remedy)),
    ]
}

fn task(group: &SeenTask) -> Vec<String> {
    let SeenTask { seen, task } = group;
    let often = if *seen > 1 { format!(", seen {seen} times") } else { String::new() };
    let code = task.stop_code.as_deref().map_or_else(|| "no stop code".to_owned(), one_line);
    let mut lines = vec![format!("task {}{often}: {code}", task.arn.short())];
    lines.extend(task.reason.as_deref().map(|reason| format!("  reason: {}", one_line(reason))));
    lines.extend(task.containers.iter().flat_map(container));
    lines
}

fn container(container: &StoppedContainer) -> Vec<String> {
    let reason = container.reason.as_deref().map(|reason| format!("; {}", one_line(reason))).unwrap_or_default();
    let ended = exit_code_in_words(container.exit_code);
    let mut lines = vec![format!("  container {}: {ended}{reason}", one_line(&container.name))];
    lines.extend(container.log.iter().map(|line| format!("    | {}", line.replace(['\n', '\r'], " "))));
    lines
}

fn target(target: &TargetHealth) -> String {
    let port = target.port.map(|port| format!(" port {port}")).unwrap_or_default();
    let words = [Some(&target.state), target.reason.as_ref(), target.description.as_ref()];
    let words: Vec<&str> = words.into_iter().flatten().map(String::as_str).collect();
    one_line(&format!("target {}{port}: {}", target.target, words.join(", ")))
}

fn alarm(alarm: &Alarm) -> String {
    let state = match &alarm.state {
        AlarmState::Ok => "OK",
        AlarmState::Firing => "fires",
        AlarmState::InsufficientData => "too little data to tell",
        AlarmState::Unknown(state) => state,
    };
    let since = alarm.since.map(|since| format!(" since {since}")).unwrap_or_default();
    let reason = alarm.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    one_line(&format!("alarm {} {state}{since}{reason}", alarm.name))
}

fn event(event: &ServiceEvent) -> String {
    let at = event.at.map(|at| format!("{at} ")).unwrap_or_default();
    one_line(&format!("event {at}{}", event.message))
}
