//! What a document refers to and asks for: containers, secrets, roles, sizes.
//!
//! Every accessor tolerates shapes that AWS would refuse: they are absent here, and `problems` or AWS names them.

use serde_json::{Map, Value};

use crate::identifier::{ContainerName, FamilyName, TaskArn};

use super::{CpuUnits, Document, Mebibytes};

/// A container of a document.
#[derive(Clone, Copy)]
pub struct Container<'a> {
    members: &'a Map<String, Value>,
}

/// A secret that a document refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretUse<'a> {
    /// The container's name, where it has one.
    pub container: Option<&'a str>,
    /// What it is for.
    pub purpose: SecretPurpose<'a>,
    /// The secret or parameter, as the document names it: an ARN, or a parameter's name.
    pub value_from: &'a str,
}

/// What a secret is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretPurpose<'a> {
    /// An environment variable of that name.
    Environment(&'a str),
    /// The credentials of a private registry.
    Registry,
    /// An option of that name of the log driver.
    LogOption(&'a str),
}

/// What a task runs on, as far as the document says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RuntimePlatform<'a> {
    /// For example `LINUX`.
    pub operating_system: Option<&'a str>,
    /// For example `ARM64`.
    pub architecture: Option<&'a str>,
}

/// The document is of another family than the one wanted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the task definition is of the family {found:?}, and `{wanted}` is wanted here")]
pub struct WrongFamily {
    /// The family that belongs here.
    pub wanted: FamilyName,
    /// The document's.
    pub found: String,
}

/// Where a container's log goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContainerLog<'a> {
    /// The log group.
    pub group: &'a str,
    /// The region, where it is named.
    pub region: Option<&'a str>,
    prefix: &'a str,
    container: &'a str,
}

impl Document {
    /// The family, where it is there and well-formed.
    pub fn family(&self) -> Option<FamilyName> {
        self.text("family")?.parse().ok()
    }

    /// Guards against registering one environment's document in another.
    ///
    /// # Errors
    /// Where the document is of another family or of none.
    pub fn require_family(&self, wanted: &FamilyName) -> Result<(), WrongFamily> {
        let found = self.text("family").unwrap_or_default();
        if found == wanted.as_str() {
            Ok(())
        } else {
            Err(WrongFamily { wanted: wanted.clone(), found: found.to_owned() })
        }
    }

    /// The containers, in the document's order.
    pub fn containers(&self) -> impl Iterator<Item = Container<'_>> {
        list(&self.members, "containerDefinitions").filter_map(Value::as_object).map(|members| Container { members })
    }

    /// The container of that name.
    pub fn container(&self, name: &ContainerName) -> Option<Container<'_>> {
        self.containers().find(|container| container.name() == Some(name.as_str()))
    }

    /// Every secret that a task needs to start, in the document's order.
    pub fn secrets(&self) -> Vec<SecretUse<'_>> {
        self.containers().flat_map(Container::secrets).collect()
    }

    /// The role that the containers have.
    pub fn task_role(&self) -> Option<&str> {
        self.text("taskRoleArn")
    }

    /// The role that ECS takes to pull images, read secrets and write logs.
    pub fn execution_role(&self) -> Option<&str> {
        self.text("executionRoleArn")
    }

    /// The network mode; without one ECS takes the platform's default.
    pub fn network_mode(&self) -> Option<&str> {
        self.text("networkMode")
    }

    /// The launch types that it must fit.
    pub fn requires_compatibilities(&self) -> impl Iterator<Item = &str> {
        list(&self.members, "requiresCompatibilities").filter_map(Value::as_str)
    }

    /// The task's CPU.
    pub fn cpu(&self) -> Option<CpuUnits> {
        CpuUnits::read(self.members.get("cpu")?)
    }

    /// The task's memory.
    pub fn memory(&self) -> Option<Mebibytes> {
        Mebibytes::read(self.members.get("memory")?)
    }

    /// What it runs on.
    pub fn runtime_platform(&self) -> RuntimePlatform<'_> {
        let member = |name| self.members.get("runtimePlatform")?.get(name)?.as_str();
        RuntimePlatform { operating_system: member("operatingSystemFamily"), architecture: member("cpuArchitecture") }
    }

    fn text(&self, member: &str) -> Option<&str> {
        self.members.get(member).and_then(Value::as_str)
    }
}

impl<'a> Container<'a> {
    /// Its name.
    pub fn name(self) -> Option<&'a str> {
        self.members.get("name").and_then(Value::as_str)
    }

    /// Its image, whatever stands there.
    pub fn image(self) -> Option<&'a str> {
        self.members.get("image").and_then(Value::as_str)
    }

    /// Whether the task ends with it. ECS takes a container that does not say so for essential.
    pub fn is_essential(self) -> bool {
        self.members.get("essential").and_then(Value::as_bool).unwrap_or(true)
    }

    /// Where its log goes, where that is `CloudWatch` Logs and a stream of its own for each task.
    ///
    /// Source: ECS developer guide, `awslogs` log driver: the stream is `PREFIX/CONTAINER/TASK`.
    pub fn log(self) -> Option<ContainerLog<'a>> {
        let configuration = self.members.get("logConfiguration").and_then(Value::as_object)?;
        let driver = configuration.get("logDriver").and_then(Value::as_str);
        let option = |name: &str| configuration.get("options")?.get(name)?.as_str();
        (driver == Some("awslogs")).then_some(())?;
        Some(ContainerLog {
            group: option("awslogs-group")?,
            region: option("awslogs-region"),
            prefix: option("awslogs-stream-prefix")?,
            container: self.name()?,
        })
    }

    /// The secrets it needs to start.
    pub fn secrets(self) -> Vec<SecretUse<'a>> {
        let registry = self.members.get("repositoryCredentials").and_then(|value| value.get("credentialsParameter"));
        let log_options = self.members.get("logConfiguration").and_then(Value::as_object);
        let environment = list(self.members, "secrets")
            .filter_map(named)
            .map(|(name, from)| (SecretPurpose::Environment(name), from));
        let registry = registry.and_then(Value::as_str).map(|from| (SecretPurpose::Registry, from));
        let log_options = log_options.into_iter().flat_map(|log| list(log, "secretOptions")).filter_map(named);
        let log_options = log_options.map(|(name, from)| (SecretPurpose::LogOption(name), from));
        let all = environment.chain(registry).chain(log_options);
        all.map(|(purpose, value_from)| SecretUse { container: self.name(), purpose, value_from }).collect()
    }
}

impl ContainerLog<'_> {
    /// The stream of one task.
    pub fn stream(&self, task: &TaskArn) -> String {
        format!("{}/{}/{}", self.prefix, self.container, task.short())
    }
}

fn named(entry: &Value) -> Option<(&str, &str)> {
    Some((entry.get("name")?.as_str()?, entry.get("valueFrom")?.as_str()?))
}

pub(super) fn list<'a>(members: &'a Map<String, Value>, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    members.get(name).and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(value: Value) -> Document {
        Document::from_described(value, Vec::new()).unwrap()
    }

    #[test]
    fn every_kind_of_secret_is_found() {
        let document = document(json!({"containerDefinitions": [{
            "name": "api",
            "secrets": [{"name": "DB", "valueFrom": "arn:db"}, {"name": "odd"}],
            "repositoryCredentials": {"credentialsParameter": "arn:registry"},
            "logConfiguration": {"secretOptions": [{"name": "token", "valueFrom": "arn:log"}]}
        }]}));
        let found: Vec<_> = document.secrets().into_iter().map(|secret| (secret.purpose, secret.value_from)).collect();
        assert_eq!(
            found,
            [
                (SecretPurpose::Environment("DB"), "arn:db"),
                (SecretPurpose::Registry, "arn:registry"),
                (SecretPurpose::LogOption("token"), "arn:log")
            ]
        );
    }

    #[test]
    fn a_container_is_essential_unless_it_says_otherwise() {
        let document = document(json!({"containerDefinitions": [{"name": "a"}, {"name": "b", "essential": false}, 7]}));
        let essential: Vec<_> =
            document.containers().filter(|container| container.is_essential()).map(Container::name).collect();
        assert_eq!(essential, [Some("a")]);
    }

    #[test]
    fn odd_shapes_are_absent() {
        let document = document(
            json!({"family": 1, "containerDefinitions": {"a": 1}, "runtimePlatform": [], "cpu": {}, "taskRoleArn": []}),
        );
        assert_eq!((document.family(), document.cpu(), document.task_role()), (None, None, None));
        assert_eq!(document.runtime_platform(), RuntimePlatform::default());
        assert!(document.containers().next().is_none() && document.secrets().is_empty());
    }

    #[test]
    fn another_environments_document_is_refused() {
        let wanted: FamilyName = "shop-dev".parse().unwrap();
        let error = document(json!({"family": "shop-production"})).require_family(&wanted).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the task definition is of the family \"shop-production\", and `shop-dev` is wanted here"
        );
        assert!(document(json!({"family": "shop-dev"})).require_family(&wanted).is_ok());
    }
}
