//! What a `towpath.toml` says, as values: the application, its environments and its components.
//!
//! Everything here is already checked: names exist, templates are known, `after` has no cycles.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Map, Value};

use crate::{
    build::{BuildRules, Recipe},
    identifier::{
        AccountId, AppName, BranchName, BucketName, ClusterName, ComponentName, ContainerName, DistributionId,
        EnvironmentName, Region, Repository, RoleArn, ServiceName,
    },
    policy::{TagPattern, TriggerRule},
    scan, signature,
    site::{Home, PublishSettings, RuntimeRules, SiteRules},
    smoke::CheckTemplate,
};

/// What one `towpath.toml` describes.
#[derive(Debug, Clone, PartialEq)]
pub struct Application {
    /// Its name.
    pub app: AppName,
    /// Where releases, records, leases and journals are kept.
    pub ledger: LedgerLocation,
    /// Where releases come from.
    pub release: ReleaseRules,
    /// How images are built, and where they are published first.
    pub build: BuildRules,
    /// The scanners that may be run.
    pub scanners: scan::Scanners,
    /// Its environments, in the order of the file.
    pub environments: Vec<Environment>,
    /// Its components, in the order of the file.
    pub components: Vec<Component>,
}

/// Where the ledger is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerLocation {
    /// A directory, relative to the file that names it.
    Directory(String),
}

/// Where releases come from.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleaseRules {
    /// The branch that releases come from.
    pub branch: BranchName,
    /// The tags that make a release. Other tags are not ours.
    pub tags: Vec<TagPattern>,
}

/// A place with an account, a region and its components' real names.
#[derive(Debug, Clone, PartialEq)]
pub struct Environment {
    /// Its name.
    pub name: EnvironmentName,
    /// The account that must be the caller's.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// The role to take before anything is done.
    pub role: Option<RoleArn>,
    /// Where a release must be proven first.
    pub after: Vec<EnvironmentName>,
    /// How long a release must have served upstream.
    pub soak: Duration,
    /// What may bring a release here.
    pub deploy_on: Vec<TriggerRule>,
    /// What a run that is asked to stop does about a rollout that is under way.
    pub on_cancel: OnCancel,
    /// Whether a deliberately bad release may be brought here, to see that it is found and put back.
    pub drill: bool,
    /// Whether images that serve here are kept from lifecycle rules by a tag of their own.
    pub keep_images: bool,
    /// What may be found in the images that are brought here; nothing where that is not looked at.
    pub scan: Option<scan::Rules>,
    /// By whom the images that are brought here must have been signed; nothing where that is not looked at.
    pub signed: Option<signature::Rules>,
    /// The real names of the services here.
    pub services: BTreeMap<ComponentName, Service>,
    /// Where the sites live here.
    pub sites: BTreeMap<ComponentName, Site>,
}

/// What a run that is asked to stop does about a rollout that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnCancel {
    /// ECS goes on by itself; the promotion can be resumed.
    Leave,
    /// ECS is asked once to put back what served; whether it does is not waited for.
    Rollback,
}

/// What is done about somebody's rollout that is under way in a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenBusy {
    /// It is waited for; one that fails is deployed over.
    Wait,
    /// The promotion is refused.
    Refuse,
    /// It is deployed over.
    TakeOver,
}

/// What is done about our own rollout that does not end within its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnTimeout {
    /// Nothing: nobody can say how it ends.
    Leave,
    /// What served before is put back.
    Rollback,
}

/// What is done where ECS waits at a hook that only a person can answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnPause {
    /// The run ends; it is resumed once somebody has answered.
    Leave,
    /// The run waits for somebody to answer.
    Wait,
}

/// One deployable part.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// Its name.
    pub name: ComponentName,
    /// What its files are, where it is a site; otherwise it is a service.
    pub site: Option<SiteSource>,
    /// Where its images are kept, as a path (`shop-api`) that every repository of its images must end with.
    pub image_repository: Option<String>,
    /// How its image is built, where Towpath builds it.
    pub build: Option<Recipe>,
    /// Components that must be rolled out before this one.
    pub needs: Vec<ComponentName>,
}

/// What a site's files are: the same in every environment, since it is built once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteSource {
    /// How they are made.
    pub build: SiteBuild,
    /// What is published of them, and how it is served.
    pub rules: SiteRules,
}

/// How a site's files are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteBuild {
    /// The command, by words; nothing where the directory is there already.
    pub command: Vec<String>,
    /// The directory that they are in then, relative to the configuration file.
    pub directory: String,
}

/// A component as a site in one environment.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Where it lives.
    pub home: Home,
    /// The account that the bucket belongs to.
    pub bucket_account: AccountId,
    /// The distribution in front of it.
    pub distribution: Option<DistributionId>,
    /// Where visitors find it; the distribution's own domain where nothing is said.
    pub url: Option<String>,
    /// What stays and what may go.
    pub settings: PublishSettings,
    /// The file with this environment's values.
    pub runtime: Option<RuntimeRules>,
    /// Whether a promotion waits until the edges have forgotten the old files.
    pub wait: bool,
    /// The smoke checks, with `{version}` and `{commit}` still open.
    pub smoke: Vec<CheckTemplate>,
}

/// A component as an ECS service in one environment.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// The cluster.
    pub cluster: ClusterName,
    /// The service.
    pub service: ServiceName,
    /// The container that runs the component's image.
    pub container: ContainerName,
    /// A task definition in the repository, relative to the configuration file. Without it the base is what serves.
    pub task_definition: Option<String>,
    /// Values for the placeholders of that file.
    pub placeholders: BTreeMap<String, String>,
    /// Environment variables of the container that a release sets, with `{version}` and `{commit}` still open.
    pub variables: BTreeMap<String, String>,
    /// The repository to bring the image from, where the environment has one of its own.
    pub repository: Option<Repository>,
    /// How long a rollout may take before its outcome is called inconclusive; computed when absent.
    pub rollout_timeout: Option<Duration>,
    /// What is done about a rollout that does not end within that time.
    pub on_timeout: OnTimeout,
    /// What is done about somebody's rollout that is under way.
    pub when_busy: WhenBusy,
    /// How long that is waited for.
    pub busy_timeout: Duration,
    /// What is done where ECS waits at a hook that only a person can answer.
    pub on_pause: OnPause,
    /// The members of ECS's `deploymentConfiguration` that are to have these values; empty leaves it alone.
    pub deployment: Map<String, Value>,
    /// Whether a service with a desired count of 0 may be deployed to, and then be reported as not verified.
    pub allow_empty: bool,
    /// The smoke checks, with `{version}` and `{commit}` still open.
    pub smoke: Vec<CheckTemplate>,
    /// The smoke checks that are asked before production traffic reaches the release.
    pub smoke_before_traffic: Vec<CheckTemplate>,
}

impl Component {
    /// Whether an image in this repository may be the component's: its path ends with the configured one.
    pub fn may_come_from(&self, repository: &Repository) -> bool {
        self.image_repository.as_ref().is_none_or(|path| is_at(repository, path))
    }
}

/// Whether the repository's path is this one, or ends with it after a `/`.
pub(super) fn is_at(repository: &Repository, path: &str) -> bool {
    repository.path().strip_suffix(path).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

impl Application {
    /// The environment of that name.
    pub fn environment(&self, name: &EnvironmentName) -> Option<&Environment> {
        self.environments.iter().find(|environment| environment.name == *name)
    }

    /// The component of that name.
    pub fn component(&self, name: &ComponentName) -> Option<&Component> {
        self.components.iter().find(|component| component.name == *name)
    }

    /// The account that each site's bucket belongs to. One that is said to belong to two is left out: nobody knows.
    pub fn bucket_accounts(&self) -> BTreeMap<BucketName, AccountId> {
        let sites = || self.environments.iter().flat_map(|environment| environment.sites.values());
        let is_certain = |site: &&Site| {
            let same = sites().filter(|other| other.home.bucket == site.home.bucket);
            same.map(|other| &other.bucket_account).all(|account| *account == site.bucket_account)
        };
        let account = |site: &Site| (site.home.bucket.clone(), site.bucket_account.clone());
        sites().filter(is_certain).map(account).collect()
    }
}
