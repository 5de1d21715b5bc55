//! Scenario 75: the image to go back to, or to scale out with, is gone.
//!
//! In the wild: lifecycle rules expired the digest that production ran; the next new task could not be pulled, and a
//! rollback had nothing to go back to.
//!
//! Demanded: both images are looked for before anything is changed; a rule that may delete them is told of there; every image that serves has a tag of its own, by
//! which one lifecycle rule keeps it from all others; not being allowed to tag is told as that.

use std::time::Duration;

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::scenario::{Shop, denied};

/// One image of a version is kept, and none without a tag; but whatever serves is.
const RULE: &str = r#"{"rules":[{"rulePriority":1,"selection":{"tagStatus":"tagged","tagPrefixList":["deployed-"],"countType":"imageCountMoreThan","countNumber":1000},"action":{"type":"expire"}},{"rulePriority":2,"selection":{"tagStatus":"tagged","tagPrefixList":["1."],"countType":"imageCountMoreThan","countNumber":1},"action":{"type":"expire"}},{"rulePriority":3,"selection":{"tagStatus":"untagged","countType":"imageCountMoreThan","countNumber":1},"action":{"type":"expire"}}]}"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_serves_and_what_it_would_go_back_to_outlive_lifecycle_rules() {
    let rules = json!([{ "name": "shop-api", "lifecycle-policy": RULE }]);
    let play = Shop::new().world(|world| world["repositories"] = rules).open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done);
    let tagged: Vec<_> = told.inputs("PutImage").iter().map(|input| input["imageTag"].clone()).collect();
    assert_eq!(tagged.len(), 2, "what serves and what served: {tagged:?}");
    assert!(tagged.iter().all(|tag| tag.as_str().unwrap().starts_with("deployed-dev-")), "{tagged:?}");
    play.stage.simulator.advance(Duration::from_hours(24 * 30));
    play.restore().await.ends(Exit::Done);
    assert!(play.version().await.contains("1.0.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_may_delete_what_serves_is_told_before_anything_is_changed() {
    let all = r#"{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":50},"action":{"type":"expire"}}]}"#;
    for (policy, is_told) in [(all, true), (RULE, false)] {
        let rules = json!([{ "name": "shop-api", "lifecycle-policy": policy }]);
        let play = Shop::new().world(|world| world["repositories"] = rules).open().await;
        let told = play.promote("1.1.0").await;
        told.ends(Exit::Done).sent("GetLifecyclePolicy", 1);
        let warned = told.story().contains("all but the newest 50");
        assert_eq!(warned, is_told, "{}", told.story());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_tag_is_told_so_and_the_release_serves() {
    let repository = "arn:aws:ecr:us-west-2:111111111111:repository/shop-api";
    let play = Shop::new().fault(denied("PutImage", "ecr:PutImage", repository)).open().await;
    play.promote("1.1.0")
        .await
        .ends(Exit::Done)
        .mentions("did not get the tag `deployed-dev-")
        .mentions("ecr:PutImage");
}
