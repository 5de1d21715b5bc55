//! The control interface and the kept state, over loopback.
//!
//! What an advanced clock does to ECS is tested in `scenario.rs`.

use std::fs;

use crate::support::{Answer, call, options, request, start};
use serde_json::json;
use towpath_sim::{Options, Simulator, StartError};

async fn control(simulator: &Simulator, line: &str, body: &str) -> Answer {
    request(simulator, line, &[], body).await.unwrap()
}

#[tokio::test]
async fn the_clock_is_shown_and_moved() {
    let simulator = start("start = 2026-03-02T09:00:00Z").await;
    let shown = control(&simulator, "GET /_sim/clock", "").await;
    assert_eq!(shown.json(), json!({"now": "2026-03-02T09:00:00Z", "pace": "stepped", "next": null}));
    let moved = control(&simulator, "POST /_sim/advance", "{\"seconds\": 90}").await;
    assert_eq!(moved.json()["now"], "2026-03-02T09:01:30Z");
    assert_eq!(simulator.now().to_string(), "2026-03-02T09:01:30Z");
}

#[tokio::test]
async fn mistakes_are_answered_with_what_to_write() {
    let simulator = start("").await;
    for (line, body, status) in [
        ("POST /_sim/advance", "{\"seconds\": -1}", 400),
        ("POST /_sim/advance", "{\"seconds\": 1e300}", 400),
        ("POST /_sim/advance", "{\"minutes\": 1}", 400),
        ("POST /_sim/advance", "", 400),
        ("POST /_sim/faults", "{\"operation\": \"A\", \"kind\": \"explode\"}", 400),
        ("POST /_sim/faults", "{\"operation\": \"A\", \"kind\": \"hang\", \"on\": [0]}", 400),
        ("POST /_sim/images", "{\"tags\": [\"1\"]}", 400),
        ("PUT /_sim/clock", "", 405),
        ("GET /_sim/nothing", "", 404),
    ] {
        let answer = control(&simulator, line, body).await;
        assert_eq!(answer.status, status, "{line} {body}");
        assert!(answer.json()["error"].is_string(), "{line} {body}");
    }
}

#[tokio::test]
async fn faults_and_images_can_be_given_while_it_runs() {
    let simulator = start("default-account = \"111111111111\"\ndefault-region = \"us-west-2\"").await;
    let image = json!({"repository": "shop", "tags": ["2"], "behaviour": {"version": "2"}});
    let pushed = control(&simulator, "POST /_sim/images", &image.to_string()).await.json();
    let input = json!({"repositoryName": "shop", "imageIds": [{"imageTag": "2"}]});
    let target = "AmazonEC2ContainerRegistry_V20150921.DescribeImages";
    let described = call(&simulator, "111111111111", target, &input).await.json();
    assert_eq!(described["imageDetails"][0]["imageDigest"], pushed["digest"]);

    control(&simulator, "POST /_sim/faults", "{\"operation\": \"DescribeImages\", \"kind\": \"throttle\"}").await;
    assert_eq!(call(&simulator, "111111111111", target, &input).await.status, 400);
    let shown = control(&simulator, "GET /_sim/faults", "").await.json();
    assert_eq!(shown["faults"][0]["struck"], 1);
    control(&simulator, "DELETE /_sim/faults", "").await;
    assert_eq!(call(&simulator, "111111111111", target, &input).await.status, 200);

    let calls = control(&simulator, "GET /_sim/calls", "").await.json();
    assert_eq!(calls["calls"].as_array().unwrap().len(), 3);
    assert_eq!(control(&simulator, "GET /_sim/state", "").await.status, 200);
}

#[tokio::test]
async fn everything_is_there_again_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let kept = || Options { state: Some(directory.path().to_owned()), ..options("start = 2026-03-02T09:00:00Z") };
    let first = Simulator::start(kept()).await.unwrap();
    call(&first, "111111111111", "secretsmanager.CreateSecret", &json!({"Name": "token", "SecretString": "one"})).await;
    first.advance(std::time::Duration::from_mins(1));
    let before = first.snapshot();
    first.shutdown().await.unwrap();

    let second = Simulator::start(kept()).await.unwrap();
    assert_eq!(second.snapshot(), before);
    assert_eq!(second.now().to_string(), "2026-03-02T09:01:00Z");
    let value = call(&second, "111111111111", "secretsmanager.GetSecretValue", &json!({"SecretId": "token"})).await;
    assert_eq!(value.json()["SecretString"], "one");
}

#[tokio::test]
async fn a_damaged_state_stops_the_start_and_is_named() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("state.json"), "{").unwrap();
    let options = Options { state: Some(directory.path().to_owned()), ..options("") };
    let error = Simulator::start(options).await.unwrap_err();
    let StartError::State(error) = error else { panic!("{error}") };
    assert!(error.to_string().contains("state.json` is damaged"), "{error}");
    assert_eq!(fs::read_to_string(directory.path().join("state.json")).unwrap(), "{");
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let first = start("").await;
    let listen = first.endpoint().replace("http://", "").parse().unwrap();
    let error = Simulator::start(Options { listen, ..options("") }).await.unwrap_err();
    assert_eq!(error.to_string(), format!("cannot listen on {listen}"));
}

#[tokio::test]
async fn a_change_is_kept_while_it_runs() {
    let directory = tempfile::tempdir().unwrap();
    let kept = Options { state: Some(directory.path().to_owned()), ..options("") };
    let simulator = Simulator::start(kept).await.unwrap();
    call(&simulator, "111111111111", "secretsmanager.CreateSecret", &json!({"Name": "kept-name"})).await;
    let is_kept =
        || fs::read_to_string(directory.path().join("state.json")).is_ok_and(|text| text.contains("kept-name"));
    let wait = async {
        while !is_kept() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), wait).await.unwrap();
}

#[tokio::test]
async fn an_alarm_is_set_and_shown() {
    let simulator = start("default-account = \"111111111111\"\ndefault-region = \"us-west-2\"").await;
    let body = "{\"name\": \"errors\", \"state\": \"ALARM\", \"reason\": \"too many\"}";
    assert_eq!(control(&simulator, "POST /_sim/alarms", body).await.status, 200);
    let shown = control(&simulator, "GET /_sim/alarms", "").await.json();
    let expected = json!({"place": "111111111111/us-west-2", "name": "errors", "state": "ALARM", "reason": "too many", "changed-at": "2026-01-01T00:00:00Z"});
    assert_eq!(shown["alarms"], json!([expected]));
    for wrong in ["{}", "{\"name\": \"errors\", \"state\": \"Ok\"}", "{\"name\": \"\"}"] {
        assert_eq!(control(&simulator, "POST /_sim/alarms", wrong).await.status, 400, "{wrong}");
    }
}
