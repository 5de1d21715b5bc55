//! The demonstration and the main job, as a newcomer and a machine see them.

use std::process::Command;

use serde_json::Value;

use crate::shop::Shop;

#[test]
fn the_demo_tells_its_story_in_one_json_document() {
    let output = Command::new(env!("CARGO_BIN_EXE_towpath"))
        .args(["demo", "--speed", "1e9", "--output", "json"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let promotions = document["promotions"].as_array().unwrap();
    let told: Vec<String> = promotions
        .iter()
        .map(|one| {
            format!(
                "{} {} {}",
                one["release"].as_str().unwrap(),
                one["environment"].as_str().unwrap(),
                one["outcome"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "1.1.0 dev succeeded",
            "1.1.0 staging succeeded",
            "1.1.0 production succeeded",
            "1.2.0 dev succeeded",
            "1.2.0 staging succeeded",
            "1.2.0 production rolled_back",
        ]
    );
    for promotion in promotions {
        let record = &promotion["record"];
        for field in ["timestamp_utc", "environment", "digest", "image_uri", "status", "actor", "sha"] {
            assert!(record[field].is_string(), "{field}: {record}");
        }
        for field in ["run_id", "run_attempt", "repo", "workflow", "ref"] {
            assert!(record.get(field).is_some(), "{field}");
        }
    }
}

/// How each run of a story ends, and what is said of it.
const STORIES: [(&str, &[&str], &str); 17] = [
    ("circuit-breaker", &["rolled_back"], "health"),
    ("crash-loop", &["rolled_back"], "start and end again"),
    ("slow", &["succeeded"], "proven by digest"),
    ("unpullable", &["rolled_back"], "may not be pulled"),
    ("secret-missing", &["rolled_back"], "secret"),
    ("out-of-memory", &["rolled_back"], "memory"),
    ("throttled", &["succeeded"], "proven by digest"),
    ("superseded", &["superseded"], "replaced by another deployment of the same revision"),
    ("deadlock", &["refused"], "maximumPercent 120"),
    ("cancelled", &["interrupted", "rolled_back"], "was asked to put back what served of api"),
    ("blue-green", &["succeeded"], "proven by digest"),
    ("canary", &["succeeded"], "proven by digest"),
    ("pause", &["inconclusive", "succeeded"], "of stage POST_TEST_TRAFFIC_SHIFT for a person"),
    ("alarm", &["rolled_back"], "alarm"),
    ("capacity", &["inconclusive", "succeeded"], "unable to place a task"),
    ("lost-answer", &["succeeded"], "looking whether ECS carried it out"),
    ("site", &["succeeded", "rolled_back"], "version.json"),
];

fn check(name: &str, outcomes: &[&str], word: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_towpath"));
    let output = command.args(["demo", "--speed", "1e9", "--story", name, "--output", "json"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{name}: {said}");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let ended = document["promotions"].as_array().unwrap().iter().map(|one| one["outcome"].as_str().unwrap());
    assert_eq!(ended.collect::<Vec<_>>(), outcomes, "{name}: {said}");
    assert!(said.contains(word), "{name}: {said}");
}

#[test]
fn every_story_comes_to_what_it_is_told_to_come_to() {
    // They wait for their disks more than they work, so some play side by side.
    std::thread::scope(|scope| {
        for some in STORIES.chunks(4) {
            scope.spawn(move || some.iter().for_each(|(name, outcomes, word)| check(name, outcomes, word)));
        }
    });
}

#[test]
fn every_story_is_checked_here() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_towpath")).args(["demo", "--story", "none-of-them"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let named = said.split_once("possible values: ").unwrap().1.split_once(']').unwrap().0;
    let checked = STORIES.map(|(name, ..)| name).join(", ");
    assert_eq!(named, checked);
}

#[test]
fn the_exit_code_and_the_events_tell_a_machine_what_happened() {
    let shop = Shop::bad_in_dev();
    shop.create_releases();
    let ran = shop.run("promote dev --release 1.2.0 --output json --events events.ndjson");
    assert_eq!(ran.code, 5, "{}", ran.stderr);
    assert_eq!(ran.document()["outcome"], "rolled_back");
    let events = std::fs::read_to_string(shop.path().join("events.ndjson")).unwrap();
    let names: Vec<String> = events
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter_map(|notice| Some(notice.get("event")?.get("event")?.as_str()?.to_owned()))
        .collect();
    for name in [
        "decided",
        "leased",
        "checked",
        "registered",
        "update-accepted",
        "rolled-out",
        "failed",
        "rollback-began",
        "rolled-back",
        "concluded",
    ] {
        assert!(names.iter().any(|one| one == name), "{name}: {names:?}");
    }
    assert_eq!(shop.run("promote production --release 1.1.0").code, 4);
}
