//! What the fuzz targets begin with, through the same functions: so that neither gets out of date unseen.

#[path = "../../../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "they are the fuzz crate's, where they are public")]
mod targets;

use std::{fs, path::Path};

/// Runs every seed of a target, of which there are some. All but those called `mistakes` are read as what they are.
fn check(target: &str, run: fn(&[u8]) -> bool) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(target);
    let seeds: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!seeds.is_empty(), "{}", folder.display());
    for seed in seeds {
        let is_read = run(&fs::read(&seed).unwrap());
        assert_eq!(is_read, !seed.to_string_lossy().contains("mistakes"), "{}", seed.display());
    }
}

#[test]
fn every_configuration_is_an_application_or_mistakes() {
    check("configuration", targets::configuration::run);
}

#[test]
fn every_task_definition_is_sent_as_it_was_read() {
    check("task_definition", targets::task_definition::run);
}

#[test]
fn every_answer_is_read_or_refused() {
    check("answers", targets::answers::run);
}

#[test]
fn whatever_a_store_hands_back_is_read_or_refused() {
    check("stored", targets::stored::run);
}
