//! `ContinueServiceDeployment`: somebody lets a pause end.
//!
//! *Guess*: only a pause that waits may be ended; whether it may be ended twice is a knob.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{errors::invalid, find, input::Input};
use crate::{
    ecs::knobs::Repeated,
    ecs::world::{
        World,
        service::Service,
        service_deployment::Status,
        staging::{HookRun, HookStatus},
        strategy::HookAction,
    },
    fault::AwsError,
};

/// `ContinueServiceDeployment`.
pub(super) fn perform(world: &mut World, input: &Input, now: Timestamp) -> Result<Value, AwsError> {
    let arn = input.text("serviceDeploymentArn").unwrap_or_default();
    let not_found = || AwsError::client("ServiceDeploymentNotFoundException", "Service deployment not found.");
    let accepts = world.knobs.continue_twice == Repeated::Accepted;
    let service = find::service_of_deployment_mut(world, arn).ok_or_else(not_found)?;
    let hook = hook(service, arn, input.text("hookId").unwrap_or_default())?;
    if hook.function.is_some() {
        return Err(invalid("Only lifecycle hooks with the target type PAUSE can be continued."));
    }
    if accepts && hook.status != HookStatus::InProgress && !is_waiting(hook) {
        return Ok(json!({"serviceDeploymentArn": arn}));
    }
    if !is_waiting(hook) {
        return Err(invalid(format!("The lifecycle hook {} is not awaiting an action.", hook.id)));
    }
    hook.asked = Some(HookAction::read(input.text("action")).unwrap_or(HookAction::Continue));
    service.look_at = Some(now);
    Ok(json!({"serviceDeploymentArn": arn}))
}

fn is_waiting(hook: &HookRun) -> bool {
    hook.status == HookStatus::AwaitingAction && hook.asked.is_none()
}

fn hook<'a>(service: &'a mut Service, arn: &str, id: &str) -> Result<&'a mut HookRun, AwsError> {
    let ongoing = service
        .service_deployments
        .iter_mut()
        .find(|deployment| deployment.arn == arn)
        .filter(|deployment| deployment.status == Status::InProgress);
    let ongoing = ongoing.ok_or_else(|| invalid("The service deployment is not in progress."))?;
    let hooks = ongoing.staging.iter_mut().flat_map(|staging| &mut staging.hooks);
    let mut hooks = hooks.filter(|hook| hook.id == id);
    hooks.next().ok_or_else(|| invalid(format!("The lifecycle hook {id} was not found.")))
}
