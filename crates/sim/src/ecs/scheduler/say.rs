//! The wording of service events (AWS's, as captured from real accounts).

use jiff::{SignedDuration, Timestamp};

use crate::ecs::world::{Scope, service::Service};

/// Adds `(service S) <text>` to the service's events.
pub(super) fn say(scope: &mut Scope<'_>, service: &mut Service, text: &str) {
    say_at(scope, service, scope.at, text);
}

/// As `say`, a millisecond later: AWS's second message of a pair.
pub(super) fn say_next(scope: &mut Scope<'_>, service: &mut Service, text: &str) {
    let at = scope.at.checked_add(SignedDuration::from_millis(1)).unwrap_or(scope.at);
    say_at(scope, service, at, text);
}

/// As `say`, unless the same was said in the last hours.
pub(super) fn complain(scope: &mut Scope<'_>, service: &mut Service, text: &str) {
    if !service.events.is_repeated(scope.at, &message(service, text)) {
        say(scope, service, text);
    }
}

/// `(task A) (task B)`.
pub(super) fn task_list(ids: &[String]) -> String {
    ids.iter().map(|id| format!("(task {id})")).collect::<Vec<_>>().join(" ")
}

fn say_at(scope: &mut Scope<'_>, service: &mut Service, at: Timestamp, text: &str) {
    let message = message(service, text);
    service.events.add(scope.ids.uuid(), at, message);
}

fn message(service: &Service, text: &str) -> String {
    format!("(service {}) {text}", service.name)
}
