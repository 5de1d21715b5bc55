//! What serves now and what was changed, component by component.

use serde::Serialize;
use towpath_core::{
    engine::Report,
    identifier::ComponentName,
    promotion::{Change, Component, ComponentPhase, RestoredBy, Serving},
    rollout::Diagnosis,
};

/// What can be said of a component at the end.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Account {
    /// The component.
    pub(crate) component: ComponentName,
    /// What serves now, in words.
    pub(crate) serves: String,
    /// Whether that is proven.
    pub(crate) is_proven: bool,
    /// What was changed, in words.
    pub(crate) changed: String,
    /// Why its rollout went badly, where it did.
    pub(crate) diagnosis: Option<Diagnosis>,
    /// Why its way back went badly, where it did.
    pub(crate) diagnosis_of_rollback: Option<Diagnosis>,
}

/// One account a component.
pub(crate) fn accounts(report: &Report) -> Vec<Account> {
    let components = report.state.components.iter();
    let services = components.map(|(name, component)| account(name, component, report));
    services.chain(report.state.sites.iter().map(|(name, site)| super::site::account(name, site))).collect()
}

fn account(name: &ComponentName, component: &Component, report: &Report) -> Account {
    let recorded = report.record.as_ref().and_then(|record| record.components.get(name)?.serves.clone());
    let (serves, is_proven) = serves(component, recorded.as_ref());
    Account {
        component: name.clone(),
        serves,
        is_proven,
        changed: changed(component),
        diagnosis: component.diagnosis.clone(),
        diagnosis_of_rollback: component.diagnosis_of_rollback.clone(),
    }
}

fn serves(component: &Component, recorded: Option<&Serving>) -> (String, bool) {
    let before = component.plan.before.as_ref();
    match &component.phase {
        ComponentPhase::Proven { tasks } if *tasks > 0 => match recorded {
            Some(serving) => (words(serving), true),
            None => (revision(component), true),
        },
        ComponentPhase::Proven { .. } => (format!("{}, with no tasks", revision(component)), false),
        ComponentPhase::RolledBack { .. } => {
            let back = component.goes_back_to();
            (back.map_or_else(|| "the previous revision".to_owned(), |back| words(&back)), true)
        }
        ComponentPhase::Planned | ComponentPhase::Untouched => {
            (before.map_or_else(|| "what served before".to_owned(), words), false)
        }
        ComponentPhase::Stuck { .. } => {
            let before = before.map(|before| format!("; {} served before", words(before))).unwrap_or_default();
            (format!("unknown: nothing is proven of {}{before}", component.plan.service), false)
        }
        ComponentPhase::Superseded { by: Some(by) } => (by.short().to_owned(), false),
        ComponentPhase::Superseded { by: None } => ("somebody else's deployment".to_owned(), false),
        ComponentPhase::Registered
        | ComponentPhase::RollingOut
        | ComponentPhase::Paused { .. }
        | ComponentPhase::Cleared { .. }
        | ComponentPhase::RolledOut { .. }
        | ComponentPhase::Failed
        | ComponentPhase::RollingBack { .. } => ("not known: it has not come to an end".to_owned(), false),
    }
}

fn changed(component: &Component) -> String {
    if component.plan.change == Change::Nothing {
        return "nothing".to_owned();
    }
    let revision = revision(component);
    match &component.phase {
        ComponentPhase::Planned => "nothing".to_owned(),
        ComponentPhase::Untouched if component.revision.is_none() => "nothing".to_owned(),
        ComponentPhase::Untouched => {
            format!("{revision} was registered; the service was not changed")
        }
        ComponentPhase::Registered => {
            format!("{revision} was registered; whether the service was changed is not known")
        }
        ComponentPhase::RollingOut
        | ComponentPhase::Paused { .. }
        | ComponentPhase::Cleared { .. }
        | ComponentPhase::RolledOut { .. }
        | ComponentPhase::Proven { .. }
        | ComponentPhase::Failed
        | ComponentPhase::Superseded { .. } => format!("the service was set to {revision}"),
        ComponentPhase::Stuck { .. } => match (component.put_back_by, component.goes_back_to()) {
            (Some(RestoredBy::Towpath), Some(back)) => {
                format!(
                    "the service was set to {revision}, then back to {}, which failed",
                    back.task_definition.short()
                )
            }
            (Some(RestoredBy::Ecs), Some(back)) => format!(
                "the service was set to {revision}; ECS set it back to {}, which failed",
                back.task_definition.short()
            ),
            (Some(_) | None, _) => format!("the service was set to {revision}"),
        },
        ComponentPhase::RollingBack { .. } => {
            format!("the service was set to {revision}, and is being set back")
        }
        ComponentPhase::RolledBack { by: RestoredBy::Ecs } => {
            format!("the service was set to {revision}; ECS set it back")
        }
        ComponentPhase::RolledBack { by: RestoredBy::Towpath } => {
            format!("the service was set to {revision}, and set back")
        }
    }
}

fn revision(component: &Component) -> String {
    let before = component.plan.before.as_ref().map(|before| &before.task_definition);
    let revision = component.revision.as_ref().or(before);
    revision.map_or_else(|| "a revision".to_owned(), |revision| revision.short().to_owned())
}

/// A serving state in words: version, revision, digest.
pub(crate) fn words(serving: &Serving) -> String {
    let version = serving.version.as_ref().map(|version| format!("{version}, ")).unwrap_or_default();
    let digest = serving.digest.as_ref().map(|digest| format!(", sha256:{}", digest.short())).unwrap_or_default();
    format!("{version}{}{digest}", serving.task_definition.short())
}
