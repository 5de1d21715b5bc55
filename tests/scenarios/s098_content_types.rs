//! Scenario 98: content types come from the machine.
//!
//! In the wild: fonts, modules and style sheets got the type that the machine's tables had, or none; with `nosniff`
//! browsers refused them.
//!
//! Demanded: a table of our own, with charsets; what nobody knows is `application/octet-stream`.

use towpath_cli::Exit;
use towpath_tests::scenario::{SiteShop, build};

#[tokio::test(flavor = "multi_thread")]
async fn every_file_has_the_type_that_browsers_want() {
    let expected = [
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.mjs", "text/javascript; charset=utf-8"),
        ("a.css", "text/css; charset=utf-8"),
        ("a.svg", "image/svg+xml; charset=utf-8"),
        ("a.woff2", "font/woff2"),
        ("a.wasm", "application/wasm"),
        ("a.json", "application/json"),
        ("a.webmanifest", "application/manifest+json"),
        ("a.txt", "text/plain; charset=utf-8"),
        ("index.html", "text/html; charset=utf-8"),
        ("blob", "application/octet-stream"),
    ];
    let play = SiteShop::new().open().await;
    let mut files = build("1.0.0");
    for (path, _) in expected.iter().filter(|(path, _)| *path != "index.html") {
        files.insert((*path).to_owned(), "x".to_owned());
    }
    play.release_of("1.0.0", &files).await;
    play.promote("1.0.0").await.ends(Exit::Done);
    for (path, content_type) in expected {
        let (status, found, _) = play.visit(path).await;
        assert_eq!((status, found.as_str()), (200, content_type), "{path}");
    }
}
