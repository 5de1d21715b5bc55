//! Scenario 97: deletions outside of the prefix.
//!
//! In the wild: a bucket was shared by several sites; `app` matched `app2` too, or everything that the tool had not
//! uploaded was deleted.
//!
//! Demanded: only what Towpath wrote below the prefix, with its slash, is ever deleted.

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::scenario::{BUCKET, SiteShop};

#[tokio::test(flavor = "multi_thread")]
async fn what_others_have_in_the_bucket_is_never_touched() {
    let theirs = ["app2/x", "other", "app/by-hand.txt", "application"];
    let objects: Vec<_> = theirs.iter().map(|key| json!({ "bucket": BUCKET, "key": key, "body": "theirs" })).collect();
    let shop = SiteShop::new().prefix("app").setting("keep = 1").world(|world| {
        world["objects"] = json!(objects);
        world["distributions"][0]["error-pages"] = json!([]);
    });
    let play = shop.open().await;
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        play.release_of(version, &towpath_tests::scenario::build(version)).await;
        play.promote(version).await.ends(Exit::Done);
    }
    let keys = play.keys().await;
    for key in theirs {
        assert!(keys.contains(&key.to_owned()), "{key}: {keys:?}");
    }
    assert!(!keys.contains(&"app/assets/app-100ab12c.js".to_owned()), "what is ours is deleted: {keys:?}");
}
