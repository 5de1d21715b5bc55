//! The store in a folder keeps its guarantees in one process and across several, one of them killed.
//!
//! The contenders are copies of this test executable, told by an environment variable to do their part.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it was made")]

use std::{
    io::Read as _,
    path::Path,
    process::{Child, Command, Stdio},
};

use towpath_core::ports::{Revision, Store as _, StoreError, StoreKey, conformance};
use towpath_host::DirectoryStore;

const CONTENDER: &str = "TOWPATH_TEST_STORE";
const KEYS: usize = 20;
const STEPS: usize = 25;

fn key(name: &str) -> StoreKey {
    name.parse().unwrap()
}

#[tokio::test]
async fn a_folder_keeps_the_guarantees_of_a_store() {
    let folder = tempfile::tempdir().unwrap();
    conformance::check(&DirectoryStore::new(folder.path().join("not/yet/there"))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_folder_keeps_the_guarantees_with_several_threads() {
    let folder = tempfile::tempdir().unwrap();
    conformance::check(&DirectoryStore::new(folder.path())).await.unwrap();
}

#[tokio::test]
async fn content_that_comes_back_is_another_state() {
    let folder = tempfile::tempdir().unwrap();
    let store = DirectoryStore::new(folder.path());
    let mut seen: Vec<Revision> = vec![store.create(&key("a"), b"same").await.unwrap()];
    for _ in 0..50 {
        let next = store.replace(&key("a"), b"same", seen.last().unwrap()).await.unwrap();
        assert!(!seen.contains(&next));
        seen.push(next);
    }
}

#[tokio::test]
async fn what_a_killed_process_leaves_behind_is_not_seen() {
    let folder = tempfile::tempdir().unwrap();
    let store = DirectoryStore::new(folder.path());
    store.create(&key("records/1"), b"whole").await.unwrap();
    for leftover in [".unfinished-abc123", ".lock", "notes~", "with space"] {
        std::fs::write(folder.path().join("records").join(leftover), "part").unwrap();
    }
    std::fs::create_dir(folder.path().join("records/.hidden")).unwrap();
    std::fs::write(folder.path().join("records/.hidden/2"), "part").unwrap();
    assert_eq!(store.list(&key("records")).await.unwrap(), [key("records/1")]);
}

#[tokio::test]
async fn nothing_is_left_beside_the_objects() {
    let folder = tempfile::tempdir().unwrap();
    let store = DirectoryStore::new(folder.path());
    let state = store.create(&key("records/1"), b"1").await.unwrap();
    store.create(&key("records/1"), b"2").await.unwrap_err();
    store.replace(&key("records/1"), b"3", &state).await.unwrap();
    store.replace(&key("records/1"), b"4", &state).await.unwrap_err();
    let names: Vec<_> = std::fs::read_dir(folder.path().join("records")).unwrap().collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

#[tokio::test]
async fn a_store_that_cannot_be_written_says_where_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "in the way").unwrap();
    let store = DirectoryStore::new(folder.path().join("file"));
    assert!(store.get(&key("a")).await.unwrap().is_none());
    let error = store.create(&key("a"), b"x").await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { action: "create", .. }), "{error:?}");
    let place = folder.path().join("file").display().to_string();
    assert!(error.to_string().contains(&format!("in file:{place}: {place}/a: ")), "{error}");
    assert!(error.to_string().ends_with("move away what is in the way there"), "{error}");
}

#[tokio::test]
async fn several_processes_have_one_winner_each_time_and_lose_no_step() {
    let folder = tempfile::tempdir().unwrap();
    let store = DirectoryStore::new(folder.path());
    store.create(&key("counter"), b"0").await.unwrap();
    let contenders: Vec<Child> = (0..4).map(|_| contender(folder.path(), "fair")).collect();
    let won: usize = contenders.into_iter().map(wins).sum();
    assert_eq!(won, KEYS, "each key has one creator");
    assert_eq!(store.list(&key("created")).await.unwrap().len(), KEYS);
    let counter = store.get(&key("counter")).await.unwrap().unwrap();
    assert_eq!(String::from_utf8(counter.bytes).unwrap(), (4 * STEPS).to_string());
}

#[tokio::test]
async fn a_process_killed_at_work_blocks_nobody_and_leaves_nothing_torn() {
    let folder = tempfile::tempdir().unwrap();
    let store = DirectoryStore::new(folder.path());
    store.create(&key("counter"), b"0").await.unwrap();
    for _ in 0..10 {
        let mut child = contender(folder.path(), "endless");
        let mut output = child.stdout.take().unwrap();
        output.read_exact(&mut [0; 64]).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let stored = store.get(&key("counter")).await.unwrap().unwrap();
        let number: usize = String::from_utf8(stored.bytes).unwrap().parse().expect("a whole number");
        store.replace(&key("counter"), (number + 1).to_string().as_bytes(), &stored.revision).await.unwrap();
    }
}

/// Another process that works on the same folder.
fn contender(folder: &Path, manner: &str) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "the_other_process_does_its_part", "--nocapture"]);
    command.env(CONTENDER, format!("{manner}:{}", folder.display())).stdout(Stdio::piped()).spawn().unwrap()
}

fn wins(contender: Child) -> usize {
    let output = contender.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().matches("won a key").count()
}

/// Does nothing unless it was started by one of the tests above.
#[tokio::test]
async fn the_other_process_does_its_part() {
    let Ok(asked) = std::env::var(CONTENDER) else {
        return;
    };
    let (manner, folder) = asked.split_once(':').unwrap();
    let store = DirectoryStore::new(folder);
    if manner == "endless" {
        loop {
            count(&store).await;
            println!("counted once more");
        }
    }
    for number in 0..KEYS {
        match store.create(&key(&format!("created/{number}")), folder.as_bytes()).await {
            Ok(_) => println!("won a key"),
            Err(error) => assert!(matches!(error, StoreError::AlreadyThere(_)), "{error}"),
        }
    }
    for _ in 0..STEPS {
        count(&store).await;
    }
}

/// One step that is not lost, however many take one.
async fn count(store: &DirectoryStore) {
    loop {
        let stored = store.get(&key("counter")).await.unwrap().unwrap();
        let number: usize = String::from_utf8(stored.bytes).unwrap().parse().unwrap();
        match store.replace(&key("counter"), (number + 1).to_string().as_bytes(), &stored.revision).await {
            Ok(_) => return,
            Err(error) => assert!(matches!(error, StoreError::Changed(_)), "{error}"),
        }
    }
}
