//! Who asks: a workflow's actor with its run, or the user of this machine.

use jiff::Timestamp;
use towpath_core::{
    engine::PromoteRequest,
    identifier::PromotionId,
    policy::Trigger,
    promotion::{Actor, Run},
};

use crate::{Variables, variables};

/// Who asks.
pub(crate) fn actor(variables: &Variables) -> Actor {
    if variables.in_workflow() {
        let name = variables.get(variables::ACTOR).unwrap_or("unknown").to_owned();
        return Actor { name, run: run(variables) };
    }
    Actor { name: user(variables), run: None }
}

fn run(variables: &Variables) -> Option<Run> {
    let text = |name| variables.get(name).unwrap_or_default().to_owned();
    Some(Run {
        id: variables.get(variables::RUN_ID)?.parse().ok()?,
        attempt: variables.get(variables::RUN_ATTEMPT).and_then(|attempt| attempt.parse().ok()).unwrap_or(1),
        repository: text(variables::REPOSITORY),
        workflow: text(variables::WORKFLOW),
        reference: text(variables::REF),
        sha: text(variables::SHA),
    })
}

fn user(variables: &Variables) -> String {
    let named = variables.get(variables::USER).or_else(|| variables.get(variables::USERNAME));
    named.unwrap_or("unknown").to_owned()
}

/// Who holds a lease, for people.
pub(crate) fn holder(variables: &Variables) -> String {
    let process = std::process::id();
    let actor = actor(variables);
    if let Some(run) = actor.run {
        return format!("{} in run {} of {}", actor.name, run.id, run.repository);
    }
    let machine = variables.get(variables::HOSTNAME).map_or_else(machine, str::to_owned);
    format!("{} on {machine}, process {process}", actor.name)
}

/// The machine's name where the shell does not give it on.
fn machine() -> String {
    let name = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let name = crate::plain::one_line(&name);
    if name.is_empty() { "this machine".to_owned() } else { name }
}

/// A request with a new id: when it was asked for, and a number that nobody else has.
pub(crate) fn new_promotion(trigger: Trigger, actor: Actor, requested_at: Timestamp) -> PromoteRequest {
    let unique = uuid::Uuid::new_v4().simple().to_string();
    let id = format!("{}-{}", requested_at.strftime("%Y%m%dt%H%M%Sz"), &unique[..8]);
    let id: PromotionId = id.parse().expect("digits, letters and hyphens are an id");
    PromoteRequest { id, trigger, actor, requested_at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promotion_is_named_after_when_it_was_asked_for() {
        let actor = Actor { name: "ann".to_owned(), run: None };
        let request = new_promotion(Trigger::CommandLine, actor, "2026-03-02T09:00:01Z".parse().unwrap());
        assert!(request.id.as_str().starts_with("20260302t090001z-"), "{}", request.id);
    }

    #[test]
    fn in_a_workflow_its_actor_and_run_are_recorded() {
        let variables = Variables::from(|name| match name {
            "GITHUB_ACTIONS" => Some("true".to_owned()),
            "GITHUB_ACTOR" => Some("octocat".to_owned()),
            "GITHUB_RUN_ID" => Some("42".to_owned()),
            "GITHUB_REPOSITORY" => Some("acme/shop".to_owned()),
            _ => None,
        });
        assert_eq!(actor(&variables).run.unwrap().id, 42);
        assert_eq!(holder(&variables), "octocat in run 42 of acme/shop");
    }
}
