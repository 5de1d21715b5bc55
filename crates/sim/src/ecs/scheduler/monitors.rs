//! Alarms and the bake time of a service deployment.
//!
//! An alarm that rings when the deployment begins is not watched (documented). *Guess*: the states are looked at
//! in equal intervals, as the one measurement that was published suggests.

use jiff::Timestamp;

use super::rollback;
use crate::ecs::world::{
    Scope,
    monitors::{AlarmSettings, AlarmWatch},
    service::Service,
    service_deployment::{ServiceDeployment, Status},
    strategy::bake_time,
    time::after,
};
use crate::world::{AlarmState, Alarms};

/// Begins to watch the alarms of the service deployment at `index`.
pub(super) fn begin(scope: &Scope<'_>, service: &mut Service, index: usize) {
    let deployment = &mut service.service_deployments[index];
    deployment.alarms = AlarmSettings::read(&deployment.configuration).map(|settings| AlarmWatch {
        monitored: ringing(scope.alarms, &settings.names).is_empty(),
        look_at: after(scope.at, scope.knobs.alarm_look),
        names: settings.names,
        rollback: settings.rollback,
        triggered: Vec::new(),
    });
}

/// Gives the deployment up if an alarm rings.
pub(super) fn check(scope: &mut Scope<'_>, service: &mut Service) {
    let (alarms, at, pause) = (scope.alarms, scope.at, scope.knobs.alarm_look);
    let Some(open) = service.open_mut().filter(|open| open.status == Status::InProgress) else {
        return;
    };
    let Some(watch) = open.alarms.as_mut().filter(|watch| watch.monitored && watch.look_at <= at) else {
        return;
    };
    watch.look_at = after(at, pause.max(1.0));
    watch.triggered = ringing(alarms, &watch.names);
    let (rings, rollback) = (!watch.triggered.is_empty(), watch.rollback);
    if rings {
        rollback::on_alarm(scope, service, rollback);
    }
}

fn ringing(alarms: Option<&Alarms>, names: &[String]) -> Vec<String> {
    let rings = |name: &&String| alarms.and_then(|alarms| alarms.state(name)) == Some(AlarmState::Alarm);
    names.iter().filter(rings).cloned().collect()
}

/// Whether a deployment that has reached its goal has baked; begins to bake it otherwise.
pub(super) fn has_baked(scope: &Scope<'_>, open: &mut ServiceDeployment) -> bool {
    if open.staging.is_some() {
        return true;
    }
    let usual = if open.alarms.is_some() { scope.knobs.alarm_bake } else { 0.0 };
    let bake = bake_time(&open.configuration).unwrap_or(usual);
    let until = *open.bakes_until.get_or_insert_with(|| after(scope.at, bake));
    until <= scope.at
}

/// When something is due for them after `at`.
pub(super) fn due(service: &Service, at: Timestamp) -> Option<Timestamp> {
    let open = service.open().filter(|open| open.status == Status::InProgress)?;
    let look = open.alarms.as_ref().filter(|watch| watch.monitored).map(|watch| watch.look_at);
    look.into_iter().chain(open.bakes_until).filter(|due| *due > at).min()
}
