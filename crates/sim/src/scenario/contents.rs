//! What a scenario holds.
//!
//! See `docs/simulator.md` for every key with examples.

use jiff::Timestamp;
use serde::Deserialize;

use super::entries::{ClusterEntry, RepositoryEntry, SecretEntry, ServiceEntry};
use crate::{
    cloudfront::{CloudFrontKnobs, DistributionSpec},
    ecr::{RegistryKnobs, ScanSpec},
    ecs::Knobs,
    faults::Fault,
    images::ImageSpec,
    s3::{BucketSpec, ObjectSpec, S3Knobs},
    world::{AlarmSpec, LoadBalancerSpec, TargetGroupSpec},
};

/// The world that the simulator starts with.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scenario {
    /// The simulated instant at which it starts; absent means the real time, or the beginning of 2026 for a stepped clock.
    #[serde(deserialize_with = "super::read::instant")]
    pub start: Option<Timestamp>,
    /// The account of access keys that name none, and of entries that name none.
    pub default_account: String,
    /// The region of entries that name none.
    pub default_region: String,
    /// The settings of every simulated ECS.
    pub knobs: Knobs,
    /// The settings of every simulated ECR.
    pub registry: RegistryKnobs,
    /// The ECS clusters.
    pub clusters: Vec<ClusterEntry>,
    /// The ECR repositories that need settings; those of images are made anyhow.
    pub repositories: Vec<RepositoryEntry>,
    /// What becomes of the scans of images.
    pub scans: Vec<ScanSpec>,
    /// The images, and what they do.
    pub images: Vec<ImageSpec>,
    /// The services, in steady state when the scenario starts.
    pub services: Vec<ServiceEntry>,
    /// The secrets.
    pub secrets: Vec<SecretEntry>,
    /// The target groups that need settings; those that services name are there anyhow.
    pub target_groups: Vec<TargetGroupSpec>,
    /// The load balancers.
    pub load_balancers: Vec<LoadBalancerSpec>,
    /// The alarms, and what will become of them.
    pub alarms: Vec<AlarmSpec>,
    /// The settings of the simulated S3.
    pub s3: S3Knobs,
    /// The buckets.
    pub buckets: Vec<BucketSpec>,
    /// The objects.
    pub objects: Vec<ObjectSpec>,
    /// The settings of the simulated CloudFront.
    pub cloudfront: CloudFrontKnobs,
    /// The distributions.
    pub distributions: Vec<DistributionSpec>,
    /// The faults in force from the start.
    pub faults: Vec<Fault>,
}

impl Scenario {
    /// A world with nothing in it, in account `000000000000` and region `us-east-1`.
    pub fn empty() -> Self {
        Self {
            start: None,
            default_account: "000000000000".to_owned(),
            default_region: "us-east-1".to_owned(),
            knobs: Knobs::default(),
            registry: RegistryKnobs::default(),
            clusters: Vec::new(),
            repositories: Vec::new(),
            scans: Vec::new(),
            images: Vec::new(),
            services: Vec::new(),
            secrets: Vec::new(),
            target_groups: Vec::new(),
            load_balancers: Vec::new(),
            alarms: Vec::new(),
            s3: S3Knobs::default(),
            buckets: Vec::new(),
            objects: Vec::new(),
            cloudfront: CloudFrontKnobs::default(),
            distributions: Vec::new(),
            faults: Vec::new(),
        }
    }
}

impl Default for Scenario {
    fn default() -> Self {
        Self::empty()
    }
}
