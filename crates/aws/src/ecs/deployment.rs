//! A service deployment in ECS's JSON: as listed, and in full.
//!
//! The two shapes differ in where the target revision is; what a listing does not tell stays open.

use serde_json::Value;
use towpath_core::{
    identifier::AlarmName,
    rollout::{Pause, ServiceDeployment, ServiceDeploymentStatus, TrafficWeights, Trip},
};

use crate::json::{self, Unreadable};

const REVISION: &str = "a service revision's ARN";

/// Reads an element of what `ListServiceDeployments` or `DescribeServiceDeployments` answers.
pub(crate) fn service_deployment(value: &Value) -> Result<ServiceDeployment, Unreadable> {
    let part = |name| json::member(value, name).unwrap_or(&Value::Null);
    let early = json::member(part("deploymentConfiguration"), "earlySuccessCriteria").unwrap_or(&Value::Null);
    let listed = json::parsed(value, "targetServiceRevisionArn", REVISION)?;
    let described = json::parsed(part("targetServiceRevision"), "arn", REVISION)?;
    let finished_at = json::time(value, "finishedAt")?;
    Ok(ServiceDeployment {
        arn: json::required_parsed(value, "serviceDeploymentArn", "a service deployment's ARN")?,
        status: status(json::required_text(value, "status")?),
        reason: json::text(value, "statusReason")?.map(str::to_owned),
        target: described.or(listed),
        rolled_back_to: json::parsed(part("rollback"), "serviceRevisionArn", REVISION)?,
        triggered: triggered(part("deploymentCircuitBreaker"), part("alarms"))?,
        early_success: json::is_true(early, "enable"),
        stage: json::text(value, "lifecycleStage")?.map(str::to_owned),
        pauses: pauses(value)?,
        traffic: traffic(part("targetServiceRevision")),
        fired: fired(part("alarms"))?,
        created_at: json::time(value, "createdAt")?,
        finished_at: finished_at.or(json::time(value, "stoppedAt")?),
    })
}

/// The hooks that wait for a word. ECS names the stage of the deployment, not that of each hook.
fn pauses(value: &Value) -> Result<Vec<Pause>, Unreadable> {
    let stage = json::text(value, "lifecycleStage")?;
    let mut pauses = Vec::new();
    for hook in json::list(value, "lifecycleHookDetails")? {
        if json::text(hook, "status")? != Some("AWAITING_ACTION") {
            continue;
        }
        pauses.push(Pause {
            hook: json::required_parsed(hook, "hookId", "a hook's id")?,
            stage: stage.map(str::to_owned),
            expires_at: json::time(hook, "expiresAt")?,
            then: json::text(hook, "timeoutAction")?.map(str::to_owned),
        });
    }
    Ok(pauses)
}

fn traffic(revision: &Value) -> Option<TrafficWeights> {
    let weight = |name| json::member(revision, name).and_then(Value::as_f64);
    let (test, production) = (weight("requestedTestTrafficWeight"), weight("requestedProductionTrafficWeight"));
    (test.is_some() || production.is_some())
        .then(|| TrafficWeights { test: test.unwrap_or(0.0), production: production.unwrap_or(0.0) })
}

fn fired(alarms: &Value) -> Result<Vec<AlarmName>, Unreadable> {
    let names = json::list(alarms, "triggeredAlarmNames")?;
    Ok(names.iter().filter_map(Value::as_str).filter_map(|name| name.parse().ok()).collect())
}

fn status(text: &str) -> ServiceDeploymentStatus {
    match text {
        "PENDING" => ServiceDeploymentStatus::Pending,
        "IN_PROGRESS" => ServiceDeploymentStatus::InProgress,
        "STOP_REQUESTED" => ServiceDeploymentStatus::StopRequested,
        "STOPPED" => ServiceDeploymentStatus::Stopped,
        "ROLLBACK_REQUESTED" => ServiceDeploymentStatus::RollbackRequested,
        "ROLLBACK_IN_PROGRESS" => ServiceDeploymentStatus::RollbackInProgress,
        "ROLLBACK_SUCCESSFUL" => ServiceDeploymentStatus::RollbackSuccessful,
        "ROLLBACK_FAILED" => ServiceDeploymentStatus::RollbackFailed,
        "SUCCESSFUL" => ServiceDeploymentStatus::Successful,
        other => ServiceDeploymentStatus::Unknown(other.to_owned()),
    }
}

fn triggered(breaker: &Value, alarms: &Value) -> Result<Option<Trip>, Unreadable> {
    let (breaker, alarms) = (json::text(breaker, "status")?, json::text(alarms, "status")?);
    Ok(match (breaker, alarms) {
        (Some("TRIGGERED"), _) => Some(Trip::CircuitBreaker),
        (_, Some("TRIGGERED")) => Some(Trip::Alarm),
        (None, None) => None,
        _ => Some(Trip::Nothing),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ARN: &str = "arn:aws:ecs:us-west-2:111111111111:service-deployment/c/s/NCWGC2ZR-taawPAYrIaU5";
    const OLD: &str = "arn:aws:ecs:us-west-2:111111111111:service-revision/c/s/01";
    const NEW: &str = "arn:aws:ecs:us-west-2:111111111111:service-revision/c/s/02";

    #[test]
    fn a_listing_leaves_open_what_it_does_not_tell() {
        let read = service_deployment(&json!({
            "serviceDeploymentArn": ARN, "targetServiceRevisionArn": NEW, "status": "IN_PROGRESS", "createdAt": 1_763_761_226.34,
        }))
        .unwrap();
        assert_eq!(read.target.unwrap().as_str(), NEW);
        assert_eq!((read.triggered, read.rolled_back_to, read.finished_at), (None, None, None));
        assert_eq!(read.status, ServiceDeploymentStatus::InProgress);
    }

    #[test]
    fn a_rollback_is_read_whole() {
        let read = service_deployment(&json!({
            "finishedAt": 1_763_761_300, "status": "ROLLBACK_SUCCESSFUL", "serviceDeploymentArn": ARN,
            "statusReason": "Service deployment rolled back because the circuit breaker threshold was exceeded.",
            "targetServiceRevision": {"arn": NEW, "runningTaskCount": 0},
            "rollback": {"reason": "…", "serviceRevisionArn": OLD},
            "deploymentCircuitBreaker": {"status": "TRIGGERED", "failureCount": 3, "threshold": 3},
            "alarms": {"status": "DISABLED"},
            "deploymentConfiguration": {"earlySuccessCriteria": {"enable": true}},
        }))
        .unwrap();
        assert_eq!(read.rolled_back_to.unwrap().as_str(), OLD);
        assert_eq!((read.triggered, read.early_success), (Some(Trip::CircuitBreaker), true));
        assert!(read.finished_at.is_some() && read.reason.unwrap().contains("circuit breaker"));
    }

    #[test]
    fn alarms_and_breaker_are_told_apart() {
        let check = |breaker: &str, alarms: &str, expected| {
            assert_eq!(
                triggered(&json!({"status": breaker}), &json!({"status": alarms})),
                Ok(expected),
                "{breaker} {alarms}"
            );
        };
        check("MONITORING", "TRIGGERED", Some(Trip::Alarm));
        check("TRIGGERED", "MONITORING", Some(Trip::CircuitBreaker));
        check("MONITORING_COMPLETE", "DISABLED", Some(Trip::Nothing));
        check("DISABLED", "", Some(Trip::Nothing));
        check("", "", None);
    }

    #[test]
    fn every_status_has_its_word_and_unknown_ones_are_kept() {
        assert_eq!(status("STOPPED"), ServiceDeploymentStatus::Stopped);
        assert_eq!(status("ROLLBACK_FAILED"), ServiceDeploymentStatus::RollbackFailed);
        assert_eq!(status("STOP_IN_PROGRESS"), ServiceDeploymentStatus::Unknown("STOP_IN_PROGRESS".to_owned()));
    }

    #[test]
    fn a_stop_is_an_end() {
        let value = json!({"serviceDeploymentArn": ARN, "status": "STOPPED", "stoppedAt": 1_763_761_300});
        assert!(service_deployment(&value).unwrap().finished_at.is_some());
    }

    #[test]
    fn a_pause_says_at_which_stage_it_waits_until_when_and_what_then() {
        let read = service_deployment(&json!({
            "serviceDeploymentArn": ARN, "status": "IN_PROGRESS", "lifecycleStage": "POST_TEST_TRAFFIC_SHIFT",
            "lifecycleHookDetails": [
                {"hookId": "h-1", "targetType": "PAUSE", "status": "SUCCEEDED"},
                {"hookId": "h-2", "targetType": "PAUSE", "status": "AWAITING_ACTION", "expiresAt": 1_763_761_300.5,
                 "timeoutAction": "ROLLBACK", "newMember": 1},
                {"hookId": "h-3", "targetType": "AWS_LAMBDA", "targetArn": "arn", "status": "IN_PROGRESS"},
            ],
        }))
        .unwrap();
        let [pause] = read.pauses.as_slice() else { panic!("{:?}", read.pauses) };
        assert_eq!((pause.hook.as_str(), pause.then.as_deref()), ("h-2", Some("ROLLBACK")));
        assert_eq!(pause.stage.as_deref(), Some("POST_TEST_TRAFFIC_SHIFT"));
        assert_eq!(pause.expires_at.unwrap().to_string(), "2025-11-21T21:41:40.5Z");
        assert_eq!(read.stage.as_deref(), Some("POST_TEST_TRAFFIC_SHIFT"));
    }

    #[test]
    fn a_pause_that_nobody_could_answer_is_not_passed_over() {
        let waiting = |id: Value| {
            json!({"serviceDeploymentArn": ARN, "status": "IN_PROGRESS",
                "lifecycleHookDetails": [{"hookId": id, "status": "AWAITING_ACTION"}]})
        };
        assert_eq!(service_deployment(&waiting(Value::Null)), Err(Unreadable::Missing("hookId".to_owned())));
        assert!(service_deployment(&waiting(json!("two words"))).is_err());
        assert!(service_deployment(&waiting(json!("h-1"))).unwrap().pauses[0].expires_at.is_none());
    }

    #[test]
    fn a_rolling_deployment_has_neither_stage_nor_pauses_nor_weights() {
        let read = service_deployment(&json!({"serviceDeploymentArn": ARN, "status": "IN_PROGRESS",
            "targetServiceRevision": {"arn": NEW, "runningTaskCount": 1}}))
        .unwrap();
        assert_eq!((read.stage, read.pauses, read.traffic, read.fired), (None, vec![], None, vec![]));
    }

    #[test]
    fn the_weights_are_those_that_the_new_revision_is_to_get() {
        let check = |target: Value, expected: Option<(f64, f64)>| {
            let value = json!({"serviceDeploymentArn": ARN, "status": "IN_PROGRESS", "targetServiceRevision": target,
                "sourceServiceRevisions": [{"arn": OLD, "requestedProductionTrafficWeight": 95.0}]});
            let read = service_deployment(&value).unwrap().traffic;
            assert_eq!(read.map(|weights| (weights.test, weights.production)), expected, "{value}");
        };
        check(
            json!({"requestedTestTrafficWeight": 100.0, "requestedProductionTrafficWeight": 5.5}),
            Some((100.0, 5.5)),
        );
        check(json!({"requestedProductionTrafficWeight": 0}), Some((0.0, 0.0)));
        check(json!({"requestedTestTrafficWeight": null}), None);
    }

    #[test]
    fn alarms_that_fired_are_told_from_those_that_are_watched() {
        let read = service_deployment(&json!({"serviceDeploymentArn": ARN, "status": "ROLLBACK_IN_PROGRESS",
            "alarms": {"status": "TRIGGERED", "alarmNames": ["latency", "errors"], "triggeredAlarmNames": ["errors"]}}))
        .unwrap();
        let fired: Vec<&str> = read.fired.iter().map(AlarmName::as_str).collect();
        assert_eq!((read.triggered, fired.as_slice()), (Some(Trip::Alarm), &["errors"][..]));
    }
}
