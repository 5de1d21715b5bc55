//! Scenario 96: a missing or empty directory wipes the bucket.
//!
//! In the wild: the disk was not mounted, or the build had failed; a sync with deletion took that for the new site.
//!
//! Demanded: such a directory makes no release; a release that is far smaller than what is live is refused.

use std::collections::BTreeMap;

use towpath_cli::Exit;
use towpath_tests::scenario::{SiteShop, build};

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_is_missing_empty_or_half_built_makes_no_release() {
    let play = SiteShop::new().open().await;
    play.publish("1.0.0").await.ends(Exit::Done);
    let directory = play.directory();
    std::fs::remove_dir_all(&directory).unwrap();
    let missing = play.release_here("1.1.0").await.unwrap_err().to_string();
    assert!(missing.contains("it does not exist: was the site built?"), "{missing}");
    std::fs::create_dir_all(&directory).unwrap();
    let empty = play.release_here("1.1.0").await.unwrap_err().to_string();
    assert!(empty.contains("it has no files: was the site built?"), "{empty}");
    std::fs::write(directory.join("app.js"), "1").unwrap();
    let half = play.release_here("1.1.0").await.unwrap_err().to_string();
    assert!(half.contains("`index.html` is missing or empty"), "{half}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_shrinks_too_much_is_refused_before_anything_is_written() {
    let play = SiteShop::new().open().await;
    let mut files = build("1.0.0");
    files.extend((0..100).map(|at| (format!("page-{at}.html"), "<p>".to_owned())));
    play.release_of("1.0.0", &files).await;
    play.promote("1.0.0").await.ends(Exit::Done);
    let few: BTreeMap<String, String> = build("1.1.0");
    play.release_of("1.1.0", &few).await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Refused).says("is the build whole?");
    assert_eq!(told.written().len() + told.accepted("DeleteObjects").len(), 0, "{}", told.story());
}
