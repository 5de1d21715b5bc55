//! Scenario 52: `iam:PassRole` is denied.
//!
//! In the wild: the message is long and names the role in the middle; tools tried again and again.
//!
//! Demanded: exit 3, the role and the missing permission are said and what to allow; not tried again; nothing is changed.

use towpath_cli::Exit;
use towpath_tests::scenario::{Shop, denied};

const ROLE: &str = "arn:aws:iam::111111111111:role/shop-execution";

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_not_be_passed_is_named() {
    for operation in ["RegisterTaskDefinition", "UpdateService"] {
        let play = Shop::new().fault(denied(operation, "iam:PassRole", ROLE)).open().await;
        let told = play.promote("1.1.0").await;
        told.ends(Exit::Credentials).says("iam:PassRole").says(ROLE).serves("shop-api-dev:1").sent("UpdateService", 0);
        assert_eq!(told.inputs(operation).len(), 1, "not tried again\n{}", told.story());
        let next = told.text.lines().last().unwrap();
        assert!(next.contains("next") && next.contains("iam:PassRole") && next.contains(ROLE), "{next}");
    }
}
