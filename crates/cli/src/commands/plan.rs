//! `towpath plan`: what a promotion would do now, without doing it.

use towpath_core::{
    engine::{Checked, Plan},
    identifier::{EnvironmentName, Version},
    policy,
    promotion::{Change, ComponentPlan, FailureKind, SiteChange, SiteComponentPlan},
};

use crate::{
    Exit,
    error::CliError,
    plain::{one_line, short_digests},
    setting::{Context, TriggerArgs, actor, new_promotion},
    summary::{live_words, words},
};

use super::bench::Bench;

/// Shows what `promote` would do now: the decision and, component by component, what would change. Changes nothing.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to.
    environment: EnvironmentName,
    /// Which release.
    #[arg(long, value_name = "VERSION")]
    release: Version,
    #[command(flatten)]
    trigger: TriggerArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let bench = Bench::to_read(context, &args.environment).await?;
    let trigger = args.trigger.resolve(&context.variables, &*bench.world.source).await?;
    let request = new_promotion(trigger, actor(&context.variables), bench.world.clock.now());
    let plan = bench.ended(bench.engine().plan(&args.release, request).await)?;
    context.result(|| text(&args.environment, &plan), &plan)?;
    Ok(exit(&plan))
}

fn exit(plan: &Plan) -> Exit {
    match (Exit::from(plan.decision.verdict), &plan.checked) {
        (_, Some(Checked::Refused { .. })) => Exit::Refused,
        (_, Some(Checked::Errored { failure })) if failure.kind == FailureKind::Credentials => Exit::Credentials,
        (_, Some(Checked::Errored { .. })) => Exit::Errored,
        (exit, Some(Checked::Good { .. }) | None) => exit,
    }
}

fn text(environment: &EnvironmentName, plan: &Plan) -> String {
    let open = plan.open.as_ref().map(|open| format!("first, {open} would be ended, which is open here\n"));
    let text = format!("{} to {environment}: {}", plan.release.version, policy::explain(&plan.decision))
        + &open.unwrap_or_default();
    let lines: Vec<String> = match &plan.checked {
        None => vec!["nothing would be changed".to_owned()],
        Some(Checked::Good { components, sites }) => {
            components.iter().flat_map(of_component).chain(sites.iter().flat_map(of_site)).collect()
        }
        Some(Checked::Refused { findings }) => {
            findings.iter().map(|finding| format!("the check would refuse it: {}", one_line(finding))).collect()
        }
        Some(Checked::Errored { failure }) => vec![format!("it could not be checked: {}", one_line(&failure.message))],
    };
    text + &lines.join("\n")
}

fn of_component(plan: &ComponentPlan) -> Vec<String> {
    let name = &plan.component;
    let mut lines = match &plan.change {
        Change::Nothing => vec![format!("{name}: nothing would be changed, {} serves it already", plan.service)],
        Change::Use { revision } => vec![format!("{name}: {} would be set to {}", plan.service, revision.short())],
        Change::Register { difference, .. } => {
            let changes = difference.iter().map(|change| format!("  {}", short_digests(&one_line(change))));
            std::iter::once(format!("{name}: {} would get a new revision:", plan.service)).chain(changes).collect()
        }
    };
    lines.extend(
        plan.publish_from.iter().map(|from| format!("  its image would be copied here from {}", from.repository())),
    );
    lines.push(format!("  serves now: {}", plan.before.as_ref().map_or_else(|| "nothing".to_owned(), words)));
    let back = plan.target.as_ref().map(|target| words(&target.serving));
    lines.push(format!(
        "  would go back to: {}",
        back.unwrap_or_else(|| "nothing; should it be bad, it is stuck".to_owned())
    ));
    lines.extend(plan.notes.iter().map(|note| format!("  note: {}", one_line(note))));
    lines
}

fn of_site(plan: &SiteComponentPlan) -> Vec<String> {
    let (name, manifest) = (&plan.component, plan.manifest.short());
    let mut lines = match plan.change {
        SiteChange::Nothing => vec![format!("{name}: nothing would be changed, {manifest} is live already")],
        SiteChange::Publish => vec![format!("{name}: the site would be switched to {manifest}")],
    };
    lines.push(format!("  serves now: {}", plan.before.as_ref().map_or_else(|| "nothing".to_owned(), live_words)));
    let back = plan.target.as_ref().map(|target| live_words(&target.live));
    lines.push(format!(
        "  would go back to: {}",
        back.unwrap_or_else(|| "nothing; should it be bad, it is stuck".to_owned())
    ));
    lines.extend(plan.notes.iter().map(|note| format!("  note: {}", one_line(note))));
    lines
}
