//! Scenario 94: the start page is live before its bundle.
//!
//! In the wild: files were uploaded in the order of a listing; for minutes, the new page asked for scripts that were not
//! there yet.
//!
//! Demanded: whatever is referred to is there before what refers to it, the entry comes last, and then the marker. That
//! it holds after every single write, with refusals and deaths between, is shown by the engine's own tests.

use std::collections::BTreeMap;

use towpath_cli::Exit;
use towpath_tests::scenario::SiteShop;

#[tokio::test(flavor = "multi_thread")]
async fn the_entry_is_written_after_all_that_it_refers_to() {
    let play = SiteShop::new().open().await;
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        let told = play.publish(version).await;
        told.ends(Exit::Done);
        let written = told.written();
        let at = |key: &str| written.iter().position(|one| one == key).unwrap_or_else(|| panic!("{key}: {written:?}"));
        let script = format!("assets/app-{}ab12c.js", version.replace('.', ""));
        assert!(at(&script) < at("about.html") && at(&script) < at("index.html"), "{written:?}");
        assert!(at("about.html") < at("index.html"), "{written:?}");
        assert_eq!(written.last().unwrap(), ".towpath/site.json", "{written:?}");
        assert!(play.visit("").await.2.contains(version));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_goes_back_within_as_many_requests_as_documents() {
    let play = SiteShop::new().open().await;
    play.publish("1.0.0").await.ends(Exit::Done);
    play.publish("1.1.0").await.ends(Exit::Done);
    std::fs::remove_dir_all(play.directory()).unwrap();
    let told = play.restore().await;
    told.ends(Exit::Done);
    assert_eq!(told.written(), ["about.html", "index.html", ".towpath/site.json"], "{}", told.story());
    assert!(play.visit("").await.2.contains("1.0.0") && play.visit("about.html").await.2.contains("1.0.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_changed_is_one_request_and_changed_files_are_one_each_and_two_for_the_marker() {
    let play = SiteShop::new().open().await;
    play.publish("1.0.0").await.ends(Exit::Done);
    let told = play.promote("1.0.0").await;
    told.ends(Exit::Done);
    assert!(told.requests() <= 2, "{} requests\n{}", told.requests(), told.story());
    let told = play.publish("1.1.0").await;
    told.ends(Exit::Done);
    assert_eq!(told.requests(), 5, "three files and the marker twice\n{}", told.story());
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_changed_files_are_twenty_two_requests_and_one_more_for_each_thousand_that_go() {
    let play = SiteShop::new().setting("keep = 1").setting("largest-share = 100").open().await;
    play.release_of("1.0.0", &pages("1.0.0", 1_001)).await;
    play.promote("1.0.0").await.ends(Exit::Done);
    play.release_of("1.1.0", &pages("1.1.0", 0)).await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done);
    assert_eq!(told.requests(), 22, "twenty files and the marker twice\n{}", told.story());
    play.release_of("1.2.0", &pages("1.2.0", 0)).await;
    let told = play.promote("1.2.0").await;
    told.ends(Exit::Done);
    assert_eq!(told.accepted("DeleteObjects").len(), 2, "{}", told.story());
    assert_eq!(told.requests(), 24, "twenty files, the marker twice, and 1,001 files that go\n{}", told.story());
}

/// Twenty pages that are others in each version, sixty files that never change, and scripts that later builds do without.
fn pages(version: &str, scripts: usize) -> BTreeMap<String, String> {
    let page = |at: usize| (format!("page-{at}.html"), format!("<!doctype html>page {at} of {version}"));
    let image = |at: usize| (format!("image-{at}.svg"), format!("<svg id='{at}'/>"));
    let script = |at: usize| (format!("assets/part-{at:08x}.js"), format!("console.log({at})"));
    let entry = ("index.html".to_owned(), format!("<!doctype html>{version}"));
    let pages = (1..20).map(page).chain((0..60).map(image)).chain((0..scripts).map(script));
    pages.chain([entry]).collect()
}
