//! What happened, in words: at most a few lines an event, each about one thing.
//!
//! Values of variables never get here: the engine names what changed, not what it changed to where that may be secret.

use towpath_core::{
    engine::Notice,
    identifier::ComponentName,
    promotion::{Change, ClearedBy, ComponentPlan, Event, Intent, RestoredBy, SiteChange, SiteComponentPlan, Switch},
    rollout::Waiting,
};

use crate::plain::{count, grouped, one_line, short_digests, size};

/// The lines of an event; none where another line says it better.
pub(super) fn of_event(event: &Event) -> Vec<String> {
    match event {
        Event::Requested { request } => vec![requested(&request.environment, &request.intent, &request.id)],
        Event::Decided { decision } => {
            let by = decision.rule.as_ref().map(|rule| format!(" by {rule}")).unwrap_or_default();
            vec![format!("  policy: {}{by}", decision.verdict)]
        }
        Event::Leased { fence } => vec![format!("  lease taken, number {fence}")],
        Event::LeaseHeld { holder, until } => vec![format!("  lease not taken: {}, until {until}", one_line(holder))],
        Event::CheckRefused { findings } => {
            findings.iter().map(|finding| format!("  check: {}", one_line(finding))).collect()
        }
        Event::Checked { plans, sites } => {
            plans.iter().flat_map(planned).chain(sites.iter().flat_map(publication)).collect()
        }
        Event::Published { component, bytes: 0 } => vec![format!("  {component}: all of it was brought here before")],
        Event::Published { component, bytes } => vec![format!("  {component}: brought here, {}", size(*bytes))],
        Event::Switched { component, switch } => vec![format!("  {component}: switched, {}", switched(switch))],
        Event::WentLive { component } => vec![format!("  {component}: live")],
        Event::Replaced { component, by } => vec![format!("  {component}: {} published over it", one_line(by))],
        Event::SwitchedBack { component, switch } => {
            vec![format!("  {component}: switched back, {}", switched(switch))]
        }
        Event::Registered { component, revision, reused } => {
            let how = if *reused { "reuses" } else { "registered" };
            vec![format!("  {component}: {how} {}", revision.short())]
        }
        Event::UpdateAccepted { component, .. } => vec![format!("  {component}: ECS rolls it out")],
        Event::Paused { component, pause } => {
            let stage =
                pause.stage.as_deref().map(|stage| format!(" of stage {}", one_line(stage))).unwrap_or_default();
            vec![format!("  {component}: ECS waits at hook {}{stage}", one_line(pause.hook.as_str()))]
        }
        Event::Cleared { component, by: ClearedBy::Smoke, results } => {
            vec![format!("  {component}: {} passed before production traffic", count(results.len(), "smoke check"))]
        }
        Event::Cleared { component, by: ClearedBy::Person, .. } => {
            vec![format!("  {component}: a person lets it go on")]
        }
        Event::Continued { component } => vec![format!("  {component}: ECS goes on")],
        Event::Diagnosed { component, diagnosis } => {
            diagnosis.lines().iter().map(|line| detail(component, line)).collect()
        }
        Event::RolledOut { component, tasks, .. } => {
            vec![format!(
                "  {component}: rolled out, {} proven by digest",
                count(usize::try_from(*tasks).unwrap_or(usize::MAX), "running task")
            )]
        }
        Event::Superseded { component, by } => {
            let by = by.as_ref().map_or("another deployment", |by| by.short());
            vec![format!("  {component}: replaced by {by}")]
        }
        Event::SmokePassed { results, .. } if results.is_empty() => Vec::new(),
        Event::SmokePassed { component, results } => {
            vec![format!("  {component}: {} passed", count(results.len(), "smoke check"))]
        }
        Event::Failed { component, failure, .. } => {
            vec![format!("  {component}: failed: {}", one_line(&failure.message))]
        }
        Event::RollbackBegan { component, by, .. } => vec![match by {
            RestoredBy::Ecs => format!("  {component}: ECS puts the previous revision back"),
            RestoredBy::Towpath => format!("  {component}: putting the previous revision back"),
        }],
        Event::RolledBack { component, .. } => {
            vec![format!("  {component}: the previous revision serves again, proven")]
        }
        Event::Stuck { component, why } => vec![format!("  {component}: stuck: {}", one_line(why))],
        Event::Errored { failure } => vec![format!("  error: {}", one_line(&failure.message))],
        Event::Suspended { why } => vec![format!("  suspended: {}", one_line(why))],
        Event::Resumed { fence } => vec![format!("  goes on where it stood, lease number {fence}")],
        Event::Concluded { record: Some(record), .. } => vec![format!("  record {record} written")],
        Event::Concluded { record: None, .. } => Vec::new(),
    }
}

/// A line of a diagnosis: those that belong to the one before are indented.
fn detail(component: &ComponentName, line: &str) -> String {
    let indent = line.len() - line.trim_start_matches(' ').len();
    format!("  {component}: {:indent$}{}", "", one_line(line))
}

fn requested(
    environment: &towpath_core::identifier::EnvironmentName,
    intent: &Intent,
    id: &towpath_core::identifier::PromotionId,
) -> String {
    match intent {
        Intent::Promote { version, .. } => format!("{environment}: promotion of {version}, {id}"),
        Intent::Restore { version: Some(version), .. } => format!("{environment}: going back to {version}, {id}"),
        Intent::Drill { .. } => format!("{environment}: a drill, {id}"),
        Intent::Restore { version: None, .. } => {
            format!("{environment}: going back to the baseline, {id}")
        }
    }
}

fn planned(plan: &ComponentPlan) -> Vec<String> {
    let name = &plan.component;
    let mut lines = match &plan.change {
        Change::Nothing => vec![format!("  {name}: {} serves it already", plan.service)],
        Change::Use { revision } => vec![format!("  {name}: {} gets {}", plan.service, revision.short())],
        Change::Register { difference, .. } => {
            let changes = difference.iter().map(|change| format!("    {}", short_digests(&one_line(change))));
            std::iter::once(format!("  {name}: {} gets a new revision", plan.service)).chain(changes).collect()
        }
    };
    lines.extend(
        plan.publish_from.iter().map(|from| format!("  {name}: its image is copied here from {}", from.repository())),
    );
    lines.extend(plan.notes.iter().map(|note| format!("  {name}: note: {}", one_line(note))));
    lines
}

fn publication(plan: &SiteComponentPlan) -> Vec<String> {
    let (name, manifest) = (&plan.component, plan.manifest.short());
    let mut lines = match plan.change {
        SiteChange::Nothing => vec![format!("  {name}: {manifest} is live already")],
        SiteChange::Publish => vec![format!("  {name}: gets {manifest}")],
    };
    lines.extend(plan.notes.iter().map(|note| format!("  {name}: note: {}", one_line(note))));
    lines
}

fn switched(switch: &Switch) -> String {
    let files = count(usize::try_from(switch.files).unwrap_or(usize::MAX), "file");
    let told = if switch.invalidation.is_some() { "; the edges are being told" } else { "" };
    format!("{files}, {}{told}", size(switch.bytes))
}

/// What only goes on.
pub(super) fn of_progress(notice: &Notice) -> String {
    match notice {
        Notice::Looked { component, waiting, running, desired, failed } => {
            let failed = if *failed > 0 { format!(", {failed} failed") } else { String::new() };
            format!("{component}: {}, {running} of {desired} new tasks run{failed}", waiting_for(*waiting))
        }
        Notice::Tried { component, url, result, .. } => {
            format!("{component}: asked {}: {}", one_line(url), one_line(result))
        }
        Notice::Carried { component, files, of_files, bytes, of_bytes } => {
            let (files, of_files) = (grouped(*files), grouped(*of_files));
            format!("{component}: {files} of {of_files} files, {} of {}", size(*bytes), size(*of_bytes))
        }
        Notice::Happened { .. } | Notice::Said { .. } | Notice::TaskFailed { .. } | Notice::Trouble { .. } => {
            String::new()
        }
    }
}

/// What AWS told meanwhile.
pub(super) fn of_news(notice: &Notice) -> String {
    match notice {
        Notice::Said { component, event } => format!("  {component}: ECS: {}", one_line(&event.message)),
        Notice::TaskFailed { component, task, why } => {
            format!("  {component}: task {} ended: {}", one_line(task.short()), one_line(why))
        }
        Notice::Happened { .. }
        | Notice::Looked { .. }
        | Notice::Tried { .. }
        | Notice::Carried { .. }
        | Notice::Trouble { .. } => String::new(),
    }
}

fn waiting_for(waiting: Waiting) -> &'static str {
    match waiting {
        Waiting::NotVisible => "the deployment is not visible yet",
        Waiting::Starting => "tasks start",
        Waiting::Settling => "settling",
        Waiting::Draining => "old tasks drain",
        Waiting::Baking => "ECS watches it for its bake time",
        Waiting::Paused => "ECS waits at a hook",
        Waiting::Failing => "ECS gives it up",
        Waiting::Missing => "the service is not to be seen",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_on_their_way_are_told_by_number_and_size() {
        let (files, of_files, bytes, of_bytes) = (1_204, 2_000, 4_700_000, 7_812_500);
        let notice = Notice::Carried { component: "web".parse().unwrap(), files, of_files, bytes, of_bytes };
        assert_eq!(of_progress(&notice), "web: 1,204 of 2,000 files, 4.7 MB of 7.8 MB");
        assert_eq!(of_news(&notice), "");
    }

    #[test]
    fn what_comes_from_outside_stays_on_its_line() {
        let stuck = Event::Stuck { component: "api".parse().unwrap(), why: "no\n::error::\u{1b}[2J".to_owned() };
        assert_eq!(of_event(&stuck), ["  api: stuck: no ::error:: [2J"]);
    }
}
