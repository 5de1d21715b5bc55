//! One environment's AWS: its clients, made when they are first asked for, and its adapters.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use aws_config::SdkConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_ecs::config::Region;
use aws_types::service_config::ServiceConfigKey;
use towpath_core::{identifier, ports::CallError};

use crate::{
    CloudFront, CloudWatchAlarms, CloudWatchLogs, EcrBundles, EcrImages, EcrScans, EcsServices, EcsTaskDefinitions,
    LoadBalancerTargets, RegistryLogin, S3Bucket, SecretsManager, StsIdentity,
    budget::{Allowance, Budget, Share},
    call::Terms,
    registry::Registries,
};

use super::{ConnectError, Patience, Settings, ambient, direct, role};

/// One environment's AWS. Its clones share connections and credentials.
#[derive(Clone)]
pub struct Aws(Arc<Inner>);

struct Inner {
    settings: Settings,
    config: SdkConfig,
    terms: Terms,
    ecs: OnceLock<aws_sdk_ecs::Client>,
    sts: OnceLock<aws_sdk_sts::Client>,
    cloud_watch: OnceLock<aws_sdk_cloudwatch::Client>,
    ecr: ByRegion<aws_sdk_ecr::Client>,
    secrets_manager: ByRegion<aws_sdk_secretsmanager::Client>,
    load_balancing: ByRegion<aws_sdk_elasticloadbalancingv2::Client>,
    logs: ByRegion<aws_sdk_cloudwatchlogs::Client>,
}

impl Aws {
    /// Reads the configuration and decides as whom to call. Nothing is sent, unless there is a role and the
    /// credentials may already be a session of it: then STS is asked.
    ///
    /// # Errors
    /// Where the role is of another account, or it must be known who calls and STS does not say.
    pub async fn connect(settings: Settings) -> Result<Self, ConnectError> {
        let config = role::resolve(ambient::load(&settings).await, &settings).await?;
        let terms = Terms { patience: settings.patience.clone(), allowance: allowance(&settings, &config) };
        Ok(Self(Arc::new(Inner {
            settings,
            config,
            terms,
            ecs: OnceLock::new(),
            sts: OnceLock::new(),
            cloud_watch: OnceLock::new(),
            ecr: ByRegion::default(),
            secrets_manager: ByRegion::default(),
            load_balancing: ByRegion::default(),
            logs: ByRegion::default(),
        })))
    }

    /// ECS services.
    pub fn services(&self) -> EcsServices {
        EcsServices::new(self.ecs(), self.terms().clone())
    }

    /// ECS task definitions.
    pub fn task_definitions(&self) -> EcsTaskDefinitions {
        EcsTaskDefinitions::new(self.ecs(), self.terms().clone())
    }

    /// ECR registries, of any account and region.
    pub fn images(&self) -> EcrImages {
        EcrImages::new(self.clone())
    }

    /// What docker and the like log in to the ECR registries of that region with: those of this account, and those of
    /// others that let the caller in.
    ///
    /// # Errors
    /// Where ECR gives no login.
    pub async fn registry_login(&self, region: &identifier::Region) -> Result<RegistryLogin, CallError> {
        Registries::new(self.clone()).login(region.as_str()).await
    }

    /// The scanners of ECR registries, of any account and region.
    pub fn scans(&self) -> EcrScans {
        EcrScans::new(self.images())
    }

    /// What ECR registries hold beside images, of any account and region.
    pub fn bundles(&self) -> EcrBundles {
        EcrBundles::new(self.images())
    }

    /// Secrets.
    pub fn secrets(&self) -> SecretsManager {
        SecretsManager::new(self.clone())
    }

    /// Target groups of load balancers, of any region.
    pub fn targets(&self) -> LoadBalancerTargets {
        LoadBalancerTargets::new(self.clone())
    }

    /// `CloudWatch` alarms.
    pub fn alarms(&self) -> CloudWatchAlarms {
        let client = self.0.cloud_watch.get_or_init(|| aws_sdk_cloudwatch::Client::new(&self.0.config));
        CloudWatchAlarms::new(client.clone(), self.terms().clone())
    }

    /// Logs of containers, of any region.
    pub fn logs(&self) -> CloudWatchLogs {
        CloudWatchLogs::new(self.clone())
    }

    /// The buckets of sites.
    pub fn buckets(&self) -> S3Bucket {
        S3Bucket::new(self.clone())
    }

    /// Distributions.
    pub fn cdn(&self) -> CloudFront {
        CloudFront::new(self)
    }

    /// Who calls.
    pub fn identity(&self) -> StsIdentity {
        let client = self.0.sts.get_or_init(|| aws_sdk_sts::Client::new(&self.0.config));
        StsIdentity::new(client.clone(), self.terms().clone())
    }

    /// How long its calls wait and how often they try.
    pub fn patience(&self) -> &Patience {
        &self.0.settings.patience
    }

    pub(crate) fn terms(&self) -> &Terms {
        &self.0.terms
    }

    /// Both ECS adapters share a client: what one learns of the server's clock serves the other.
    fn ecs(&self) -> aws_sdk_ecs::Client {
        self.0.ecs.get_or_init(|| aws_sdk_ecs::Client::new(&self.0.config)).clone()
    }

    pub(crate) fn ecr(&self, region: &str) -> aws_sdk_ecr::Client {
        self.0.ecr.get(region, || aws_sdk_ecr::Client::new(&self.in_region(region)))
    }

    pub(crate) fn secrets_manager(&self, region: &str) -> aws_sdk_secretsmanager::Client {
        let make = || aws_sdk_secretsmanager::Client::new(&self.in_region(region));
        self.0.secrets_manager.get(region, make)
    }

    pub(crate) fn load_balancing(&self, region: &str) -> aws_sdk_elasticloadbalancingv2::Client {
        let make = || aws_sdk_elasticloadbalancingv2::Client::new(&self.in_region(region));
        self.0.load_balancing.get(region, make)
    }

    pub(crate) fn logs_in(&self, region: &str) -> aws_sdk_cloudwatchlogs::Client {
        self.0.logs.get(region, || aws_sdk_cloudwatchlogs::Client::new(&self.in_region(region)))
    }

    /// Where all of AWS is, where that is on this machine.
    pub(crate) fn near(&self) -> Option<&str> {
        self.0.config.endpoint_url().filter(|_| direct::is_for(&self.0.config))
    }

    /// Where a service is that is not asked through its SDK, in place of Amazon's own.
    pub(crate) fn endpoint_of(&self, service: &str) -> Option<String> {
        let variable = format!("AWS_ENDPOINT_URL_{}", service.to_uppercase());
        let key = ServiceConfigKey::builder().service_id(service).env(&variable).profile("endpoint_url").build();
        let own = key.ok().and_then(|key| self.0.config.service_config()?.load_config(key));
        let is_configured = self.0.settings.endpoint.is_some();
        let own = own.filter(|_| !is_configured);
        own.or_else(|| self.0.config.endpoint_url().map(str::to_owned))
    }

    /// Where the credentials come from.
    pub(crate) fn credentials(&self) -> Option<SharedCredentialsProvider> {
        self.0.config.credentials_provider()
    }

    /// The environment's region.
    pub(crate) fn region(&self) -> &identifier::Region {
        &self.0.settings.region
    }

    fn in_region(&self, region: &str) -> SdkConfig {
        let builder = self.0.config.clone().into_builder();
        builder.region(Region::new(region.to_owned())).build()
    }
}

/// An AWS on this machine is simulated, on a time of its own: without its clock there is no telling what it allows.
fn allowance(settings: &Settings, config: &SdkConfig) -> Allowance {
    let (account, region) = (&settings.account, &settings.region);
    match &settings.budget {
        Some(budget) => budget.allowance(account, region),
        None if direct::is_for(config) => Allowance::free(),
        None => Budget::in_real_time(Share::default()).allowance(account, region),
    }
}

/// The configuration holds credentials, so that only the place is shown.
impl fmt::Debug for Aws {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &self.0.settings;
        let mut shown = formatter.debug_struct("Aws");
        shown.field("account", &settings.account).field("region", &settings.region);
        shown.field("role", &settings.role).finish_non_exhaustive()
    }
}

/// A client for each region that was asked for.
struct ByRegion<C>(Mutex<BTreeMap<String, C>>);

impl<C> Default for ByRegion<C> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<C: Clone> ByRegion<C> {
    fn get(&self, region: &str, make: impl FnOnce() -> C) -> C {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        clients.entry(region.to_owned()).or_insert_with(make).clone()
    }
}
