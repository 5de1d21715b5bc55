//! What asks for a promotion: as typed, as the workflow's event says, or a person at the command line.

use clap::ValueEnum;
use towpath_core::{
    identifier::{BranchName, CommitId},
    policy::Trigger,
    ports::Source,
};

use crate::{Variables, error::CliError, variables};

/// What asks.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct TriggerArgs {
    /// What asks; in a GitHub workflow its event, otherwise a person at the command line.
    #[arg(long, value_enum)]
    trigger: Option<Kind>,
    /// The branch that was pushed to, or the tag.
    #[arg(long = "ref", value_name = "REF")]
    reference: Option<String>,
    /// The commit that it points at; without it, git says.
    #[arg(long, value_name = "COMMIT")]
    sha: Option<CommitId>,
}

/// The kinds of trigger that can be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Push,
    Tag,
    Published,
    Dispatch,
    CommandLine,
}

impl TriggerArgs {
    /// The trigger.
    pub(crate) async fn resolve(&self, variables: &Variables, source: &dyn Source) -> Result<Trigger, CliError> {
        let Some(kind) = self.trigger.map_or_else(|| detected(variables), |kind| Ok(Some(kind)))? else {
            return pull_request(variables);
        };
        match kind {
            Kind::Dispatch => Ok(Trigger::Dispatch),
            Kind::CommandLine => Ok(Trigger::CommandLine),
            Kind::Push => {
                let name = self.name(variables, "push", "refs/heads/")?;
                let branch = name.parse::<BranchName>();
                let branch = branch.map_err(|_| CliError::NoSuchForm { value: name.clone(), wanted: "branch" })?;
                Ok(Trigger::Push {
                    branch,
                    commit: self.commit(variables, source, &format!("refs/heads/{name}")).await?,
                })
            }
            Kind::Tag => {
                let tag = self.name(variables, "tag", "refs/tags/")?;
                Ok(Trigger::Tag { commit: self.commit(variables, source, &format!("refs/tags/{tag}")).await?, tag })
            }
            Kind::Published => {
                let tag = self.name(variables, "published", "refs/tags/")?;
                Ok(Trigger::Published {
                    commit: self.commit(variables, source, &format!("refs/tags/{tag}")).await?,
                    tag,
                })
            }
        }
    }

    fn name(&self, variables: &Variables, trigger: &'static str, prefix: &str) -> Result<String, CliError> {
        let of_workflow = || variables.get(variables::REF).filter(|_| variables.in_workflow());
        let reference = self.reference.as_deref().or_else(of_workflow);
        let reference = reference.ok_or(CliError::TriggerIncomplete { trigger, missing: "--ref" })?;
        Ok(reference.strip_prefix(prefix).unwrap_or(reference).to_owned())
    }

    async fn commit(&self, variables: &Variables, source: &dyn Source, reference: &str) -> Result<CommitId, CliError> {
        let of_workflow =
            || variables.get(variables::SHA).filter(|_| variables.in_workflow() && self.reference.is_none());
        match (&self.sha, of_workflow()) {
            (Some(commit), _) => Ok(commit.clone()),
            (None, Some(sha)) => {
                sha.parse().map_err(|_| CliError::NoSuchForm { value: sha.to_owned(), wanted: "commit" })
            }
            (None, None) => Ok(source.resolve(reference).await?),
        }
    }
}

/// The kind that the workflow's event is of; nothing for a pull request.
fn detected(variables: &Variables) -> Result<Option<Kind>, CliError> {
    if !variables.in_workflow() {
        return Ok(Some(Kind::CommandLine));
    }
    let event = variables.get(variables::EVENT_NAME).unwrap_or_default();
    let is_tag = variables.get(variables::REF).is_some_and(|reference| reference.starts_with("refs/tags/"));
    match event {
        "push" if is_tag => Ok(Some(Kind::Tag)),
        "push" => Ok(Some(Kind::Push)),
        "release" => match action(variables).as_deref() {
            Some("published") => Ok(Some(Kind::Published)),
            Some(other) => Err(CliError::NoTrigger(format!("release: {other}"))),
            None => Err(CliError::NoTrigger("release".to_owned())),
        },
        "workflow_dispatch" => Ok(Some(Kind::Dispatch)),
        "pull_request" | "pull_request_target" => Ok(None),
        other => Err(CliError::NoTrigger(other.to_owned())),
    }
}

/// A pull request never deploys; its number is for the record.
fn pull_request(variables: &Variables) -> Result<Trigger, CliError> {
    let number = |reference: &str| reference.strip_prefix("refs/pull/")?.split('/').next()?.parse().ok();
    let of_event = || event(variables)?.get("number")?.as_u64();
    let number = variables.get(variables::REF).and_then(number).or_else(of_event);
    number.map(|number| Trigger::PullRequest { number }).ok_or_else(|| CliError::NoTrigger("pull_request".to_owned()))
}

fn action(variables: &Variables) -> Option<String> {
    Some(event(variables)?.get("action")?.as_str()?.to_owned())
}

fn event(variables: &Variables) -> Option<serde_json::Value> {
    serde_json::from_slice(&std::fs::read(variables.get(variables::EVENT_PATH)?).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use towpath_host::GitSource;

    use super::*;

    async fn check(args: TriggerArgs, values: &[(&str, &str)], expected: Result<&str, u8>) {
        let variables = Variables::from(|name| {
            values.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        });
        let found = args.resolve(&variables, &GitSource::new("/nonexistent")).await;
        let found = found.map(|trigger| trigger.to_string()).map_err(|error| error.exit().code());
        assert_eq!(found, expected.map(str::to_owned), "{args:?} {values:?}");
    }

    fn args(trigger: Kind, reference: Option<&str>) -> TriggerArgs {
        TriggerArgs {
            trigger: Some(trigger),
            reference: reference.map(str::to_owned),
            sha: Some("a".repeat(40).parse().unwrap()),
        }
    }

    const SHA: (&str, &str) = ("GITHUB_SHA", "4f1c2d7a9be03c58e6a1d20f7b94835ce61a0d3f");
    const ACTIONS: (&str, &str) = ("GITHUB_ACTIONS", "true");

    #[tokio::test]
    async fn outside_a_workflow_a_person_asks() {
        check(TriggerArgs::default(), &[("GITHUB_EVENT_NAME", "push")], Ok("a person at the command line")).await;
    }

    #[tokio::test]
    async fn in_a_workflow_its_event_asks() {
        let event = |name, reference| [ACTIONS, SHA, ("GITHUB_EVENT_NAME", name), ("GITHUB_REF", reference)];
        let none = TriggerArgs::default;
        check(none(), &event("push", "refs/heads/main"), Ok("a push to `main`")).await;
        check(none(), &event("push", "refs/tags/v1.0.0"), Ok("the tag `v1.0.0`")).await;
        check(none(), &event("workflow_dispatch", "refs/heads/main"), Ok("a workflow started by hand")).await;
        check(none(), &event("pull_request", "refs/pull/7/merge"), Ok("pull request #7")).await;
        check(none(), &event("schedule", "refs/heads/main"), Err(2)).await;
        check(none(), &event("release", "refs/tags/v1.0.0"), Err(2)).await;
    }

    #[tokio::test]
    async fn what_is_typed_counts_more_than_the_event() {
        check(args(Kind::Push, Some("refs/heads/main")), &[], Ok("a push to `main`")).await;
        check(args(Kind::Tag, Some("v1.0.0")), &[ACTIONS, SHA], Ok("the tag `v1.0.0`")).await;
        check(args(Kind::Push, Some("a..b")), &[], Err(2)).await;
        check(args(Kind::Tag, None), &[], Err(2)).await;
    }
}
