//! Scenario 101: a bulk deletion answers 200 with errors in it.
//!
//! In the wild: `DeleteObjects` said 200, and two of a thousand keys were denied; the tool said "deleted 1000".
//!
//! Demanded: the answer is read key by key; what is left is told, and takes nothing from the release, which is proven.

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::scenario::{BUCKET, SiteShop};

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_may_not_be_deleted_are_told_and_the_release_serves() {
    let denial =
        json!([{ "actions": ["s3:DeleteObject"], "bucket": BUCKET, "prefix": "assets/", "account": "111111111111" }]);
    let play =
        SiteShop::new().setting("keep = 1").world(|world| world["s3"] = json!({ "denials": denial })).open().await;
    for version in ["1.0.0", "1.1.0"] {
        play.publish(version).await.ends(Exit::Done);
    }
    let told = play.publish("1.2.0").await;
    told.ends(Exit::Done).mentions("1 of 1 old files could not be deleted").mentions("assets/app-100ab12c.js");
    assert!(play.keys().await.contains(&"assets/app-100ab12c.js".to_owned()));
    assert!(play.visit("").await.2.contains("1.2.0"));
}
