//! The entries of a scenario.
//!
//! What ECS itself understands (a task definition, a deployment configuration) is written as ECS writes it, in camel case.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Map, Value};

/// An ECS cluster.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ClusterEntry {
    /// Its name.
    pub name: String,
    /// Its account; absent means the default one.
    pub account: Option<String>,
    /// Its region; absent means the default one.
    pub region: Option<String>,
}

/// An ECR repository.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RepositoryEntry {
    /// Its name.
    pub name: String,
    /// Its account; absent means the default one.
    pub account: Option<String>,
    /// Its region; absent means the default one.
    pub region: Option<String>,
    /// Whether its tags may be moved.
    #[serde(default)]
    pub tag_mutability: TagMutability,
    /// Patterns of the tags for which that does not hold, with `*` for anything.
    #[serde(default)]
    pub tag_exclusions: Vec<String>,
    /// Whether images are scanned when they are pushed.
    #[serde(default)]
    pub scan_on_push: bool,
    /// The lifecycle policy, as JSON.
    pub lifecycle_policy: Option<String>,
    /// Who else may do what, as JSON.
    pub policy: Option<String>,
}

/// Whether the tags of a repository may be moved to another image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TagMutability {
    /// They may.
    #[default]
    Mutable,
    /// They may not.
    Immutable,
}

/// An ECS service that has been running for a while when the scenario starts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServiceEntry {
    /// Its name.
    pub name: String,
    /// Its cluster; made if it is not there.
    pub cluster: String,
    /// Its account; absent means the default one.
    pub account: Option<String>,
    /// Its region; absent means the default one.
    pub region: Option<String>,
    /// How many tasks it wants.
    #[serde(default = "one")]
    pub desired_count: u32,
    /// The input of `RegisterTaskDefinition`.
    pub task_definition: Option<Map<String, Value>>,
    /// A JSON file with the input of `RegisterTaskDefinition`, relative to the scenario.
    pub task_definition_file: Option<PathBuf>,
    /// The service's `deploymentConfiguration`.
    #[serde(default)]
    pub deployment_configuration: Map<String, Value>,
    /// What the circuit breaker does; absent means what `deployment-configuration` says, or else nothing.
    pub circuit_breaker: Option<CircuitBreaker>,
    /// Further members of the input of `CreateService`.
    #[serde(default)]
    pub create_service: Map<String, Value>,
}

/// What the deployment circuit breaker of a service does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CircuitBreaker {
    /// Nothing.
    Off,
    /// It stops a deployment that fails.
    Stop,
    /// It stops a deployment that fails, and goes back to the last one that completed.
    RollBack,
}

/// A secret.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SecretEntry {
    /// Its name.
    pub name: String,
    /// Its value, a text.
    pub value: String,
    /// Its account; absent means the default one.
    pub account: Option<String>,
    /// Its region; absent means the default one.
    pub region: Option<String>,
    /// What it is for.
    pub description: Option<String>,
}

impl std::fmt::Debug for SecretEntry {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SecretEntry").field("name", &self.name).finish_non_exhaustive()
    }
}

const fn one() -> u32 {
    1
}
