//! Filling the world with what a scenario describes.
//!
//! Everything is made as a client would make it, so that a scenario can hold nothing that AWS would refuse.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::{AlarmSpec, LoadBalancerSpec, TargetGroupSpec, estate::Estate, place::Place};
use crate::{
    cloudfront::CloudFront,
    ecr::{self, Door, Push, ScanSpec},
    ecs::SeedService,
    fault::AwsError,
    images::{Catalog, ImageError, ImageSpec},
    s3::S3,
    scenario::{CircuitBreaker, ClusterEntry, RepositoryEntry, Scenario, SecretEntry, ServiceEntry, TagMutability},
};

/// How long before the start everything is made.
const AGE: SignedDuration = SignedDuration::from_hours(1);

/// Why a scenario cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PopulateError {
    /// A simulated service refuses it.
    #[error("{entry} was refused: {}: {}", .error.code, .error.message)]
    Refused {
        /// Which entry of the scenario.
        entry: String,
        /// What the service answered.
        error: AwsError,
    },
    /// An image cannot be pushed.
    #[error("image number {number} of the scenario cannot be made")]
    Image {
        /// Which one, from 1.
        number: usize,
        /// Why.
        #[source]
        source: ImageError,
    },
}

impl Estate {
    /// Makes everything that `scenario` describes, as it is at `start`.
    pub(crate) fn populated(scenario: &Scenario, start: Timestamp) -> Result<Self, PopulateError> {
        let mut estate = Self::new(&scenario.default_account, &scenario.default_region, scenario.knobs.clone());
        estate.registry_knobs = scenario.registry.clone();
        let made_at = start.checked_sub(AGE).unwrap_or(start);
        scenario.scans.iter().rev().for_each(|scan| estate.set_scan(scan));
        scenario.repositories.iter().try_for_each(|entry| estate.make_repository(entry, made_at))?;
        for (index, image) in scenario.images.iter().enumerate() {
            estate.set_image(image, made_at).map_err(|source| PopulateError::Image { number: index + 1, source })?;
        }
        scenario.secrets.iter().try_for_each(|entry| estate.make_secret(entry, made_at))?;
        scenario.clusters.iter().for_each(|entry| estate.make_cluster(entry));
        scenario.alarms.iter().try_for_each(|entry| estate.make_alarm(entry, start))?;
        scenario.target_groups.iter().for_each(|group| estate.make_target_group(group));
        scenario.load_balancers.iter().for_each(|balancer| estate.make_load_balancer(balancer));
        estate.make_distributions(scenario, made_at)?;
        scenario.services.iter().try_for_each(|entry| estate.make_service(entry, start))?;
        estate.step(start);
        estate.observe(start);
        scenario.faults.iter().for_each(|fault| estate.faults.add(fault.clone()));
        Ok(estate)
    }

    fn make_repository(&mut self, entry: &RepositoryEntry, at: Timestamp) -> Result<(), PopulateError> {
        let mutability = match entry.tag_mutability {
            TagMutability::Mutable => "MUTABLE",
            TagMutability::Immutable => "IMMUTABLE",
        };
        let mut input = json!({
            "repositoryName": entry.name,
            "imageTagMutability": mutability,
            "imageScanningConfiguration": {"scanOnPush": entry.scan_on_push},
        });
        if !entry.tag_exclusions.is_empty() {
            let filter = |filter: &String| json!({"filterType": "WILDCARD", "filter": filter});
            let filters: Vec<_> = entry.tag_exclusions.iter().map(filter).collect();
            input["imageTagMutability"] = format!("{mutability}_WITH_EXCLUSION").into();
            input["imageTagMutabilityExclusionFilters"] = filters.into();
        }
        let place = self.place(entry.account.as_deref(), entry.region.as_deref());
        let registry = self.registry(&place);
        let name = || format!("repository `{}`", entry.name);
        refused(registry.call("CreateRepository", &input, at), name)?;
        let texts = [
            ("PutLifecyclePolicy", "lifecyclePolicyText", &entry.lifecycle_policy),
            ("SetRepositoryPolicy", "policyText", &entry.policy),
        ];
        for (operation, member, text) in texts {
            let Some(text) = text else { continue };
            let input = json!({"repositoryName": entry.name, member: text});
            refused(registry.call(operation, &input, at), name)?;
        }
        Ok(())
    }

    fn make_secret(&mut self, entry: &SecretEntry, at: Timestamp) -> Result<(), PopulateError> {
        let input = json!({"Name": entry.name, "SecretString": entry.value, "Description": entry.description});
        let place = self.place(entry.account.as_deref(), entry.region.as_deref());
        let made = self.secrets(&place).call("CreateSecret", &input, at);
        refused(made, || format!("secret `{}`", entry.name))
    }

    fn make_cluster(&mut self, entry: &ClusterEntry) {
        let place = self.place(entry.account.as_deref(), entry.region.as_deref());
        self.ecs(&place).seed_cluster(&entry.name);
    }

    fn make_target_group(&mut self, entry: &TargetGroupSpec) {
        let place = self.place(entry.account.as_deref(), entry.region.as_deref());
        self.balancing(&place).add_group(entry);
    }

    fn make_load_balancer(&mut self, entry: &LoadBalancerSpec) {
        let place = self.place(entry.account.as_deref(), entry.region.as_deref());
        self.balancing(&place).add_balancer(entry);
    }

    fn make_alarm(&mut self, entry: &AlarmSpec, start: Timestamp) -> Result<(), PopulateError> {
        let made = self.set_alarm(entry, start);
        made.map_err(|error| PopulateError::Refused { entry: format!("alarm `{}`", entry.name), error })
    }

    fn make_distributions(&mut self, scenario: &Scenario, at: Timestamp) -> Result<(), PopulateError> {
        self.cloudfront = CloudFront::new(scenario.cloudfront.clone());
        for entry in &scenario.distributions {
            let account = entry.account.as_deref().unwrap_or(&scenario.default_account);
            self.cloudfront.seed(entry, account, at).map_err(|error| PopulateError::Refused {
                entry: format!("distribution `{}`", entry.id),
                error: error.error,
            })?;
        }
        Ok(())
    }

    fn make_service(&mut self, entry: &ServiceEntry, start: Timestamp) -> Result<(), PopulateError> {
        let place = self.place(entry.account.as_deref(), entry.region.as_deref());
        self.ecs(&place);
        let catalog = Catalog { registries: &self.registries, behaviours: &self.behaviours };
        let ecs = self.ecs.get_mut(&place);
        let made = ecs.map_or(Ok(()), |ecs| ecs.seed_service(&seed(entry), start, &catalog));
        made.map_err(|error| PopulateError::Refused { entry: format!("service `{}`", entry.name), error })
    }
}

/// Makes the buckets and the objects of `scenario`.
pub(crate) fn populate_storage(storage: &S3, scenario: &Scenario, start: Timestamp) -> Result<(), PopulateError> {
    let made_at = start.checked_sub(AGE).unwrap_or(start);
    for bucket in &scenario.buckets {
        let account = bucket.account.as_deref().unwrap_or(&scenario.default_account);
        let region = bucket.region.as_deref().unwrap_or(&scenario.default_region);
        storage.seed_bucket(bucket, (account, region), made_at).map_err(|error| PopulateError::Refused {
            entry: format!("bucket `{}`", bucket.name),
            error: error.error,
        })?;
    }
    for object in &scenario.objects {
        storage.seed_object(object, made_at).map_err(|error| PopulateError::Refused {
            entry: format!("object `{}` of bucket `{}`", object.key, object.bucket),
            error: error.error,
        })?;
    }
    Ok(())
}

fn seed(entry: &ServiceEntry) -> SeedService {
    let configuration = deployment_configuration(entry);
    SeedService {
        cluster: entry.cluster.clone(),
        name: entry.name.clone(),
        desired_count: entry.desired_count,
        task_definition: Value::Object(entry.task_definition.clone().unwrap_or_default()),
        deployment_configuration: (!configuration.is_empty()).then(|| configuration.into()),
        members: entry.create_service.clone(),
    }
}

fn deployment_configuration(entry: &ServiceEntry) -> Map<String, Value> {
    let mut configuration = entry.deployment_configuration.clone();
    let breaker = entry.circuit_breaker.map(|breaker| match breaker {
        CircuitBreaker::Off => json!({"enable": false, "rollback": false}),
        CircuitBreaker::Stop => json!({"enable": true, "rollback": false}),
        CircuitBreaker::RollBack => json!({"enable": true, "rollback": true}),
    });
    if let Some(breaker) = breaker {
        configuration.insert("deploymentCircuitBreaker".to_owned(), breaker);
    }
    configuration
}

fn refused(made: Result<Value, AwsError>, entry: impl FnOnce() -> String) -> Result<(), PopulateError> {
    match made {
        Ok(_) => Ok(()),
        Err(error) => Err(PopulateError::Refused { entry: entry(), error }),
    }
}

impl Estate {
    /// The place that an entry names, or the default one.
    pub(crate) fn place(&self, account: Option<&str>, region: Option<&str>) -> Place {
        Place::new(account.unwrap_or(&self.default_account), region.unwrap_or(&self.default_region))
    }

    /// Says what becomes of scans, in the registries that there are and in those to come.
    pub(crate) fn set_scan(&mut self, spec: &ScanSpec) {
        self.scans.insert(0, spec.clone());
        let fitting = self.registries.iter_mut().filter(|(place, _)| spec.is_at(place.account(), place.region()));
        fitting.for_each(|(_, registry)| registry.set_scan(spec.clone()));
    }

    /// Makes or changes an alarm, and scripts what will become of it.
    pub(crate) fn set_alarm(&mut self, spec: &AlarmSpec, now: Timestamp) -> Result<(), AwsError> {
        let place = self.place(spec.account.as_deref(), spec.region.as_deref());
        self.alarms(&place).set(spec, now)
    }

    /// Pushes an image or changes a behaviour, and answers the digest if there is one.
    pub(crate) fn set_image(&mut self, spec: &ImageSpec, now: Timestamp) -> Result<Option<String>, ImageError> {
        spec.check()?;
        let (behaviour, conduct) = spec.made();
        if let Some(reference) = &spec.reference {
            self.behaviours.set_reference(reference, behaviour, conduct);
            return Ok(None);
        }
        let digest = match (&spec.digest, &spec.repository) {
            (Some(digest), _) => digest.clone(),
            (None, Some(repository)) => self
                .push(spec, repository, now)
                .map_err(|error| ImageError::Refused { repository: repository.clone(), error })?,
            (None, None) => return Err(ImageError::Ambiguous),
        };
        self.behaviours.set_digest(&digest, behaviour, conduct);
        Ok(Some(digest))
    }

    fn push(&mut self, spec: &ImageSpec, repository: &str, now: Timestamp) -> Result<String, AwsError> {
        let place = self.place(spec.account.as_deref(), spec.region.as_deref());
        let registry = self.registry(&place);
        let created = registry.call("CreateRepository", &json!({"repositoryName": repository}), now);
        unless(created, "RepositoryAlreadyExistsException")?;
        let made = ecr::made_up(repository, &spec.behaviour.version, &spec.behaviour.commit);
        if spec.manifest.is_none() {
            registry.make_up(repository, &made)?;
        }
        let manifest = spec.manifest.as_deref().unwrap_or(&made.manifest);
        let mut put = |tag: Option<&str>| {
            let door = Door::Scenario;
            let push = Push { repository, manifest, media_type: None, digest: None, tag, door };
            unless(registry.push(&push, now), "ImageAlreadyExistsException")
        };
        put(None)?;
        spec.tags.iter().try_for_each(|tag| put(Some(tag)))?;
        Ok(crate::api::sha256(manifest))
    }
}

/// Lets one error pass.
fn unless<T>(result: Result<T, AwsError>, code: &str) -> Result<(), AwsError> {
    match result {
        Ok(_) => Ok(()),
        Err(error) if error.code == code => Ok(()),
        Err(error) => Err(error),
    }
}
