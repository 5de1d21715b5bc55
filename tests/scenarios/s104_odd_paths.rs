//! Scenario 104: the paths of an invalidation.
//!
//! In the wild: raw paths with `~`, spaces or quotation marks were refused; `*` that was encoded was taken and forgot
//! nothing.
//!
//! Demanded: paths are encoded, doubtful ones become their folder's wildcard, and visitors get the new files.

use towpath_cli::Exit;
use towpath_tests::scenario::{SiteShop, build};

#[tokio::test(flavor = "multi_thread")]
async fn odd_names_are_forgotten_by_the_edges_too() {
    let odd = ["docs/a b.html", "docs/~c.html", "docs/it's.html", "docs/\u{fc}.html"];
    let play = SiteShop::new().world(|world| world["distributions"][0]["min-ttl"] = 86_400.into()).open().await;
    for version in ["1.0.0", "1.1.0"] {
        let mut files = build(version);
        files.extend(odd.iter().map(|path| ((*path).to_owned(), format!("<p>{version}"))));
        play.release_of(version, &files).await;
        play.promote(version).await.ends(Exit::Done);
        for path in ["docs/a%20b.html", "docs/~c.html", "docs/it's.html", "docs/%C3%BC.html", "", "about.html"] {
            let (status, _, body) = play.visit(path).await;
            assert!(status == 200 && body.contains(version), "{path} of {version}: {status} {body}");
        }
    }
}
