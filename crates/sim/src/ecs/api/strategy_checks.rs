//! What AWS checks of a deployment's strategy, its hooks and its early success.
//!
//! The ranges are AWS's; the words are guesses.

use serde_json::Value;

use super::errors::invalid;
use crate::{
    ecs::world::{
        stage::Stage,
        strategy::{Hook, Strategy},
    },
    fault::AwsError,
};

/// A strategy whose members have values that AWS takes.
pub(super) fn check(configuration: &Value) -> Result<(), AwsError> {
    let strategy = Strategy::read(configuration);
    if strategy == Strategy::BlueGreen && configuration.get("bakeTimeInMinutes").is_none() {
        return Err(invalid("bakeTimeInMinutes must be specified when the deployment strategy is BLUE_GREEN."));
    }
    check_range(configuration, "bakeTimeInMinutes", 0.0, 1440.0)?;
    check_only_with(configuration, "linearConfiguration", matches!(strategy, Strategy::Linear(_)), "LINEAR")?;
    check_only_with(configuration, "canaryConfiguration", matches!(strategy, Strategy::Canary(_)), "CANARY")?;
    check_only_with(configuration, "earlySuccessCriteria", strategy == Strategy::Rolling, "ROLLING")?;
    let (linear, canary) = (&configuration["linearConfiguration"], &configuration["canaryConfiguration"]);
    check_range(linear, "stepPercent", 3.0, 100.0)?;
    check_range(linear, "stepBakeTimeInMinutes", 0.0, 1440.0)?;
    check_range(canary, "canaryPercent", 0.1, 100.0)?;
    check_range(canary, "canaryBakeTimeInMinutes", 0.0, 1440.0)?;
    check_early_success(configuration)?;
    configuration["lifecycleHooks"].as_array().into_iter().flatten().try_for_each(check_hook)
}

fn check_only_with(configuration: &Value, name: &str, fits: bool, strategy: &str) -> Result<(), AwsError> {
    match configuration.get(name) {
        Some(_) if !fits => Err(invalid(format!("{name} is only valid with the deployment strategy {strategy}."))),
        _ => Ok(()),
    }
}

fn check_range(value: &Value, name: &str, least: f64, most: f64) -> Result<(), AwsError> {
    match value[name].as_f64() {
        Some(number) if !(least..=most).contains(&number) => {
            Err(invalid(format!("{name} must be between {least} and {most}.")))
        }
        _ => Ok(()),
    }
}

fn check_early_success(configuration: &Value) -> Result<(), AwsError> {
    let criteria = &configuration["earlySuccessCriteria"];
    if criteria["enable"] != true {
        return Ok(());
    }
    check_range(criteria, "healthyPercent", 0.0, 100.0)?;
    let (Some(percent), true) =
        (criteria["healthyPercent"].as_i64(), criteria["sourceServiceRevisionCleanup"].is_string())
    else {
        return Err(invalid(
            "healthyPercent and sourceServiceRevisionCleanup must be specified when earlySuccessCriteria is enabled.",
        ));
    };
    if percent < configuration["minimumHealthyPercent"].as_i64().unwrap_or(100) {
        return Err(invalid("healthyPercent must be greater than or equal to minimumHealthyPercent."));
    }
    Ok(())
}

fn check_hook(value: &Value) -> Result<(), AwsError> {
    let hook = Hook::read_all(&serde_json::json!({"lifecycleHooks": [value]})).pop();
    let Some(hook) = hook.filter(|hook| !hook.stages.is_empty()) else {
        return Err(invalid("lifecycleStages must be specified for a lifecycle hook."));
    };
    check_range(&value["timeoutConfiguration"], "timeoutInMinutes", 1.0, 20_160.0)?;
    match hook.function.as_deref() {
        Some("") => Err(invalid("hookTargetArn must be specified for a lifecycle hook of type AWS_LAMBDA.")),
        None if hook.stages.iter().any(|stage| stage.is_shift()) => Err(invalid(format!(
            "Lifecycle hooks of type PAUSE are not valid at the stages {} and {}.",
            Stage::TestTrafficShift.as_str(),
            Stage::ProductionTrafficShift.as_str()
        ))),
        Some(_) | None => Ok(()),
    }
}
