//! What tells why a rollout fails, over loopback: target health and logs of the tasks that ECS runs.
//!
//! What the operations do in detail is tested beside them.

use std::time::Duration;

use serde_json::{Value, json};
use towpath_sim::Simulator;

use crate::support::{Answer, call, query, start};

const ACCOUNT: &str = "111111111111";
const GROUP: &str = "arn:aws:elasticloadbalancing:us-west-2:111111111111:targetgroup/shop/0000000000000000";

/// A service behind a load balancer whose one task runs the image that `behaves` as told.
async fn service(behaves: &str) -> Simulator {
    start(&format!(
        r#"
        start = 2026-03-02T09:00:00Z
        default-account = "111111111111"
        default-region = "us-west-2"

        [[images]]
        reference = "shop:new"
        {behaves}

        [[target-groups]]
        name = "shop"
        deregistration-delay = 15

        [[load-balancers]]
        name = "front"
        listeners = [{{ port = 443, target-group = "shop", rules = [{{ path = "/api/*", target-group = "shop" }}] }}]

        [[services]]
        name = "shop"
        cluster = "shop"
        create-service = {{ healthCheckGracePeriodSeconds = 300, loadBalancers = [{{ targetGroupArn = "{GROUP}", containerName = "api", containerPort = 8080 }}] }}

        [services.task-definition]
        family = "shop"

        [[services.task-definition.containerDefinitions]]
        name = "api"
        image = "shop:old"
        memory = 128
        portMappings = [{{ containerPort = 8080 }}]
        logConfiguration = {{ logDriver = "awslogs", options = {{ awslogs-group = "/ecs/shop", awslogs-region = "us-west-2", awslogs-stream-prefix = "ecs" }} }}
        "#
    ))
    .await
}

async fn ecs(simulator: &Simulator, operation: &str, input: Value) -> Value {
    call(simulator, ACCOUNT, &format!("AmazonEC2ContainerServiceV20141113.{operation}"), &input).await.json()
}

/// Deploys `shop:new`, and lets `seconds` pass.
async fn deploy(simulator: &Simulator, seconds: u64) {
    let described = ecs(simulator, "DescribeTaskDefinition", json!({"taskDefinition": "shop"})).await;
    let mut container = described["taskDefinition"]["containerDefinitions"][0].clone();
    container["image"] = json!("shop:new");
    ecs(simulator, "RegisterTaskDefinition", json!({"family": "shop", "containerDefinitions": [container]})).await;
    let input = json!({"cluster": "shop", "service": "shop", "taskDefinition": "shop:2"});
    let updated = ecs(simulator, "UpdateService", input).await;
    assert_eq!(
        updated["service"]["taskDefinition"].as_str().map(|arn| arn.ends_with("shop:2")),
        Some(true),
        "{updated}"
    );
    simulator.advance(Duration::from_secs(seconds));
}

async fn elb(simulator: &Simulator, form: &str) -> Answer {
    query(simulator, ACCOUNT, "elasticloadbalancing", &format!("Version=2015-12-01&{form}")).await
}

/// The target health that shows `parts`, with other targets beside.
async fn health(simulator: &Simulator, parts: &[&str]) {
    let answer = elb(simulator, &format!("Action=DescribeTargetHealth&TargetGroupArn={GROUP}")).await;
    for part in parts {
        assert!(answer.body.contains(part), "{part}: {}", answer.body);
    }
}

async fn logs(simulator: &Simulator, operation: &str, input: Value) -> Answer {
    call(simulator, ACCOUNT, &format!("Logs_20140328.{operation}"), &input).await
}

/// The id of a task of `shop:new`, a stopped one if there is any.
async fn task(simulator: &Simulator) -> String {
    for status in ["STOPPED", "RUNNING"] {
        let listed = ecs(simulator, "ListTasks", json!({"cluster": "shop", "desiredStatus": status})).await;
        if listed["taskArns"].as_array().unwrap().is_empty() {
            continue;
        }
        let described = ecs(simulator, "DescribeTasks", json!({"cluster": "shop", "tasks": listed["taskArns"]})).await;
        let tasks = described["tasks"].as_array().unwrap();
        if let Some(task) = tasks.iter().find(|task| task["containers"][0]["image"] == "shop:new") {
            return task["taskArn"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        }
    }
    panic!("no task of the new image")
}

#[tokio::test]
async fn a_good_target_is_checked_then_healthy_and_the_old_one_drains() {
    let simulator = service("behaviour = { healthy-after = 15 }").await;
    health(&simulator, &["<State>healthy</State>", "<Port>8080</Port>"]).await;
    deploy(&simulator, 30).await;
    health(&simulator, &["<State>initial</State><Reason>Elb.InitialHealthChecking</Reason>", "<State>healthy</State>"])
        .await;
    simulator.advance(Duration::from_secs(15));
    health(
        &simulator,
        &["<State>healthy</State>", "<State>draining</State><Reason>Target.DeregistrationInProgress</Reason>"],
    )
    .await;
}

#[tokio::test]
async fn an_unhealthy_target_says_what_it_answered() {
    for (answer, reason, description) in [
        ("503", "Target.ResponseCodeMismatch", "Health checks failed with these codes: [503]"),
        ("404", "Target.ResponseCodeMismatch", "Health checks failed with these codes: [404]"),
        ("\"timeout\"", "Target.Timeout", "Request timed out"),
        ("\"refused\"", "Target.FailedHealthChecks", "Health checks failed"),
    ] {
        let behaves =
            format!("behaviour = {{ healthy-after = 1, unhealthy-after = 100 }}\nunhealthy-answer = {answer}");
        let simulator = service(&behaves).await;
        deploy(&simulator, 119).await;
        let found = elb(&simulator, &format!("Action=DescribeTargetHealth&TargetGroupArn={GROUP}")).await;
        assert!(found.body.contains("<State>healthy</State>"), "{}", found.body);
        simulator.advance(Duration::from_millis(1_500));
        let told = format!("<Reason>{reason}</Reason><Description>{description}</Description>");
        health(&simulator, &["<State>unhealthy</State>", &told]).await;
    }
}

#[tokio::test]
async fn target_groups_balancers_listeners_and_rules_are_described() {
    let simulator = service("").await;
    let balancer = "arn:aws:elasticloadbalancing:us-west-2:111111111111:loadbalancer/app/front/0000000000000000";
    let listener =
        "arn:aws:elasticloadbalancing:us-west-2:111111111111:listener/app/front/0000000000000000/0000000000000443";
    let check = async |form: &str, parts: &[&str]| {
        let answer = elb(&simulator, form).await;
        for part in parts {
            assert!(answer.body.contains(part), "{part}: {}", answer.body);
        }
    };
    check("Action=DescribeTargetGroups&Names.member.1=shop", &[&format!("<TargetGroupArn>{GROUP}<"), "<HttpCode>200<"])
        .await;
    check(
        &format!("Action=DescribeTargetGroupAttributes&TargetGroupArn={GROUP}"),
        &["<Key>deregistration_delay.timeout_seconds</Key><Value>15</Value>"],
    )
    .await;
    check("Action=DescribeLoadBalancers", &[balancer, "<Code>active</Code>"]).await;
    check(&format!("Action=DescribeListeners&LoadBalancerArn={balancer}"), &[listener, "<Protocol>HTTPS<"]).await;
    check(
        &format!("Action=DescribeRules&ListenerArn={listener}"),
        &["<Priority>1<", "<member>/api/*</member>", "<Priority>default<"],
    )
    .await;
    check("Action=DescribeTargetGroups&Names.member.1=nowhere", &["<Code>TargetGroupNotFound</Code>"]).await;
    check("Action=DescribeTargetHealth&TargetGroupArn=shop", &["<Code>ValidationError</Code>"]).await;
    check("Action=DescribeRules&ListenerArn=nowhere", &["<Code>ListenerNotFound</Code>"]).await;
    check("Action=DescribeLoadBalancers&Names.member.1=nowhere", &["<Code>LoadBalancerNotFound</Code>"]).await;
    let asked = format!(
        "Action=DescribeTargetHealth&TargetGroupArn={GROUP}&Targets.member.1.Id=10.9.9.9&Targets.member.1.Port=80"
    );
    check(&asked, &["<State>unused</State><Reason>Target.NotRegistered</Reason>"]).await;
}

#[tokio::test]
async fn a_crash_leaves_its_stack_in_the_stream_of_its_task() {
    let behaves = "behaviour = { exit-after = 7, exit-code = 3 }\nlogs = { start = [\"listening\"], every = [{ seconds = 5, line = \"tick\" }], exit = [\"Traceback: no such table\"] }";
    let simulator = service(behaves).await;
    deploy(&simulator, 28).await;
    let stream = format!("ecs/api/{}", task(&simulator).await);
    let input = json!({"logGroupName": "/ecs/shop", "logStreamName": stream, "startFromHead": true});
    let answer = logs(&simulator, "GetLogEvents", input).await.json();
    let events: Vec<_> = answer["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (event["message"].as_str().unwrap(), event["timestamp"].as_i64().unwrap()))
        .collect();
    let started = events[0].1;
    assert_eq!(
        events,
        [("listening", started), ("tick", started + 5_000), ("Traceback: no such table", started + 7_000)]
    );
    let found = logs(&simulator, "FilterLogEvents", json!({"logGroupName": "/ecs/shop", "filterPattern": "Traceback"}))
        .await
        .json();
    assert_eq!(found["events"][0]["logStreamName"], json!(stream));
}

#[tokio::test]
async fn a_container_that_never_started_has_no_stream() {
    let simulator = service("behaviour = { fails-to-start = \"CannotStartContainerError: exec format error\" }").await;
    deploy(&simulator, 60).await;
    let input = json!({"logGroupName": "/ecs/shop", "logStreamName": format!("ecs/api/{}", task(&simulator).await)});
    let answer = logs(&simulator, "GetLogEvents", input).await;
    assert_eq!(
        (answer.status, answer.json()),
        (400, json!({"__type": "ResourceNotFoundException", "message": "The specified log stream does not exist."}))
    );
    let streams = logs(&simulator, "DescribeLogStreams", json!({"logGroupName": "/ecs/shop"})).await.json();
    assert_eq!(streams["logStreams"].as_array().unwrap().len(), 1, "only the old task's: {streams}");
}

#[tokio::test]
async fn lines_outlive_the_task_that_logged_them() {
    let simulator = service("logs = { start = [\"new here\"] }").await;
    deploy(&simulator, 60).await;
    simulator.advance(Duration::from_hours(5));
    let found = logs(&simulator, "FilterLogEvents", json!({"logGroupName": "/ecs/shop"})).await.json();
    assert_eq!(found["events"][0]["message"], "new here");
}

#[tokio::test]
async fn an_image_from_elsewhere_behaves_alike_in_every_task() {
    let simulator = service("behaviour = { exit-after = 30, exit-code = 3 }").await;
    deploy(&simulator, 600).await;
    let listed = ecs(&simulator, "ListTasks", json!({"cluster": "shop", "desiredStatus": "STOPPED"})).await;
    let described = ecs(&simulator, "DescribeTasks", json!({"cluster": "shop", "tasks": listed["taskArns"]})).await;
    let codes: Vec<_> = described["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|task| task["containers"][0]["image"] == "shop:new")
        .map(|task| task["containers"][0]["exitCode"].clone())
        .collect();
    assert!(codes.len() > 3 && codes.iter().all(|code| *code == 3), "{codes:?}");
}

/// What `DescribeTasks` says of a stopped task of an image with a fate: stop code, reason and the container's exit code
/// and reason.
async fn end(fate: &str) -> (String, String, Option<i64>, String) {
    let simulator = service(&format!("fate = \"{fate}\"")).await;
    deploy(&simulator, 45).await;
    let arn = task(&simulator).await;
    let described = ecs(&simulator, "DescribeTasks", json!({"cluster": "shop", "tasks": [arn]})).await;
    let task = &described["tasks"][0];
    let (text, container) = (|value: &Value| value.as_str().unwrap_or_default().to_owned(), &task["containers"][0]);
    (text(&task["stopCode"]), text(&task["stoppedReason"]), container["exitCode"].as_i64(), text(&container["reason"]))
}

#[tokio::test]
async fn every_fate_ends_a_task_as_fargate_would_say() {
    for (fate, code, reason, exit_code, container) in [
        ("crash", "EssentialContainerExited", "Essential container in task exited", Some(1), ""),
        ("exits-at-once", "EssentialContainerExited", "Essential container in task exited", Some(0), ""),
        (
            "out-of-memory",
            "EssentialContainerExited",
            "Essential container in task exited",
            Some(137),
            "OutOfMemoryError",
        ),
        ("exec-format-error", "EssentialContainerExited", "Essential container in task exited", Some(1), ""),
        (
            "wrong-platform",
            "TaskFailedToStart",
            "does not contain descriptor matching platform 'linux/amd64'",
            None,
            "",
        ),
        ("not-found", "TaskFailedToStart", "shop:new: not found", None, ""),
        ("forbidden", "TaskFailedToStart", "403 Forbidden", None, ""),
        ("secret-missing", "TaskFailedToStart", "ResourceNotFoundException: Secrets Manager can't find", None, ""),
        ("secret-denied", "TaskFailedToStart", "AccessDeniedException: User: ", None, ""),
    ] {
        let ended = end(fate).await;
        assert_eq!((ended.0.as_str(), ended.2), (code, exit_code), "{fate}: {ended:?}");
        assert!(ended.1.contains(reason) && ended.3.contains(container), "{fate}: {ended:?}");
    }
}

#[tokio::test]
async fn what_ignores_sigterm_is_killed() {
    let simulator = service("fate = \"ignores-sigterm\"").await;
    deploy(&simulator, 600).await;
    let arn = task(&simulator).await;
    ecs(&simulator, "StopTask", json!({"cluster": "shop", "task": arn})).await;
    simulator.advance(Duration::from_mins(5));
    let described = ecs(&simulator, "DescribeTasks", json!({"cluster": "shop", "tasks": [arn]})).await;
    assert_eq!(described["tasks"][0]["containers"][0]["exitCode"], 137, "{described}");
}

#[tokio::test]
async fn a_wrong_port_times_out_and_a_slow_start_is_a_start() {
    let simulator = service("fate = \"wrong-port\"").await;
    deploy(&simulator, 100).await;
    health(&simulator, &["<Reason>Target.Timeout</Reason>"]).await;
    let simulator = service("fate = \"slow-start\"").await;
    deploy(&simulator, 138).await;
    health(&simulator, &["<State>unhealthy</State>"]).await;
    simulator.advance(Duration::from_secs(5));
    health(&simulator, &["<State>healthy</State>", "<State>draining</State>"]).await;
}

#[tokio::test]
async fn what_cannot_be_executed_says_so_in_its_log() {
    let simulator = service("fate = \"exec-format-error\"").await;
    deploy(&simulator, 60).await;
    let found = logs(&simulator, "FilterLogEvents", json!({"logGroupName": "/ecs/shop"})).await.json();
    assert_eq!(found["events"][0]["message"], "exec /usr/local/bin/app: exec format error");
}
