//! Scenario 94: the start page is live before its bundle.
//!
//! In the wild: files were uploaded in the order of a listing; for minutes, the new page asked for scripts that were not
//! there yet.
//!
//! Demanded: whatever is referred to is there before what refers to it, the entry comes last, and then the marker. That
//! it holds after every single write, with refusals and deaths between, is shown by the engine's own tests.

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
