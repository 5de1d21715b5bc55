//! The demonstration and the main job, as a newcomer and a machine see them.

use std::process::Command;

use serde_json::Value;

use crate::shop::Shop;

#[test]
fn the_demo_tells_its_story_in_one_json_document() {
    let output = Command::new(env!("CARGO_BIN_EXE_towpath")).args(["demo", "--output", "json"]).output().unwrap();
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

#[test]
fn every_story_comes_to_what_it_is_told_to_come_to() {
    let stories = [
        ("circuit-breaker", "rolled_back", "health"),
        ("crash-loop", "rolled_back", "start and end again"),
        ("slow", "succeeded", "proven by digest"),
        ("unpullable", "rolled_back", "may not be pulled"),
        ("secret-missing", "rolled_back", "secret"),
        ("out-of-memory", "rolled_back", "memory"),
        ("throttled", "succeeded", "proven by digest"),
        ("superseded", "superseded", "replaced by another deployment of the same revision"),
        ("deadlock", "refused", "maximumPercent 120"),
    ];
    // They wait more than they work, so they play side by side.
    let playing: Vec<_> = stories
        .map(|(name, outcome, word)| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_towpath"));
            command.args(["demo", "--story", name, "--output", "json"]);
            let told = std::thread::spawn(move || command.output().unwrap());
            (name, outcome, word, told)
        })
        .into_iter()
        .collect();
    for (name, outcome, word, told) in playing {
        let output = told.join().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{name}: {said}");
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["promotions"][0]["outcome"], outcome, "{name}: {said}");
        assert!(said.contains(word), "{name}: {said}");
    }
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
