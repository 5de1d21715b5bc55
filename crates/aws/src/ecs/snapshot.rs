//! A service in ECS's JSON, read into a snapshot.
//!
//! Values that this program does not know are kept; what ECS leaves out is never read as success.

use std::{cmp::Reverse, collections::BTreeMap};

use serde_json::Value;
use towpath_core::{
    identifier::{AlarmName, ServiceName, TargetGroupArn},
    rollout::{
        CircuitBreaker, Controller, Deployment, DeploymentConfiguration, DeploymentStatus, RolloutState, ServiceEvent,
        ServiceSnapshot, ServiceStatus, Strategy,
    },
};

use crate::json::{self, Unreadable};

/// Services by name.
pub(crate) type Described = BTreeMap<ServiceName, ServiceSnapshot>;

/// Reads what `DescribeServices` answers.
pub(crate) fn services(answer: &Value) -> Result<Described, Unreadable> {
    let named = |value: &Value| Ok((json::required_parsed(value, "serviceName", "a service's name")?, service(value)?));
    json::each(answer, "services", named).map(Described::from_iter)
}

/// Reads one element of `services`, or the `service` of an answer.
pub(crate) fn service(value: &Value) -> Result<ServiceSnapshot, Unreadable> {
    let configuration = json::member(value, "deploymentConfiguration").unwrap_or(&Value::Null);
    Ok(ServiceSnapshot {
        status: status(json::required_text(value, "status")?),
        controller: controller(value, configuration)?,
        is_express: json::text(value, "resourceManagementType")? == Some("ECS"),
        desired: json::count(value, "desiredCount")?.ok_or_else(|| Unreadable::Missing("desiredCount".to_owned()))?,
        running: json::count(value, "runningCount")?.unwrap_or(0),
        pending: json::count(value, "pendingCount")?.unwrap_or(0),
        task_definition: json::parsed(value, "taskDefinition", "a task definition's ARN")?,
        deployments: deployments(value)?,
        minimum_healthy_percent: json::count(configuration, "minimumHealthyPercent")?,
        maximum_percent: json::count(configuration, "maximumPercent")?,
        grace_seconds: json::count(value, "healthCheckGracePeriodSeconds")?.unwrap_or(0),
        events: events(value)?,
        circuit_breaker: circuit_breaker(configuration),
        alarms: alarms(configuration)?,
        configuration: configuration.as_object().cloned().map(DeploymentConfiguration::new),
        target_groups: target_groups(value)?,
        current: json::parsed(value, "currentServiceDeployment", "a service deployment's ARN")?,
    })
}

fn circuit_breaker(configuration: &Value) -> Option<CircuitBreaker> {
    let breaker = json::member(configuration, "deploymentCircuitBreaker")?;
    Some(CircuitBreaker { is_on: json::is_true(breaker, "enable"), rolls_back: json::is_true(breaker, "rollback") })
}

/// The alarms that ECS watches; names that are no alarm's are left out, since nothing can be asked about them.
fn alarms(configuration: &Value) -> Result<Vec<AlarmName>, Unreadable> {
    let Some(alarms) = json::member(configuration, "alarms").filter(|alarms| json::is_true(alarms, "enable")) else {
        return Ok(Vec::new());
    };
    let names = json::list(alarms, "alarmNames")?;
    Ok(names.iter().filter_map(Value::as_str).filter_map(|name| name.parse().ok()).collect())
}

/// The target groups of its load balancers, the second one of each that deploys by shifting traffic included.
fn target_groups(value: &Value) -> Result<Vec<TargetGroupArn>, Unreadable> {
    let mut groups = Vec::new();
    for balancer in json::list(value, "loadBalancers")? {
        let advanced = json::member(balancer, "advancedConfiguration").unwrap_or(&Value::Null);
        let first = json::text(balancer, "targetGroupArn")?;
        let second = json::text(advanced, "alternateTargetGroupArn")?;
        let named = [first, second].into_iter().flatten().filter_map(|arn| arn.parse().ok());
        groups.extend(named);
    }
    Ok(groups)
}

fn status(text: &str) -> ServiceStatus {
    match text {
        "ACTIVE" => ServiceStatus::Active,
        "DRAINING" => ServiceStatus::Draining,
        "INACTIVE" => ServiceStatus::Inactive,
        other => ServiceStatus::Unknown(other.to_owned()),
    }
}

fn controller(value: &Value, configuration: &Value) -> Result<Controller, Unreadable> {
    let controller = json::member(value, "deploymentController").unwrap_or(&Value::Null);
    Ok(match json::text(controller, "type")? {
        None | Some("ECS") => Controller::Ecs { strategy: strategy(json::text(configuration, "strategy")?) },
        Some("CODE_DEPLOY") => Controller::CodeDeploy,
        Some("EXTERNAL") => Controller::External,
        Some(other) => Controller::Unknown(other.to_owned()),
    })
}

fn strategy(text: Option<&str>) -> Strategy {
    match text {
        None | Some("ROLLING") => Strategy::Rolling,
        Some("BLUE_GREEN") => Strategy::BlueGreen,
        Some("LINEAR") => Strategy::Linear,
        Some("CANARY") => Strategy::Canary,
        Some(other) => Strategy::Unknown(other.to_owned()),
    }
}

fn deployments(value: &Value) -> Result<Vec<Deployment>, Unreadable> {
    let read: Result<Vec<Deployment>, Unreadable> = json::list(value, "deployments")?.iter().map(deployment).collect();
    let mut deployments = read?;
    deployments
        .sort_by_key(|deployment| (deployment.status != DeploymentStatus::Primary, Reverse(deployment.created_at)));
    Ok(deployments)
}

fn deployment(value: &Value) -> Result<Deployment, Unreadable> {
    Ok(Deployment {
        id: json::required_parsed(value, "id", "a deployment's id")?,
        status: place(json::required_text(value, "status")?),
        task_definition: json::required_parsed(value, "taskDefinition", "a task definition's ARN")?,
        rollout: json::text(value, "rolloutState")?.map(rollout),
        reason: json::text(value, "rolloutStateReason")?.map(str::to_owned),
        desired: json::count(value, "desiredCount")?.unwrap_or(0),
        running: json::count(value, "runningCount")?.unwrap_or(0),
        pending: json::count(value, "pendingCount")?.unwrap_or(0),
        failed: json::count(value, "failedTasks")?.unwrap_or(0),
        created_at: json::time(value, "createdAt")?,
    })
}

fn place(text: &str) -> DeploymentStatus {
    match text {
        "PRIMARY" => DeploymentStatus::Primary,
        "ACTIVE" => DeploymentStatus::Active,
        other => DeploymentStatus::Other(other.to_owned()),
    }
}

fn rollout(text: &str) -> RolloutState {
    match text {
        "IN_PROGRESS" => RolloutState::InProgress,
        "COMPLETED" => RolloutState::Completed,
        "FAILED" => RolloutState::Failed,
        other => RolloutState::Unknown(other.to_owned()),
    }
}

fn events(value: &Value) -> Result<Vec<ServiceEvent>, Unreadable> {
    let read = json::list(value, "events")?.iter().map(|event| {
        let message = json::text(event, "message")?.unwrap_or_default().to_owned();
        Ok(ServiceEvent { at: json::time(event, "createdAt")?, message })
    });
    let mut events = read.collect::<Result<Vec<_>, Unreadable>>()?;
    events.sort_by_key(|event| Reverse(event.at));
    Ok(events)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SHOP: &str = "arn:aws:ecs:us-west-2:111111111111:task-definition/shop:7";

    fn minimal() -> Value {
        json!({"status": "ACTIVE", "desiredCount": 2})
    }

    fn with(name: &str, member: Value) -> Value {
        let mut value = minimal();
        value[name] = member;
        value
    }

    #[test]
    fn a_rollout_in_progress_is_read_whole() {
        let snapshot = service(&json!({
            "status": "ACTIVE", "desiredCount": 2, "runningCount": 3, "pendingCount": 1, "taskDefinition": SHOP,
            "deploymentConfiguration": {"minimumHealthyPercent": 100, "maximumPercent": 200, "newMember": {}},
            "healthCheckGracePeriodSeconds": 60,
            "deployments": [
                {"id": "ecs-svc/01", "status": "ACTIVE", "taskDefinition": SHOP, "desiredCount": 2, "runningCount": 2,
                 "rolloutState": "COMPLETED", "createdAt": 1_763_000_000.0},
                {"id": "ecs-svc/02", "status": "PRIMARY", "taskDefinition": SHOP, "desiredCount": 2, "runningCount": 1,
                 "pendingCount": 1, "failedTasks": 1, "rolloutState": "IN_PROGRESS",
                 "rolloutStateReason": "ECS deployment ecs-svc/02 in progress.", "createdAt": 1_763_000_100.5},
            ],
            "events": [{"createdAt": 1_763_000_100, "message": "first"}, {"createdAt": 1_763_000_200, "message": "last"}],
        }))
        .unwrap();
        assert_eq!((snapshot.desired, snapshot.running, snapshot.pending, snapshot.grace_seconds), (2, 3, 1, 60));
        assert_eq!((snapshot.minimum_healthy_percent, snapshot.maximum_percent), (Some(100), Some(200)));
        assert_eq!(snapshot.task_definition.unwrap().as_str(), SHOP);
        let ids: Vec<&str> = snapshot.deployments.iter().map(|deployment| deployment.id.as_str()).collect();
        assert_eq!(ids, ["ecs-svc/02", "ecs-svc/01"], "the primary one first");
        assert_eq!(snapshot.deployments[0].rollout, Some(RolloutState::InProgress));
        assert_eq!((snapshot.deployments[0].failed, snapshot.deployments[1].pending), (1, 0));
        let messages: Vec<&str> = snapshot.events.iter().map(|event| event.message.as_str()).collect();
        assert_eq!(messages, ["last", "first"], "newest first");
    }

    #[test]
    fn an_absent_rollout_state_is_no_success() {
        let deployment = json!({"id": "ecs-svc/01", "status": "PRIMARY", "taskDefinition": SHOP});
        let snapshot = service(&with("deployments", json!([deployment]))).unwrap();
        assert_eq!(snapshot.deployments[0].rollout, None);
    }

    #[test]
    fn ecs_deploys_unless_another_controller_is_named() {
        let check = |controller: Value, expected: Controller| {
            assert_eq!(service(&with("deploymentController", controller)).unwrap().controller, expected);
        };
        for controller in [Value::Null, json!({}), json!({"type": "ECS"}), json!({"type": null})] {
            check(controller, Controller::Ecs { strategy: Strategy::Rolling });
        }
        check(json!({"type": "CODE_DEPLOY"}), Controller::CodeDeploy);
        check(json!({"type": "EXTERNAL"}), Controller::External);
        check(json!({"type": "ROBOT"}), Controller::Unknown("ROBOT".to_owned()));
    }

    #[test]
    fn the_strategy_is_rolling_unless_another_is_named() {
        let check = |strategy: Value, expected: Strategy| {
            let read = service(&with("deploymentConfiguration", json!({"strategy": strategy}))).unwrap().controller;
            assert_eq!(read, Controller::Ecs { strategy: expected });
        };
        check(Value::Null, Strategy::Rolling);
        check(json!("ROLLING"), Strategy::Rolling);
        check(json!("BLUE_GREEN"), Strategy::BlueGreen);
        check(json!("NEWER"), Strategy::Unknown("NEWER".to_owned()));
    }

    #[test]
    fn express_services_are_recognised() {
        assert!(service(&with("resourceManagementType", json!("ECS"))).unwrap().is_express);
        assert!(!service(&with("resourceManagementType", json!("CUSTOMER"))).unwrap().is_express);
        assert!(!service(&minimal()).unwrap().is_express);
    }

    #[test]
    fn unknown_values_are_kept() {
        let deployment =
            json!({"id": "ecs-svc/01", "status": "RESTING", "taskDefinition": SHOP, "rolloutState": "PAUSED"});
        let mut value = with("deployments", json!([deployment]));
        value["status"] = json!("DREAMING");
        let snapshot = service(&value).unwrap();
        assert_eq!(snapshot.status, ServiceStatus::Unknown("DREAMING".to_owned()));
        assert_eq!(snapshot.deployments[0].status, DeploymentStatus::Other("RESTING".to_owned()));
        assert_eq!(snapshot.deployments[0].rollout, Some(RolloutState::Unknown("PAUSED".to_owned())));
    }

    #[test]
    fn a_desired_count_is_never_guessed() {
        let error = service(&json!({"status": "ACTIVE"})).unwrap_err();
        assert_eq!(error, Unreadable::Missing("desiredCount".to_owned()));
    }

    #[test]
    fn the_circuit_breaker_is_on_or_off_or_not_spoken_of() {
        let check = |breaker: Value, expected: Option<(bool, bool)>| {
            let read = service(&with("deploymentConfiguration", json!({"deploymentCircuitBreaker": breaker}))).unwrap();
            assert_eq!(read.circuit_breaker.map(|breaker| (breaker.is_on, breaker.rolls_back)), expected);
        };
        check(Value::Null, None);
        check(json!({"enable": true, "rollback": true, "resetOnHealthyTask": true}), Some((true, true)));
        check(json!({"enable": true}), Some((true, false)));
        check(json!({"enable": false, "rollback": true}), Some((false, true)));
    }

    #[test]
    fn only_alarms_that_are_switched_on_are_watched() {
        let check = |alarms: Value, expected: &[&str]| {
            let read = service(&with("deploymentConfiguration", json!({"alarms": alarms}))).unwrap().alarms;
            assert_eq!(read.iter().map(AlarmName::as_str).collect::<Vec<_>>(), expected);
        };
        check(Value::Null, &[]);
        check(json!({"enable": false, "rollback": false, "alarmNames": ["latency"]}), &[]);
        check(
            json!({"enable": true, "rollback": true, "alarmNames": ["latency", "5xx errors"]}),
            &["latency", "5xx errors"],
        );
    }

    #[test]
    fn the_configuration_is_kept_whole() {
        assert_eq!(service(&minimal()).unwrap().configuration, None);
        let whole = json!({"maximumPercent": 200, "newerThanUs": {"z": [1.5, null]}, "bakeTimeInMinutes": 3});
        let read = service(&with("deploymentConfiguration", whole.clone())).unwrap().configuration.unwrap();
        assert_eq!(read.to_json(), whole);
    }

    #[test]
    fn both_target_groups_of_a_service_that_shifts_traffic_are_known() {
        let group = |name: &str| format!("arn:aws:elasticloadbalancing:us-west-2:111111111111:targetgroup/{name}/0123");
        let balancers = json!([
            {"targetGroupArn": group("blue"), "containerName": "api", "containerPort": 8000,
             "advancedConfiguration": {"alternateTargetGroupArn": group("green"), "productionListenerRule": "arn"}},
            {"targetGroupArn": group("metrics"), "containerName": "api", "containerPort": 9000},
            {"loadBalancerName": "classic", "containerName": "api", "containerPort": 80},
        ]);
        let read = service(&with("loadBalancers", balancers)).unwrap().target_groups;
        let read: Vec<&str> = read.iter().map(TargetGroupArn::as_str).collect();
        assert_eq!(read, [group("blue"), group("green"), group("metrics")]);
        assert_eq!(service(&minimal()).unwrap().target_groups, []);
    }

    #[test]
    fn the_current_service_deployment_is_named_where_ecs_names_one() {
        let arn = "arn:aws:ecs:us-west-2:111111111111:service-deployment/shop/api/NCWGC2ZR-taawPAYrIaU5";
        let read = service(&with("currentServiceDeployment", json!(arn))).unwrap().current;
        assert_eq!(read.unwrap().as_str(), arn);
        assert_eq!(service(&with("currentServiceDeployment", Value::Null)).unwrap().current, None);
        assert!(service(&with("currentServiceDeployment", json!("hush"))).is_err());
    }

    #[test]
    fn every_strategy_has_its_word() {
        assert_eq!(strategy(Some("LINEAR")), Strategy::Linear);
        assert_eq!(strategy(Some("CANARY")), Strategy::Canary);
    }
}
