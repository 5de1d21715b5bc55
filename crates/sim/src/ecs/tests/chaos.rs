//! Whatever clients and images do, nothing panics, time goes on, and the upper bound holds.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::scene::{Scene, breaker, broken, crashing, definition, silent};
use crate::{
    ecs::{
        Listener,
        world::{configuration::Percents, service::count},
    },
    image::Behaviour,
};

const OPERATIONS: [&str; 26] = [
    "CreateCluster",
    "DescribeClusters",
    "ListClusters",
    "DeleteCluster",
    "RegisterTaskDefinition",
    "DescribeTaskDefinition",
    "ListTaskDefinitions",
    "ListTaskDefinitionFamilies",
    "DeregisterTaskDefinition",
    "CreateService",
    "UpdateService",
    "DescribeServices",
    "ListServices",
    "DeleteService",
    "ListServiceDeployments",
    "DescribeServiceDeployments",
    "DescribeServiceRevisions",
    "StopServiceDeployment",
    "ContinueServiceDeployment",
    "ListTasks",
    "DescribeTasks",
    "StopTask",
    "RunTask",
    "TagResource",
    "UntagResource",
    "ListTagsForResource",
];

const MEMBERS: [&str; 24] = [
    "cluster",
    "clusters",
    "service",
    "services",
    "serviceName",
    "taskDefinition",
    "desiredCount",
    "deploymentConfiguration",
    "minimumHealthyPercent",
    "maximumPercent",
    "family",
    "containerDefinitions",
    "name",
    "image",
    "memory",
    "tasks",
    "task",
    "tags",
    "key",
    "resourceArn",
    "nextToken",
    "maxResults",
    "serviceDeploymentArn",
    "serviceDeploymentArns",
];

/// A value made of words and numbers that mean something to ECS.
fn value() -> impl Strategy<Value = Value> {
    let words = [
        "prod",
        "web",
        "web:1",
        "good",
        "a/b/c",
        ":",
        "/",
        "",
        "page-ffff",
        "arn:aws:ecs:r:1:service-deployment/prod/web/x",
    ];
    let leaf = prop_oneof![
        prop::sample::select(words.to_vec()).prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        (0..6_i32).prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(prop::sample::select(MEMBERS.to_vec()), inner, 0..4)
                .prop_map(|members| json!(members)),
        ]
    })
}

/// The input of an operation: an object, now and then one that makes sense.
fn input() -> impl Strategy<Value = Value> {
    let member = prop::sample::select(MEMBERS.to_vec());
    let random = prop::collection::btree_map(member, value(), 0..4).prop_map(|members| json!(members));
    let sensible = prop::sample::select(vec![
        json!({"cluster": "prod", "service": "web"}),
        json!({"cluster": "prod", "service": "web", "force": true}),
        json!({"cluster": "prod", "service": "web", "forceNewDeployment": true}),
        json!({"cluster": "prod", "service": "web", "desiredCount": 3}),
        json!({"cluster": "prod", "services": ["web"]}),
        definition("web", "good"),
        json!({"cluster": "prod"}),
    ]);
    prop_oneof![3 => random, 1 => sensible]
}

#[derive(Debug, Clone)]
enum Act {
    Deploy(&'static str),
    Force,
    Stop,
    Pass(f64),
}

fn act() -> impl Strategy<Value = Act> {
    let images = vec!["good", "better", "broken", "crashing", "silent", "flaky", "nowhere"];
    prop_oneof![
        prop::sample::select(images).prop_map(Act::Deploy),
        Just(Act::Force),
        Just(Act::Stop),
        (0.0..200.0).prop_map(Act::Pass),
    ]
}

fn perform(scene: &mut Scene, act: &Act) {
    match act {
        Act::Deploy(image) => {
            scene.deploy(image);
        }
        Act::Force => {
            let input = json!({"cluster": "prod", "service": "web", "forceNewDeployment": true});
            scene.call("UpdateService", input);
        }
        Act::Stop => {
            let input = json!({"serviceDeploymentArn": scene.newest()["serviceDeploymentArn"]});
            // Refused when it has ended.
            drop(scene.ecs.call("StopServiceDeployment", &input, scene.now));
        }
        Act::Pass(seconds) => scene.pass(*seconds),
    }
}

/// A strategy that shifts traffic, with or without a pause and an alarm.
fn shifting() -> impl Strategy<Value = Value> {
    let strategy = prop::sample::select(vec!["BLUE_GREEN", "LINEAR", "CANARY"]);
    (strategy, any::<bool>(), any::<bool>()).prop_map(|(strategy, pauses, rolls_back)| {
        let hook = json!({
            "targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP", "PRE_PRODUCTION_TRAFFIC_SHIFT"],
            "timeoutConfiguration": {"timeoutInMinutes": 1, "action": "CONTINUE"},
        });
        json!({
            "strategy": strategy, "bakeTimeInMinutes": 1, "lifecycleHooks": if pauses { json!([hook]) } else { json!([]) },
            "deploymentCircuitBreaker": {"enable": true, "rollback": rolls_back},
            "alarms": {"alarmNames": ["errors"], "enable": true, "rollback": rolls_back},
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whatever_happens_while_traffic_shifts_a_good_image_comes_to_serve_everybody(
        acts in prop::collection::vec(act(), 1..10), configuration in shifting(), desired in 1_u32..4,
    ) {
        let mut scene = Scene::new();
        scene.image("broken", broken());
        scene.image("crashing", crashing());
        scene.image("silent", silent());
        scene.image("flaky", Behaviour { unhealthy_after: Some(70.0), ..Behaviour::default() });
        scene.seed(desired, configuration, super::scene::balanced());
        for act in &acts {
            perform(&mut scene, act);
            let weight = scene.newest()["targetServiceRevision"]["requestedProductionTrafficWeight"].as_f64();
            prop_assert!(weight.is_none_or(|weight| (0.0..=100.0).contains(&weight)));
        }
        scene.deploy("better");
        scene.pass(20_000.0);
        prop_assert_eq!(scene.status(), "SUCCESSFUL");
        prop_assert_eq!(scene.deployments(), [format!("PRIMARY COMPLETED {desired}/{desired}")]);
        let better = scene.images.clone_image("better").digest;
        for listener in [Listener::Production, Listener::Test] {
            let (_, targets) = scene.ecs.route("prod", "web", listener, 0, scene.now);
            prop_assert!(targets.iter().any(|target| target.in_service && target.digest == better));
        }
    }

    #[test]
    fn no_input_makes_it_panic(calls in prop::collection::vec((prop::sample::select(OPERATIONS.to_vec()), input()), 1..20)) {
        let mut scene = Scene::steady(json!({}));
        for (operation, input) in calls {
            drop(scene.ecs.call(operation, &input, scene.now));
            scene.pass(7.0);
        }
    }

    #[test]
    fn whatever_is_deployed_the_upper_bound_holds_and_a_good_image_comes_to_serve(
        acts in prop::collection::vec(act(), 1..12), rollback: bool, balanced: bool, desired in 1_u32..5,
    ) {
        let mut scene = Scene::new();
        scene.image("broken", broken());
        scene.image("crashing", crashing());
        scene.image("silent", silent());
        scene.image("flaky", Behaviour { unhealthy_after: Some(70.0), ..Behaviour::default() });
        let members = if balanced { super::scene::balanced() } else { serde_json::Map::new() };
        scene.seed(desired, breaker(rollback), members);
        let upper = Percents { minimum: 100, maximum: 200 }.upper(desired);
        for act in &acts {
            perform(&mut scene, act);
            let live = count(scene.ecs.world.clusters["prod"].services["web"].tasks.iter().filter(|task| task.is_live()));
            prop_assert!(live <= upper, "{} live after {:?}", live, act);
        }
        scene.deploy("better");
        scene.pass(1000.0);
        prop_assert_eq!(scene.status(), "SUCCESSFUL");
        prop_assert_eq!(scene.deployments(), [format!("PRIMARY COMPLETED {desired}/{desired}")]);
    }
}
