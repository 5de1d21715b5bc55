//! Scenario 91: a change of equal size and older time is not uploaded.
//!
//! In the wild: sync tools compare size and time; a checkout or a reproducible build sets times of its own, so a changed
//! page stayed old, and an unchanged one was uploaded again.
//!
//! Demanded: only the content counts.

use std::{
    fs::File,
    time::{Duration, SystemTime},
};

use towpath_cli::Exit;
use towpath_tests::scenario::{SiteShop, build};

#[tokio::test(flavor = "multi_thread")]
async fn only_the_content_counts() {
    let play = SiteShop::new().open().await;
    play.publish("1.0.0").await.ends(Exit::Done);
    let mut files = build("1.0.0");
    files.insert("robots.txt".to_owned(), "User-agent: x\n".to_owned());
    play.release_of("1.1.0", &files).await;
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    for path in ["robots.txt", "index.html"] {
        let file = File::options().write(true).open(play.directory().join(path)).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done);
    assert_eq!(told.written(), ["robots.txt", ".towpath/site.json"], "{}", told.story());
    assert!(play.visit("robots.txt").await.2.contains("User-agent: x"));
}
