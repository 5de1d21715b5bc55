//! The words that have a form: names, digests, ARNs, versions. One newtype each, `FromStr` the only door.
//!
//! They say what is well-formed, not what exists.

mod amazon;
mod building;
mod commit;
mod digest;
mod image;
pub(crate) mod macros;
mod name;
mod scanning;
mod signing;
mod site;
mod version;

pub use amazon::{
    AccountId, AlarmName, ClusterName, ContainerName, DeploymentId, FamilyName, HookId, Region, RoleArn,
    SecretReference, ServiceDeploymentArn, ServiceName, ServiceRevisionArn, TargetGroupArn, TaskArn, TaskDefinitionArn,
};
pub use building::{ArgumentName, PredicateType, SecretId, StageName, VariableName};
pub use commit::CommitId;
pub use digest::{Digest, Digester, Sha256};
pub use image::{ImageReference, Repository, TagName, TaggedImage};
pub use macros::InvalidIdentifier;
pub(crate) use macros::text_forms;
pub use name::{AppName, BranchName, ComponentName, EnvironmentName, PromotionId};
pub use scanning::{PackageName, VulnerabilityId};
pub use signing::{GitHubRepository, RefPattern, SignerPattern, TokenIssuer, WorkflowFile};
pub use site::{BucketName, DistributionId, InvalidationId};
pub use version::Version;
