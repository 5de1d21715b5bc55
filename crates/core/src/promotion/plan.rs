//! What the check found out for one service: all that the rest of the run needs, captured before the first change.
//!
//! A site's is in `site_plan`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    identifier::{
        ComponentName, ContainerName, DeploymentId, Digest, ImageReference, PromotionId, ServiceDeploymentArn, Sha256,
        TaskDefinitionArn, Version,
    },
    rollout::{DeploymentConfiguration, ServiceKey},
};

/// What is to be done with one service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct ComponentPlan {
    /// The component.
    pub component: ComponentName,
    /// Its service here.
    pub service: ServiceKey,
    /// The container that runs its image.
    pub container: ContainerName,
    /// The image that must run; unknown where a revision without a known image is gone back to.
    pub image: Option<ImageReference>,
    /// Where the image's bytes are to be taken from, where the environment's own registry does not hold them yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish_from: Option<ImageReference>,
    /// What has to change.
    pub change: Change,
    /// What served before, by ECS's word.
    pub before: Option<Serving>,
    /// What to go back to; captured now, seen to exist.
    pub target: Option<Target>,
    /// The primary deployment before our change.
    pub base_deployment: Option<DeploymentId>,
    /// The service deployments before our change: never ours.
    pub seen: Vec<ServiceDeploymentArn>,
    /// From when on service deployments are listed, by the server's clock.
    pub listed_after: Option<Timestamp>,
    /// How many tasks the service wanted.
    pub desired: u32,
    /// How ECS deploys it is changed with the release, and put back with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<ConfigurationChange>,
    /// How long ECS itself waits on purpose in a rollout of it, in seconds: bake times and grace period.
    #[serde(default)]
    pub patience_seconds: u64,
    /// Components that must be rolled out first.
    pub needs: Vec<ComponentName>,
    /// What the user should know, though it forbids nothing.
    pub notes: Vec<String>,
}

/// A change of how ECS deploys a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct ConfigurationChange {
    /// As it was, whole.
    pub before: DeploymentConfiguration,
    /// As it is to be, whole.
    pub after: DeploymentConfiguration,
}

/// What has to change for a component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Change {
    /// What must serve serves already; it is only proven.
    Nothing,
    /// A revision is registered, then brought.
    Register {
        /// What the document is made from.
        base: Base,
        /// What the document must come out as: rendering it again later is held against this.
        fingerprint: Sha256,
        /// How it differs from what serves, in words, without values.
        difference: Vec<String>,
    },
    /// A revision that exists is brought.
    Use {
        /// Which.
        revision: TaskDefinitionArn,
    },
}

/// What a document is made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Base {
    /// The revision that serves.
    Revision {
        /// Which.
        revision: TaskDefinitionArn,
    },
    /// A file of the repository.
    File {
        /// Its path beside `towpath.toml`.
        path: String,
    },
}

/// What serves of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Serving {
    /// The revision.
    pub task_definition: TaskDefinitionArn,
    /// The digest that its container runs, where it is known.
    pub digest: Option<Digest>,
    /// The release's version, where Towpath brought it.
    pub version: Option<Version>,
}

/// What a component goes back to when the release is bad.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Target {
    /// What must serve again.
    pub serving: Serving,
    /// Its image as its revision names it, by digest, where that is known.
    pub image: Option<ImageReference>,
    /// The promotion that proved it, or adopted it.
    pub proven_by: PromotionId,
}
