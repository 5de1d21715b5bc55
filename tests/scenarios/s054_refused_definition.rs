//! Scenario 54: a size that Fargate does not have, or another definition that ECS refuses.
//!
//! In the wild: the service's own words were lost behind a stack trace or a general message.
//!
//! Demanded: the words verbatim, nothing deployed, an exit code of its own (1, not that of a failed rollout).

use towpath_cli::Exit;
use towpath_tests::scenario::{Shop, refused};

#[tokio::test(flavor = "multi_thread")]
async fn the_words_of_ecs_are_shown_and_nothing_is_deployed() {
    let words = "No Fargate configuration exists for given values: 1024 CPU, 1024 memory. See the Amazon ECS documentation for the valid values.";
    let play = Shop::new().fault(refused("RegisterTaskDefinition", "ClientException", words)).open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Errored).says(words).changed_nothing().serves("shop-api-dev:1");
    assert_eq!(told.inputs("RegisterTaskDefinition").len(), 1, "not tried again");
}
