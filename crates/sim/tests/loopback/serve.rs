//! What the simulated services answer over loopback.
//!
//! The answers themselves are tested beside their making.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    scenario::{deploy_to_production, shop},
    support::request,
};

const PRODUCTION: &str = "GET /_serve/333333333333/us-west-2/shop-production/shop-api-production";

#[tokio::test]
async fn requests_go_round_the_tasks_in_service() {
    let simulator = shop().await;
    let mut tasks = BTreeSet::new();
    for _ in 0..3 {
        let answer = request(&simulator, &format!("{PRODUCTION}/healthz"), &[], "").await.unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (200, "{\"status\":\"ok\"}"));
        assert!(answer.header("x-towpath-sim-digest").unwrap().starts_with("sha256:"));
        tasks.insert(answer.header("x-towpath-sim-task").unwrap().to_owned());
    }
    assert_eq!(tasks.len(), 3);
}

#[tokio::test]
async fn without_a_task_in_service_the_load_balancer_answers() {
    let simulator = shop().await;
    let line = "GET /_serve/333333333333/us-west-2/shop-production/nothing/";
    let answer = request(&simulator, line, &[], "").await.unwrap();
    assert_eq!((answer.status, answer.header("server")), (503, Some("awselb/2.0")));
}

#[tokio::test]
async fn the_bad_version_is_healthy_and_fails_its_smoke_check() {
    let simulator = shop().await;
    deploy_to_production(&simulator, "1.2.0").await;
    simulator.advance(Duration::from_mins(15));
    let answer = request(&simulator, &format!("{PRODUCTION}/version"), &[], "").await.unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (500, "no connection to the payment gateway"));
    let healthy = request(&simulator, &format!("{PRODUCTION}/healthz"), &[], "").await.unwrap();
    assert_eq!(healthy.status, 200);
}
