//! Scenario 100: links, unreadable and vanishing files.
//!
//! In the wild: a dangling link failed the whole sync even where it was left out; a file that was rewritten meanwhile was
//! uploaded half old, half new.
//!
//! Demanded: everything that is wrong is told at once, before anything is written; what is left out is no problem; a file
//! that changed after the release was made is never published.

use towpath_cli::Exit;
use towpath_tests::scenario::{SiteShop, build};

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn links_that_lead_nowhere_or_out_are_told_at_once_and_left_out_where_that_is_configured() {
    use std::os::unix::fs::symlink;
    let play = SiteShop::new().open().await;
    play.release_of("1.0.0", &build("1.0.0")).await;
    symlink("nowhere", play.directory().join("dangling")).unwrap();
    symlink("/etc/hostname", play.directory().join("outside")).unwrap();
    let told = play.release_here("1.1.0").await.unwrap_err().to_string();
    assert!(told.contains("`dangling`") && told.contains("`outside`"), "{told}");
    let play = SiteShop::new().setting("exclude = [\"dangling\"]").open().await;
    play.release_of("1.0.0", &build("1.0.0")).await;
    symlink("nowhere", play.directory().join("dangling")).unwrap();
    play.release_here("1.1.0").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_changed_after_the_release_is_not_published() {
    let play = SiteShop::new().open().await;
    play.release_of("1.0.0", &build("1.0.0")).await;
    std::fs::write(play.directory().join("robots.txt"), "changed").unwrap();
    let told = play.promote("1.0.0").await;
    told.ends(Exit::Refused).mentions("its bytes are looked for elsewhere");
    assert_eq!(told.written().len(), 0, "{}", told.story());
}
