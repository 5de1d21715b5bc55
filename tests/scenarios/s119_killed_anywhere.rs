//! Scenario 119: the signal never reaches the program, and it is killed.
//!
//! In the wild: a program below a shell gets no signal at all when a workflow is cancelled; ten seconds later it is gone.
//!
//! Demanded: correctness does not rest on signals.
//! Killed at any call to AWS, before or after it was carried out, the next run comes to the right end: one registration
//! and one update in all for a good release, one update each way for a bad one, and a record that says so.

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::scenario::{Death, Shop, Way};

/// A shop whose tasks start at once, so that few looks are enough.
fn quick() -> Shop {
    let smoke = "[[components.api.smoke]]\nurl = \"ENDPOINT/_serve/111111111111/us-west-2/shop-dev/shop-api-dev/version\"\ndeadline = \"3s\"\nattempt-timeout = \"3s\"\n";
    let shop = ["1.0.0", "1.1.0"]
        .into_iter()
        .fold(Shop::new(), |shop, version| shop.image(version, &json!({ "healthy-after": 0 })));
    shop.knob("task-start", 1).knob("deprovision", 0).smoke(smoke)
}

/// Kills a promotion then, goes on as a person would, and asks what it came to; whether it had died.
async fn check(shop: Shop, death: Death, exit: Exit, updates: usize) -> bool {
    let mut play = shop.open().await;
    let mut last = play.promote_and_die("1.1.0", death).await;
    let died = last.is_none();
    if died {
        last = play.resume_if_open().await;
    }
    if last.as_ref().is_none_or(|told| told.exit != exit) {
        last = Some(play.promote("1.1.0").await);
    }
    let told = last.unwrap();
    told.ends(exit);
    let calls = play.stage.simulator.calls();
    let accepted = |operation: &str| calls.iter().filter(|call| call.operation == operation && call.accepted).count();
    assert_eq!(accepted("RegisterTaskDefinition"), 1, "{death:?}\n{}", told.story());
    assert_eq!(accepted("UpdateService"), updates, "{death:?}\n{}", told.story());
    let records = play.stage.records("dev").await.unwrap();
    assert_eq!(records.last().unwrap().outcome, told.report().outcome, "{death:?}");
    died
}

async fn everywhere(shop: impl Fn() -> Shop, exit: Exit, updates: usize) -> u64 {
    for number in 1..400 {
        let before = check(shop(), Death::Before(number), exit, updates).await;
        let after = check(shop(), Death::After(number), exit, updates).await;
        if !before && !after {
            return number - 1;
        }
    }
    panic!("a promotion makes less than 400 calls");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_release_is_brought_whenever_the_run_dies() {
    let calls = everywhere(quick, Exit::Done, 1).await;
    assert!(calls > 20, "only {calls} calls");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_release_is_put_back_whenever_the_run_dies() {
    let bad = || quick().image("1.1.0", &json!({ "routes": [{ "path": "/version", "status": 500 }] }));
    let calls = everywhere(bad, Exit::RolledBack, 2).await;
    assert!(calls > 25, "only {calls} calls");
}

/// A world: its name, the end that a promotion comes to in it, and how it is made.
type World = (&'static str, Exit, fn() -> Shop);

/// Worlds in which a promotion of 1.1.0 ends in every way that a rollout can.
fn worlds() -> Vec<World> {
    fn fails() -> Shop {
        Shop::new().image("1.1.0", &json!({ "fails-to-start": "CannotStartContainerError: no such file" }))
    }
    fn answers_badly() -> Shop {
        Shop::new().image("1.1.0", &json!({ "routes": [{ "path": "/version", "status": 500 }] }))
    }
    fn crashes() -> Shop {
        let patient = |container: &mut serde_json::Value| container["healthCheck"]["startPeriod"] = json!(120);
        let crashes = json!({ "exit-after": 20, "exit-code": 3, "healthy-after": 60 });
        Shop::new().service("circuit-breaker", "off").container(patient).image("1.1.0", &crashes)
    }
    vec![
        ("good", Exit::Done, Shop::new),
        ("good, old tasks stopped first", Exit::Done, || {
            Shop::new()
                .service("deployment-configuration", json!({ "minimumHealthyPercent": 0, "maximumPercent": 100 }))
        }),
        ("good, reads lag", Exit::Done, || {
            Shop::new().knob("describe-services-lag", 12).knob("service-deployments-lag", 20)
        }),
        ("no tasks wanted", Exit::Partial, || Shop::new().service("desired-count", 0).setting("allow-empty = true")),
        ("fails, breaker rolls back", Exit::RolledBack, fails),
        ("fails, breaker rolls back under a new id", Exit::RolledBack, || fails().knob("rollback-id", "new")),
        ("fails, breaker stops", Exit::RolledBack, || fails().service("circuit-breaker", "stop")),
        ("fails, no breaker", Exit::RolledBack, || fails().service("circuit-breaker", "off")),
        ("never healthy", Exit::RolledBack, || Shop::new().image("1.1.0", &json!({ "healthy-after": "never" }))),
        ("crash loop", Exit::RolledBack, crashes),
        ("answers badly", Exit::RolledBack, answers_badly),
        ("answers badly, reads lag", Exit::RolledBack, || {
            answers_badly().knob("describe-services-lag", 12).knob("service-deployments-lag", 20)
        }),
        ("the last of three fails", Exit::RolledBack, || {
            Shop::new().also("worker", &["api"]).also("web", &["worker"]).image_of(
                "web",
                "1.1.0",
                &json!({ "fails-to-start": "no such file" }),
            )
        }),
        ("blue/green", Exit::Done, || Shop::new().shifted(json!({ "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5 }))),
        ("blue/green, fails", Exit::RolledBack, || {
            fails().shifted(json!({ "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5 }))
        }),
        ("blue/green, answers badly", Exit::RolledBack, || {
            answers_badly().shifted(json!({ "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5 }))
        }),
        ("canary, crash loop", Exit::RolledBack, || {
            let canary = json!({ "canaryPercent": 10, "canaryBakeTimeInMinutes": 10 });
            crashes().shifted(json!({ "strategy": "CANARY", "bakeTimeInMinutes": 5, "canaryConfiguration": canary }))
        }),
        ("nothing to go back to", Exit::Stuck, || {
            fails().image("1.0.0", &json!({ "fails-to-start": "no such file" })).knob("backoff-start", 10)
        }),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_died_over_its_update_comes_to_the_same_end_as_one_that_lived() {
    for (name, exit, shop) in worlds() {
        for way in Way::BOTH {
            let mut play = shop().open().await;
            if exit == Exit::Stuck {
                play.lets_the_old_go();
            }
            let told = play.promote_by(way, "1.1.0").await;
            assert_eq!(told.exit, exit, "{name}, {way:?}\n{}", told.story());
        }
    }
}
