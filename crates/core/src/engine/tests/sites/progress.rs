//! How far files have come: told at most once a second, and not at all where they are there at once.

use std::time::Duration;

use crate::engine::Notice;

use super::*;

/// What was told of a promotion of 1.1.0 in which every write takes that long: files and bytes, each with all of them.
fn told(takes: Duration) -> Vec<(u64, u64, u64, u64)> {
    let mut stage = SiteStage::alone();
    stage.live("1.0.0", "p-1");
    stage.release("1.1.0");
    stage.stage.ports.takes("bucket:upload", takes);
    let seen = stage.stage.watcher.notices().len();
    assert_eq!(stage.promote("1.1.0", "p-2").outcome, Outcome::Succeeded);
    let carried = |notice: Notice| match notice {
        Notice::Carried { component, files, of_files, bytes, of_bytes } => {
            assert_eq!(component, web());
            Some((files, of_files, bytes, of_bytes))
        }
        Notice::Happened { .. }
        | Notice::Looked { .. }
        | Notice::Said { .. }
        | Notice::TaskFailed { .. }
        | Notice::Tried { .. }
        | Notice::Trouble { .. } => None,
    };
    stage.stage.watcher.notices().split_off(seen).into_iter().filter_map(carried).collect()
}

#[test]
fn what_is_there_at_once_is_not_told_on_the_way() {
    assert_eq!(told(Duration::ZERO), []);
}

#[test]
fn what_takes_its_time_is_told_by_files_and_bytes_of_all_that_is_written_now() {
    let built = build("1.1.0");
    let size = |path: &str| u64::try_from(built[path].len()).unwrap();
    let (script, pages) = (size("assets/app-110aaaaa.js"), size("index.html") + size("about.html"));
    let told = told(Duration::from_secs(2));
    let (before, switch): (Vec<_>, Vec<_>) = told.iter().partition(|(_, of_files, ..)| *of_files == 1);
    assert!(before.iter().all(|(_, _, bytes, all)| bytes <= all && *all == script), "{told:?}");
    assert!(switch.iter().all(|(_, files, bytes, all)| bytes <= all && (*files, *all) == (2, pages)), "{told:?}");
    assert!(!before.is_empty() && switch.len() >= 2, "{told:?}");
    assert!(switch.is_sorted(), "it never goes back: {told:?}");
}
