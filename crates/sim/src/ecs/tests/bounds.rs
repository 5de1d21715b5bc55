//! The percentages hold at every instant, and say so when they leave no move.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::scene::Scene;
use crate::{
    ecs::world::{
        configuration::Percents,
        service::{Service, count},
    },
    image::Behaviour,
};

fn service(scene: &Scene) -> &Service {
    &scene.ecs.world.clusters["prod"].services["web"]
}

/// Goes through a rollout instant by instant and checks both bounds at each.
fn check_rollout(desired: u32, minimum: u32, maximum: u32, members: Map<String, Value>) -> Result<(), TestCaseError> {
    let percents = Percents { minimum, maximum };
    let mut scene = Scene::new();
    scene.image("better", Behaviour { healthy_after: Some(3.0), ..Behaviour::default() });
    scene.seed(desired, json!({"minimumHealthyPercent": minimum, "maximumPercent": maximum}), members);
    scene.deploy("better");
    for _ in 0..10_000 {
        let live = count(service(&scene).tasks.iter().filter(|task| task.is_live()));
        let healthy = count(service(&scene).tasks.iter().filter(|task| task.is_healthy()));
        prop_assert!(live <= percents.upper(desired), "{} live", live);
        prop_assert!(healthy >= percents.lower(desired), "{} healthy", healthy);
        let Some(next) = scene.ecs.next_step() else {
            break;
        };
        scene.now = next;
        scene.ecs.step(next, &scene.images);
    }
    let stuck = percents.upper(desired) <= desired && percents.lower(desired) >= desired && desired > 0;
    prop_assert_eq!(scene.status() == "SUCCESSFUL", !stuck);
    let completed = format!("PRIMARY COMPLETED {desired}/{desired}");
    prop_assert!(stuck || scene.deployments() == [completed], "not completed");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_healthy_rollout_keeps_within_its_bounds(desired in 0_u32..9, minimum in 0_u32..=100, maximum in 100_u32..=200, balanced: bool) {
        prop_assume!((minimum, maximum) != (100, 100));
        let members = if balanced { super::scene::balanced() } else { Map::new() };
        check_rollout(desired, minimum, maximum, members)?;
    }
}

#[test]
fn percentages_that_leave_no_move_are_complained_about_once() {
    let mut scene = Scene::new();
    scene.seed(3, json!({"minimumHealthyPercent": 100, "maximumPercent": 125}), Map::new());
    scene.deploy("better");
    scene.pass(3600.0);
    assert_eq!(scene.deployments(), ["PRIMARY IN_PROGRESS 0/3", "ACTIVE COMPLETED 3/3"]);
    let complaints = scene
        .messages()
        .into_iter()
        .filter(|message| message.contains("was unable to stop or start tasks during a deployment"));
    assert_eq!(complaints.count(), 1);
    scene.call(
        "UpdateService",
        json!({"cluster": "prod", "service": "web", "deploymentConfiguration": {"maximumPercent": 150}}),
    );
    scene.pass(600.0);
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 3/3"]);
}
