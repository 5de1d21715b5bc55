//! Scenario 72: deploying to the wrong account.
//!
//! In the wild: the account that was deployed to was whichever the credentials happened to be of, and nobody compared it.
//!
//! Demanded: the account is known before anything is changed, and a mismatch is refused. Whose credentials they are is
//! compared by every command (`tests/tests/e2e/bad_input.rs`); here it is whose bucket it is, which names alone do not
//! tell: whoever deletes a bucket leaves its name to everybody.

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::scenario::{BUCKET, SiteShop};

/// The bucket belongs to somebody else, who lets everybody do everything there.
fn somebody_elses() -> SiteShop {
    let policy = json!({ "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "s3:*",
        "Resource": [format!("arn:aws:s3:::{BUCKET}"), format!("arn:aws:s3:::{BUCKET}/*")],
    }] });
    SiteShop::new().world(|world| {
        world["buckets"][0]["account"] = "999999999999".into();
        world["buckets"][0]["policy"] = policy.to_string().into();
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_to_a_bucket_that_somebody_else_has_under_the_name() {
    let play = somebody_elses().open().await;
    let told = play.publish("1.0.0").await;
    told.ends(Exit::Refused).says("the bucket shop-web-dev does not belong to account 111111111111");
    assert_eq!(told.written(), [] as [String; 0], "{}", told.story());
    assert_eq!(told.requests(), 2, "as the environment's, and without an owner\n{}", told.story());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_of_another_account_is_published_to_where_that_is_configured() {
    let play = somebody_elses().setting("bucket-account = \"999999999999\"").open().await;
    play.publish("1.0.0").await.ends(Exit::Done);
    assert!(play.visit("").await.2.contains("1.0.0"));
}
