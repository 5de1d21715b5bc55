//! Scenario 24: the reason of the failure is never shown.
//!
//! In the wild: "the deployment failed" was all that people got; the reason stood in stopped tasks that ECS forgets after an
//! hour, and asking for logs that did not exist made an error of its own.
//!
//! Demanded: for at most three kinds of stopped tasks of our own deployment: stop code, reason, each container's reason or
//! exit code; ECS's events since the update; the cause in the end itself, and where the console shows the service; all of it collected while it is there.
//! A reason that has no name here is shown as it is; what cannot be asked, logs among it, makes no second error.

use serde_json::{Value, json};
use towpath_cli::Exit;
use towpath_sim::faults::{Fault, FaultKind};
use towpath_tests::scenario::{Shop, Told, denied};

const SECRET: &str = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: AccessDeniedException";

async fn failed(shop: Shop, behaviour: &Value) -> Told {
    let told = shop.image("1.1.0", behaviour).open().await.promote("1.1.0").await;
    told.ends(Exit::RolledBack).serves("shop-api-dev:1");
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_may_not_be_read_is_said_in_the_end_itself() {
    let told = failed(Shop::new(), &json!({ "fails-to-start": SECRET })).await;
    told.says("unable to pull secrets").says("AccessDeniedException");
    told.says("https://us-west-2.console.aws.amazon.com/ecs/v2/clusters/shop-dev/services/shop-api-dev/");
    let diagnosis = told.diagnosis();
    for words in [
        "TaskFailedToStart",
        "ResourceInitializationError",
        "AccessDeniedException",
        "deployment failed: tasks failed to start",
    ] {
        assert!(diagnosis.contains(words), "no `{words}` in\n{diagnosis}");
    }
    assert!(told.record().components.values().all(|component| component.diagnosis.is_some()), "it is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exit_code_is_said_with_its_container() {
    let shop = Shop::new()
        .service("circuit-breaker", "off")
        .container(|container| container["healthCheck"]["startPeriod"] = json!(120));
    let told = failed(shop, &json!({ "exit-after": 20, "exit-code": 78, "healthy-after": 60 })).await;
    told.says("container `api`").says("exit code 78");
    assert!(told.diagnosis().contains("EssentialContainerExited"), "{}", told.diagnosis());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ecs_forgets_was_collected_before() {
    let shop = Shop::new().knob("stopped-tasks-stay", 40).service("circuit-breaker", "stop");
    let told = failed(shop, &json!({ "fails-to-start": SECRET })).await;
    told.says("unable to pull secrets");
    assert!(told.diagnosis().contains("TaskFailedToStart"), "{}", told.diagnosis());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_makes_no_second_error() {
    let logged = |container: &mut Value| {
        container["logConfiguration"] = json!({ "logDriver": "awslogs", "options": {
            "awslogs-group": "/shop/api", "awslogs-region": "us-west-2", "awslogs-stream-prefix": "api" } });
    };
    let told = failed(Shop::new().container(logged), &json!({ "fails-to-start": SECRET })).await;
    told.says("unable to pull secrets");
    let group = "arn:aws:logs:us-west-2:111111111111:log-group:/shop/api";
    for operation in ["GetLogEvents", "FilterLogEvents", "DescribeLogStreams"] {
        let shop = Shop::new().container(logged).fault(denied(operation, &format!("logs:{operation}"), group));
        failed(shop, &json!({ "fails-to-start": SECRET })).await.says("unable to pull secrets");
    }
    let shop = Shop::new()
        .fault(Fault::new("ListTasks", FaultKind::ErrorBefore))
        .patience(|patience| patience.read_attempts = 1);
    let told = shop.open().await.promote("1.1.0").await;
    told.ends(Exit::Errored).changed_nothing();
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_tasks_of_one_kind_are_told_once() {
    let shop = Shop::new().service("desired-count", 8);
    let told = failed(shop, &json!({ "fails-to-start": SECRET })).await;
    let diagnosis = told.diagnosis();
    assert!(diagnosis.matches("TaskFailedToStart").count() <= 3, "{diagnosis}");
    assert!(diagnosis.lines().count() < 30, "{diagnosis}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_that_nobody_has_seen_before_is_shown_as_it_is() {
    let told = failed(Shop::new(), &json!({ "fails-to-start": "FluxCapacitorError: not enough gigawatts" })).await;
    told.says("FluxCapacitorError: not enough gigawatts").never_says("nothing that was seen says why");
}
