//! Scenario 27: a false alarm of the smoke test while the load balancer moves over, and a healthy release is rolled back.
//!
//! In the wild: first the connection was refused, then the load balancer itself answered 503 for half a minute, then all
//! was well; a single probe had decided long before.
//! Another check asked an endpoint that depends on somebody else's system.
//!
//! Demanded: one bad answer never decides; the check goes on until its deadline; exit 0.
//! Where it does fail, no connection, the load balancer's own 503 and the application's 503 are told apart.
//! Only checks that are configured count.

use std::time::Duration;

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::scenario::{Shop, Stub, Told, answer};

fn balancer() -> String {
    let page = "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head></html>";
    answer(503, &[("server", "awselb/2.0"), ("content-type", "text/html")], page)
}

fn application() -> String {
    answer(503, &[("server", "gunicorn"), ("content-type", "application/json")], "{\"error\":\"no database\"}")
}

fn shop(stub: &Stub) -> Shop {
    let url = stub.url();
    Shop::new().smoke(&format!("[[components.api.smoke]]\nurl = \"{url}/healthz\"\ndeadline = \"90s\"\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_connection_and_half_a_minute_of_503_are_waited_out() {
    let mut answers = vec![balancer(); 15];
    answers.push(answer(200, &[], "ok"));
    let stub = Stub::closed(&answers);
    let play = shop(&stub).open().await;
    let opens = stub.clone();
    play.when("rolled-out", Duration::from_secs(10), move |_| opens.open());
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:2");
    assert!(stub.asked() >= 16, "{}", stub.asked());
    let attempts = &told.record().components.values().next().unwrap().smoke[0].attempts;
    assert!(*attempts > 18, "{attempts} attempts, the refused ones among them");
}

async fn failed(stub: &Stub) -> Told {
    let told = shop(stub).open().await.promote("1.1.0").await;
    // The old release is asked the same, so nothing can be proven.
    told.ends(Exit::Stuck);
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_answer_is_told_apart() {
    let refused = failed(&Stub::closed(&[])).await;
    refused.says("connect").never_says("status 503");
    let balancer = failed(&Stub::answering(&[balancer()])).await;
    balancer.says("status 503").says("load balancer");
    let application = failed(&Stub::answering(&[application()])).await;
    application.says("status 503").never_says("load balancer");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_not_configured_is_not_asked() {
    let routes = json!({ "routes": [{ "path": "/partner", "status": 503, "body": "the partner is down" }] });
    let told = Shop::new().image("1.1.0", &routes).open().await.promote("1.1.0").await;
    told.ends(Exit::Done).never_says("partner");
}
