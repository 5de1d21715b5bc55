//! Scenario 28: the health endpoint always answers 200.
//!
//! In the wild: the body said "critical"; a single-page application answered every path with its page; a redirect to a
//! login page ended in 200.
//!
//! Demanded: body, content type and text can be asked for; a redirect is an answer of its own and not followed.
//! Each of these ends in 5, with what was wrong.

use serde_json::{Value, json};
use towpath_cli::Exit;
use towpath_tests::scenario::Shop;

const URL: &str = "ENDPOINT/_serve/111111111111/us-west-2/shop-dev/shop-api-dev";

async fn check(expected: &str, good: Value, bad: Value, said: &str) {
    let smoke = format!("[[components.api.smoke]]\nurl = \"{URL}/status\"\ndeadline = \"10s\"\n{expected}\n");
    let shop = || Shop::new().smoke(&smoke).image("1.0.0", &json!({ "routes": [good] }));
    let told = shop().image("1.1.0", &json!({ "routes": [bad] })).open().await.promote("1.1.0").await;
    told.ends(Exit::RolledBack).says(said).sent("UpdateService", 2).serves("shop-api-dev:1");
    let told = shop().image("1.1.0", &json!({ "routes": [good] })).open().await.promote("1.1.0").await;
    told.ends(Exit::Done).serves("shop-api-dev:2");
}

fn json_body(body: &Value) -> Value {
    json!({ "path": "/status", "body": body.to_string() })
}

fn page() -> Value {
    json!({ "path": "/status", "body": "<!doctype html><title>Shop</title>", "headers": { "content-type": "text/html" } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_in_the_body_is_read() {
    let (good, bad) = (json_body(&json!({ "status": "ok" })), json_body(&json!({ "status": "critical" })));
    check("json = { status = \"ok\" }", good, bad, "critical").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_place_of_an_answer_is_found_out() {
    let good = || json_body(&json!({ "status": "ok" }));
    check("content-type = \"application/json\"", good(), page(), "text/html").await;
    check("json = { status = \"ok\" }", good(), page(), "JSON").await;
    check("contains = \"\\\"ok\\\"\"", good(), page(), "ok").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed() {
    let login = format!("{URL}/healthz");
    let bad = json!({ "path": "/status", "status": 302, "headers": { "location": login } });
    check("status = 200", json_body(&json!({ "status": "ok" })), bad, "302").await;
}
