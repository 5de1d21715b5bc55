//! `towpath status`: what serves where, by the ledger and by ECS.

use jiff::Timestamp;
use serde::Serialize;
use towpath_core::{
    config::{Environment, plain_duration},
    engine::{ComponentStatus, EnvironmentStatus, Health, SiteStatus},
    identifier::EnvironmentName,
    ports::CallError,
};

use crate::{
    Exit,
    error::CliError,
    hint,
    plain::one_line,
    setting::{Context, Project, connect, world_without_aws},
    summary::in_words,
    table::Table,
};

/// Shows what serves where: release, digest, age and health of every component.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which environments; without any, all.
    environments: Vec<EnvironmentName>,
}

/// An environment, and why ECS could not be asked, where it could not.
#[derive(Serialize)]
pub(crate) struct Status {
    #[serde(flatten)]
    pub(crate) status: EnvironmentStatus,
    pub(crate) trouble: Option<String>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let project = context.project()?;
    let (mut all, mut exit) = (Vec::new(), Exit::Done);
    for environment in project.environments(&args.environments)? {
        let (status, error) = of(&project, environment).await?;
        let trouble = error.as_ref().map(|error| error.chain().join(": "));
        if let Some(error) = &error {
            exit = error.exit();
            context.printer.say(&format!("error: {}", error.chain().join("\n  because: ")));
            context.printer.say(&format!("next: {}", hint::about(error).unwrap_or_default()));
        }
        all.push(Status { status, trouble });
    }
    context.result(|| text(&all, Timestamp::now()), &all)?;
    Ok(exit)
}

/// The ledger's part stands also where ECS cannot be asked.
async fn of(project: &Project, environment: &Environment) -> Result<(EnvironmentStatus, Option<CliError>), CliError> {
    let asked = |source: CallError| CliError::Asked { environment: environment.name.clone(), source: Box::new(source) };
    let (world, error) = match connect(project, environment).await {
        Ok(world) => (world, None),
        Err(error) => (world_without_aws(project, None), Some(error)),
    };
    let (status, trouble) = EnvironmentStatus::read(&project.application, environment, &world).await?;
    Ok((status, error.or_else(|| trouble.map(asked))))
}

/// The table.
pub(crate) fn text(all: &[Status], now: Timestamp) -> String {
    let mut table =
        Table::new(["environment", "component", "release", "digest", "revision", "since", "tasks", "health"]);
    let mut notes = Vec::new();
    for Status { status, .. } in all {
        for (name, component) in &status.components {
            table.row(&row(&status.environment, name.as_str(), component, now));
            notes.extend(drift(component).map(|drift| format!("{}: {name} {drift}", status.environment)));
        }
        for (name, site) in &status.sites {
            table.row(&site_row(&status.environment, name.as_str(), site, now));
        }
        if let Some(open) = &status.open {
            notes.push(format!("{}: {open} is not over; `towpath resume {}`", status.environment, status.environment));
        } else if let Some((outcome, at)) = status.last.filter(|(outcome, _)| !outcome.is_proven()) {
            notes.push(format!(
                "{}: the last promotion, {} ago, {}",
                status.environment,
                age(at, now),
                in_words(outcome)
            ));
        }
    }
    std::iter::once(table.to_text()).chain(notes.iter().map(|note| one_line(note))).collect::<Vec<_>>().join("\n")
}

/// That something else is live than what was last proven.
fn drift(component: &ComponentStatus) -> Option<String> {
    let (live, proven) = (component.task_definition.as_ref()?, &component.proven.as_ref()?.task_definition);
    let is_drifted = component.health == Health::Drifted;
    is_drifted.then(|| format!("is set to {}, but {} is what was last proven here", live.short(), proven.short()))
}

fn row(environment: &EnvironmentName, name: &str, component: &ComponentStatus, now: Timestamp) -> [String; 8] {
    let proven = component.proven.as_ref();
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let revision = component.task_definition.as_ref().or(proven.map(|proven| &proven.task_definition));
    [
        environment.to_string(),
        name.to_owned(),
        or_dash(proven.and_then(|proven| proven.version.as_ref()).map(ToString::to_string)),
        or_dash(proven.and_then(|proven| proven.digest.as_ref()).map(|digest| digest.short().to_owned())),
        or_dash(revision.map(|revision| revision.short().to_owned())),
        or_dash(component.since.map(|since| format!("{} ago", age(since, now)))),
        format!("{}/{}", component.running, component.desired),
        component.health.name().to_owned(),
    ]
}

/// A site has a manifest in place of a digest, and neither revision nor tasks.
fn site_row(environment: &EnvironmentName, name: &str, site: &SiteStatus, now: Timestamp) -> [String; 8] {
    let shown = site.live.as_ref().or(site.proven.as_ref());
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    [
        environment.to_string(),
        name.to_owned(),
        or_dash(shown.and_then(|live| live.version.as_ref()).map(ToString::to_string)),
        or_dash(shown.map(|live| live.manifest.short().to_owned())),
        "-".to_owned(),
        or_dash(site.since.map(|since| format!("{} ago", age(since, now)))),
        "-".to_owned(),
        site.health.name().to_owned(),
    ]
}

/// How long ago, in its largest unit that says something.
fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = u64::try_from(now.duration_since(then).as_secs()).unwrap_or_default();
    let whole = match seconds {
        0..120 => seconds,
        120..7_200 => seconds / 60 * 60,
        7_200..172_800 => seconds / 3_600 * 3_600,
        _ => seconds / 86_400 * 86_400,
    };
    plain_duration(std::time::Duration::from_secs(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(health: Health, expected: Option<&str>) {
        let revision = |number: u32| {
            format!("arn:aws:ecs:eu-west-1:111111111111:task-definition/shop-api-dev:{number}").parse().unwrap()
        };
        let proven = towpath_core::promotion::Serving { task_definition: revision(2), digest: None, version: None };
        let component = ComponentStatus {
            proven: Some(proven),
            since: None,
            task_definition: Some(revision(5)),
            running: 2,
            desired: 2,
            health,
        };
        assert_eq!(drift(&component).as_deref(), expected);
    }

    #[test]
    fn a_live_revision_that_was_not_proven_is_named_beside_the_one_that_was() {
        check(Health::Drifted, Some("is set to shop-api-dev:5, but shop-api-dev:2 is what was last proven here"));
        check(Health::Rolling, None);
    }
}
