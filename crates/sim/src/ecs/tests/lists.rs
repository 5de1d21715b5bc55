//! Lists: filters and pages.

use serde_json::{Value, json};

use super::scene::Scene;
use crate::ecs::world::time::epoch_seconds;

fn list(scene: &mut Scene, members: Value) -> Value {
    let mut input = json!({"cluster": "prod", "service": "web"});
    input.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    scene.call("ListServiceDeployments", input)
}

fn length(value: &Value) -> usize {
    value["serviceDeployments"].as_array().unwrap().len()
}

#[test]
fn service_deployments_are_listed_newest_first_and_filtered() {
    let mut scene = Scene::steady(json!({}));
    let before = epoch_seconds(scene.now);
    scene.pass(10.0);
    scene.deploy("better");
    let all = list(&mut scene, json!({}));
    assert_eq!(length(&all), 2);
    assert!(all["serviceDeployments"][0]["createdAt"].as_f64() > all["serviceDeployments"][1]["createdAt"].as_f64());
    assert_eq!(length(&list(&mut scene, json!({"status": ["PENDING"]}))), 1);
    assert_eq!(length(&list(&mut scene, json!({"status": ["STOPPED"]}))), 0);
    assert_eq!(length(&list(&mut scene, json!({"createdAt": {"after": before}}))), 1);
    assert_eq!(length(&list(&mut scene, json!({"createdAt": {"before": before}}))), 1);
}

#[test]
fn service_deployments_come_in_pages() {
    let mut scene = Scene::steady(json!({}));
    for _ in 0..3 {
        scene.call("UpdateService", json!({"cluster": "prod", "service": "web", "forceNewDeployment": true}));
        scene.pass(1.0);
    }
    let first = list(&mut scene, json!({"maxResults": 3}));
    let second = list(&mut scene, json!({"maxResults": 3, "nextToken": first["nextToken"]}));
    assert_eq!((length(&first), length(&second)), (3, 1));
    assert_eq!(second.get("nextToken"), None);
}

#[test]
fn clusters_services_and_families_are_listed_and_described() {
    let mut scene = Scene::steady(json!({}));
    assert_eq!(
        scene.call("ListClusters", json!({}))["clusterArns"],
        json!(["arn:aws:ecs:eu-west-1:111122223333:cluster/prod"])
    );
    assert_eq!(scene.call("ListServices", json!({"cluster": "prod"}))["serviceArns"].as_array().unwrap().len(), 1);
    assert_eq!(scene.call("ListTaskDefinitionFamilies", json!({}))["families"], json!(["web"]));
    let described = scene.call("DescribeClusters", json!({"clusters": ["prod", "none"]}));
    assert_eq!(
        (described["clusters"][0]["runningTasksCount"].as_i64(), described["failures"][0]["reason"].as_str()),
        (Some(2), Some("MISSING"))
    );
    let made = scene.call("CreateCluster", json!({"clusterName": "staging"}));
    assert_eq!(made["cluster"]["status"], "ACTIVE");
    assert_eq!(scene.refusal("DeleteCluster", json!({"cluster": "prod"})).code, "ClusterContainsServicesException");
}
