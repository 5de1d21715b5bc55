//! What is open in an environment: waited for, gone on with after a person's word, drilled.

use std::process::Child;

use serde_json::json;

use crate::shop::{COMMIT, Ran, Shop, until};

fn ended(child: Child) -> Ran {
    Ran::of(child.wait_with_output().unwrap())
}

#[test]
fn what_somebody_works_on_is_followed_to_its_end() {
    let shop = Shop::slow(120);
    shop.create_releases();
    let runner = shop.begin("promote dev --release 1.1.0");
    until("the lease is taken", || shop.events("dev") >= 3);
    let too_soon = shop.run("wait dev --timeout 1s --output json");
    assert_eq!(too_soon.code, 7, "{too_soon:?}");
    assert_eq!(too_soon.document()["next"], "towpath wait dev");
    let followed = shop.run("wait dev --events followed.ndjson");
    let worked = ended(runner);
    assert_eq!((worked.code, followed.code), (0, 0), "{worked:?} {followed:?}");
    assert_eq!(followed.stdout, worked.stdout, "both tell the same end");
    for words in ["is at work on", "dev: promotion of 1.1.0", "api: rolled out", "record"] {
        assert!(followed.stderr.contains(words), "`{words}`: {}", followed.stderr);
    }
    let events = std::fs::read_to_string(shop.path().join("followed.ndjson")).unwrap();
    assert!(events.lines().any(|line| line.contains("\"phase\":\"rolling out\"")), "{events}");
    assert_eq!(shop.accepted("UpdateService"), 1);
}

#[test]
fn what_nobody_works_on_any_more_is_gone_on_with() {
    let shop = Shop::slow(120);
    shop.create_releases();
    let runner = shop.begin("promote dev --release 1.1.0");
    until("ECS rolls it out", || shop.accepted("UpdateService") == 1);
    crate::interrupt::signal(&runner, "INT");
    assert_eq!(ended(runner).code, 130);
    let waited = shop.run("wait dev --output json");
    assert_eq!(waited.code, 0, "{waited:?}");
    assert_eq!(waited.document()["outcome"], "succeeded");
    let nothing = shop.run("wait dev");
    assert_eq!(nothing.code, 0, "{nothing:?}");
    assert!(nothing.stdout.contains("nothing is open"), "{nothing:?}");
    assert_eq!(shop.accepted("UpdateService"), 1);
}

/// A promotion into an environment whose rollouts wait for a person.
fn waiting() -> Shop {
    let shop = Shop::waiting_in_dev();
    shop.create_releases();
    assert!(shop.run("continue dev --yes").stdout.contains("nothing waits"));
    let held = shop.run("promote dev --release 1.1.0");
    assert_eq!(held.code, 7, "{held:?}");
    assert!(held.stdout.contains("towpath continue dev"), "{held:?}");
    assert_eq!(shop.run("continue dev").code, 2, "nobody can be asked, so it must be confirmed beforehand");
    assert_eq!(shop.accepted("ContinueServiceDeployment"), 0);
    shop
}

#[test]
fn a_person_lets_a_rollout_go_on() {
    let shop = waiting();
    let went_on = shop.run("continue dev --yes");
    assert_eq!(went_on.code, 0, "{went_on:?}");
    assert!(went_on.stderr.contains("of stage POST_TEST_TRAFFIC_SHIFT"), "{went_on:?}");
    assert_eq!(shop.accepted("ContinueServiceDeployment"), 1);
    assert!(shop.run("status dev").stdout.contains("1.1.0"));
}

#[test]
fn a_person_puts_a_rollout_back() {
    let shop = waiting();
    let back = shop.run("continue dev --rollback --yes --output json");
    assert_eq!(back.code, 5, "{back:?}");
    assert!(back.document()["reason"].as_str().unwrap().contains("a person declined it"), "{back:?}");
    let status = shop.run("status dev").stdout;
    assert!(status.contains("steady") && !status.contains("1.1.0"), "{status}");
}

#[test]
fn a_drill_is_passed_where_the_bad_copy_is_found_and_what_served_comes_back() {
    let shop = Shop::open();
    shop.create_releases();
    assert_eq!(shop.run("promote dev --release 1.1.0").code, 0);
    let refused = shop.run("drill dev --yes");
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.stderr.contains("drill = true"), "{refused:?}");
    shop.configure("[environments.dev]", "[environments.dev]\ndrill = true");
    let image = json!({
        "repository": "shop-api", "account": "111111111111", "region": "us-west-2", "tags": ["1.1.0"],
        "behaviour": { "version": "1.1.0", "commit": COMMIT[0].1, "fails-to-start": "CannotStartContainerError: no such file" },
    });
    shop.simulator.set_image(&serde_json::from_value(image).unwrap()).unwrap();
    let drill = shop.run("drill dev --yes --output json");
    assert_eq!(drill.code, 0, "{drill:?}");
    let document = drill.document();
    assert_eq!(
        (document["drill"]["is_passed"].as_bool(), document["outcome"].as_str()),
        (Some(true), Some("rolled_back"))
    );
    let shown = &document["drill"]["components"][0];
    assert!(shown["found_by"].is_string() && shown["found_after_seconds"].is_u64(), "{shown}");
    assert!(shown["restored_by"].is_string() && shown["restored_after_seconds"].is_u64(), "{shown}");
    let status = shop.run("status dev").stdout;
    assert!(status.contains("1.1.0") && status.contains("steady"), "{status}");
    assert!(shop.run("history dev").stdout.contains("drill"));
}
