//! The world of a scenario, with what is special about it.
//!
//! Without anything special: two tasks of version 1.0.0 serve behind a circuit breaker that rolls back; 1.1.0 and 1.2.0
//! are good.

use serde_json::{Map, Value, json};
use towpath_aws::Patience;
use towpath_sim::{faults::Fault, scenario::Scenario};

use crate::{COMMITS, REPOSITORY, Stage};

use super::{
    play::Play,
    sentinels::{PLAIN, STORED},
};

const ACCOUNT: &str = "111111111111";

const CONFIGURATION: &str = r#"
app = "shop"

[environments.dev]
account = "111111111111"
region = "us-west-2"
role = "arn:aws:iam::111111111111:role/shop-deployer"
deploy-on = [{ command-line = true }]

[components.api]
kind = "service"
image = { repository = "shop-api" }
cluster = "shop-dev"
service = "shop-api-dev"
container = "api"
SETTINGS
SMOKE
MORE
"#;

const SMOKE: &str = r#"
[[components.api.smoke]]
url = "ENDPOINT/_serve/111111111111/us-west-2/shop-dev/shop-api-dev/version"
json = { version = "{version}", git_sha = "{commit}" }
deadline = "20s"
"#;

/// A world to be opened.
#[derive(Debug)]
#[must_use = "a world that is not opened shows nothing"]
pub struct Shop {
    world: Value,
    configuration: String,
    settings: Vec<String>,
    smoke: String,
    more: String,
    faults: Vec<Fault>,
    patience: Patience,
}

impl Shop {
    /// The shop with nothing special about it.
    #[expect(clippy::new_without_default, reason = "a builder is begun by name")]
    pub fn new() -> Self {
        Self {
            world: world(),
            configuration: CONFIGURATION.to_owned(),
            settings: Vec::new(),
            smoke: SMOKE.to_owned(),
            more: String::new(),
            faults: Vec::new(),
            patience: Patience { first_pause: std::time::Duration::from_millis(2), ..Patience::default() },
        }
    }

    /// Sets a member of the service, as a scenario file writes it.
    pub fn service(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.world["services"][0][key] = value.into();
        self
    }

    /// Sets a member of what the service was created with, as ECS writes it.
    pub fn created_with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.world["services"][0]["create-service"][key] = value.into();
        self
    }

    /// Lets ECS shift traffic behind a load balancer, by that deployment configuration.
    pub fn shifted(self, configuration: Value) -> Self {
        let place = "arn:aws:elasticloadbalancing:us-west-2:111111111111";
        let id = "0123456789abcdef";
        let balancer = json!([{
            "targetGroupArn": format!("{place}:targetgroup/blue/{id}"),
            "containerName": "api",
            "containerPort": 8080,
            "advancedConfiguration": {
                "alternateTargetGroupArn": format!("{place}:targetgroup/green/{id}"),
                "productionListenerRule": format!("{place}:listener-rule/app/shop/{id}/{id}/{id}"),
                "roleArn": "arn:aws:iam::111111111111:role/ecs-load-balancers",
            },
        }]);
        self.created_with("loadBalancers", balancer).service("deployment-configuration", configuration)
    }

    /// Changes the task definition that serves.
    pub fn definition(mut self, change: impl FnOnce(&mut Value)) -> Self {
        change(&mut self.world["services"][0]["task-definition"]);
        self
    }

    /// Changes its first container.
    pub fn container(self, change: impl FnOnce(&mut Value)) -> Self {
        self.definition(|definition| change(&mut definition["containerDefinitions"][0]))
    }

    /// Adds to how the image of that version behaves.
    pub fn image(self, version: &str, behaviour: &Value) -> Self {
        self.image_of("api", version, behaviour)
    }

    /// Turns one of the simulator's knobs.
    pub fn knob(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.world["knobs"][name] = value.into();
        self
    }

    /// Changes anything else of the world.
    pub fn world(mut self, change: impl FnOnce(&mut Value)) -> Self {
        change(&mut self.world);
        self
    }

    /// Adds a line to the component's configuration.
    pub fn setting(mut self, line: &str) -> Self {
        self.settings.push(line.to_owned());
        self
    }

    /// Replaces a text of the configuration.
    pub fn configured(mut self, from: &str, to: &str) -> Self {
        assert!(self.configuration.contains(from), "the configuration has no {from}");
        self.configuration = self.configuration.replace(from, to);
        self
    }

    /// Takes these smoke checks in place of the usual one.
    pub fn smoke(mut self, tables: &str) -> Self {
        tables.clone_into(&mut self.smoke);
        self
    }

    /// Adds tables at the end of the configuration.
    pub fn more(mut self, tables: &str) -> Self {
        self.more.push_str(tables);
        self
    }

    /// Adds another component without smoke checks, which needs these to be rolled out before it.
    pub fn also(mut self, component: &str, needs: &[&str]) -> Self {
        let (mut images, mut service) = (images(&format!("shop-{component}")), self.world["services"][0].clone());
        service["name"] = service_name(component);
        let definition = &mut service["task-definition"];
        definition["family"] = service_name(component);
        definition["containerDefinitions"][0]["name"] = json!(component);
        let image = REPOSITORY.replace("-api", &format!("-{component}"));
        definition["containerDefinitions"][0]["image"] = json!(format!("{image}:1.0.0"));
        self.world["services"].as_array_mut().into_iter().for_each(|services| services.push(service.take()));
        self.world["images"].as_array_mut().into_iter().for_each(|known| known.append(&mut images));
        self.more(&format!(
            "[components.{component}]\nkind = \"service\"\nimage = {{ repository = \"shop-{component}\" }}\ncluster = \"shop-dev\"\n\
             service = \"shop-{component}-dev\"\ncontainer = \"{component}\"\nneeds = {needs:?}\n"
        ))
    }

    /// Adds to how the image of that version of another component behaves.
    pub fn image_of(mut self, component: &str, version: &str, behaviour: &Value) -> Self {
        let repository = format!("shop-{component}");
        let images = self.world["images"].as_array_mut().into_iter().flatten();
        for image in
            images.filter(|image| image["repository"] == repository && image["behaviour"]["version"] == version)
        {
            let behaviour = behaviour.as_object().cloned().unwrap_or_default();
            image["behaviour"].as_object_mut().into_iter().for_each(|known| known.extend(behaviour.clone()));
        }
        self
    }

    /// Lets calls go wrong, once the world is open.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Changes how patient the adapters are.
    pub fn patience(mut self, change: impl FnOnce(&mut Patience)) -> Self {
        change(&mut self.patience);
        self
    }

    /// Opens it.
    pub async fn open(self) -> Play {
        let scenario: Scenario = serde_json::from_value(self.world).unwrap_or_else(|error| panic!("{error}"));
        let configuration = self.configuration.replace("SETTINGS", &self.settings.join("\n"));
        let configuration = configuration.replace("SMOKE", &self.smoke).replace("MORE", &self.more);
        let mut stage = Stage::of(scenario, &configuration).await.unwrap_or_else(|error| panic!("{error:#}"));
        stage.patience = self.patience;
        let play = Play::of(stage);
        self.faults.into_iter().for_each(|fault| play.stage.simulator.add_fault(fault));
        play
    }
}

fn world() -> Value {
    json!({
        "start": "2026-03-02T09:00:00Z",
        "default-account": ACCOUNT,
        "default-region": "us-west-2",
        "knobs": {},
        "images": images("shop-api"),
        "secrets": [{ "name": "shop/token", "value": STORED }],
        "services": [{
            "cluster": "shop-dev",
            "name": "shop-api-dev",
            "desired-count": 2,
            "circuit-breaker": "roll-back",
            "deployment-configuration": { "minimumHealthyPercent": 100, "maximumPercent": 200 },
            "create-service": Map::new(),
            "task-definition": definition(),
        }],
    })
}

fn images(repository: &str) -> Vec<Value> {
    let image = |(version, commit): &(&str, &str)| {
        json!({
            "repository": repository,
            "tags": [version],
            "behaviour": { "version": version, "commit": commit, "healthy-after": 5 },
        })
    };
    COMMITS.iter().map(image).collect()
}

fn service_name(component: &str) -> Value {
    json!(format!("shop-{component}-dev"))
}

fn definition() -> Value {
    json!({
        "family": "shop-api-dev",
        "executionRoleArn": "arn:aws:iam::111111111111:role/shop-execution",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [{
            "name": "api",
            "image": format!("{REPOSITORY}:1.0.0"),
            "essential": true,
            "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
            "environment": [{ "name": "PLAIN", "value": PLAIN }],
            "secrets": [{ "name": "TOKEN", "valueFrom": "arn:aws:secretsmanager:us-west-2:111111111111:secret:shop/token" }],
            "healthCheck": { "command": ["CMD-SHELL", "curl -f http://localhost:8080/healthz"], "interval": 5, "retries": 3 },
        }],
    })
}
