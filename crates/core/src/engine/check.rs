//! Effect Check: everything that can be known beforehand is verified, and nothing of the target is changed.
//!
//! Reads that do not need each other's answers go out together, in three waves.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{join, join_all, join3, join4};

use crate::{
    config::Service,
    identifier::{AlarmName, ComponentName, Digest, ImageReference, TaskDefinitionArn},
    ledger::{Ledger, history, history::ProvenServing},
    ports::{CallError, RegisteredRevision},
    promotion::{ComponentPlan, Event, FailureKind, Intent, SiteComponentPlan},
    rollout::{AlarmState, Deployment, ServiceDeployment, ServiceKey, ServiceSnapshot},
    task_definition::Document,
};

use super::{
    run::{Halt, Run, failure},
    site::PastSites,
};

/// A component as the first wave found it.
pub(super) struct Found<'a> {
    pub(super) name: &'a ComponentName,
    pub(super) service: &'a Service,
    pub(super) snapshot: ServiceSnapshot,
    pub(super) primary: Deployment,
    pub(super) image: Option<ImageReference>,
    /// Where its bytes are, where they have to be brought here first.
    pub(super) publish_from: Option<ImageReference>,
    pub(super) proven: Option<ProvenServing>,
    /// Revisions that were judged bad here.
    pub(super) judged_bad: BTreeSet<TaskDefinitionArn>,
}

/// What the ledger says of the components.
struct Past {
    proven: BTreeMap<ComponentName, ProvenServing>,
    judged_bad: BTreeMap<ComponentName, BTreeSet<TaskDefinitionArn>>,
    sites: PastSites,
}

/// What the second wave read for a component.
pub(super) struct Read {
    /// What serves.
    pub(super) base: Option<RegisteredRevision>,
    /// What was last proven, where that is something else.
    pub(super) target: Option<RegisteredRevision>,
    /// What a person wants to go back to, where that is something else.
    pub(super) wanted: Option<RegisteredRevision>,
    /// The newest of the family.
    pub(super) latest: Option<RegisteredRevision>,
    pub(super) deployments: Option<Vec<ServiceDeployment>>,
    /// The digest that runs.
    pub(super) digest: Option<Digest>,
    /// The alarms that fire already, of those that ECS is to watch.
    pub(super) firing: Vec<AlarmName>,
}

/// What forbids the promotion.
#[derive(Default)]
pub(super) struct Findings {
    /// What is wrong, for people.
    pub(super) wrong: Vec<String>,
    /// Whether the credentials are another account's, so that nothing else need be looked at.
    pub(super) is_about_the_account: bool,
    /// Components in whose service a rollout is under way that is to be waited for.
    pub(super) busy: Vec<ComponentName>,
    /// Components in whose service a rollout is under way that is to be deployed over, and why.
    pub(super) taken_over: BTreeMap<ComponentName, String>,
}

impl Findings {
    pub(super) fn add(&mut self, finding: impl Into<String>) {
        self.wrong.push(finding.into());
    }
}

impl Run<'_> {
    /// Verifies and plans.
    pub(super) async fn check(&mut self) -> Result<Vec<Event>, Halt> {
        let records = Ledger::new(&*self.world.store, &self.environment.name).records().await;
        let records = records.map_err(|error| Halt::Broken(error.into()))?;
        let past = Past {
            proven: history::last_proven(&records),
            judged_bad: history::judged_bad(&records),
            sites: PastSites::of(&records),
        };
        loop {
            let busy = match self.check_all(&past).await {
                Ok((plans, sites, findings)) if findings.wrong.is_empty() && findings.busy.is_empty() => {
                    self.adopt_baseline(&plans, &past.proven).await?;
                    return Ok(vec![Event::Checked { plans, sites }]);
                }
                Ok((_, _, findings)) if findings.wrong.is_empty() => findings.busy,
                Ok((_, _, findings)) => return Ok(vec![Event::CheckRefused { findings: findings.wrong }]),
                Err(error) => {
                    let failure = failure(FailureKind::Internal, &error);
                    return Ok(vec![Event::Errored { failure }]);
                }
            };
            if self.lease.is_none() {
                // A plan waits for nothing.
                let note = "a rollout is under way in its service; it would be waited for";
                self.taken_over.extend(busy.into_iter().map(|name| (name, note.to_owned())));
                continue;
            }
            if let Some(findings) = self.wait_until_free(&busy).await? {
                return Ok(vec![Event::CheckRefused { findings }]);
            }
        }
    }

    /// Which components this promotion is about.
    fn wanted(&self) -> Vec<(&ComponentName, &Service)> {
        let services = self.environment.services.iter();
        match &self.journal.promotion.request.intent {
            Intent::Promote { .. } => {
                let has_artifact =
                    |name: &ComponentName| self.release.as_ref().is_some_and(|release| release.image(name).is_some());
                services.filter(|(name, _)| has_artifact(name)).collect()
            }
            Intent::Restore { revisions, .. } => services.filter(|(name, _)| revisions.contains_key(*name)).collect(),
            Intent::Drill { .. } => services.collect(),
        }
    }

    async fn check_all(
        &mut self,
        past: &Past,
    ) -> Result<(Vec<ComponentPlan>, Vec<SiteComponentPlan>, Findings), CallError> {
        let mut findings = Findings::default();
        let wanted = self.wanted();
        if wanted.is_empty() && self.wanted_sites().is_empty() {
            findings.add(format!("no component of {} has anything to bring", self.environment.name));
        }
        let found = self.first_wave(&wanted, past, &mut findings).await?;
        let reads = join_all(found.iter().map(|found| self.second_wave(found))).await;
        let mut plans = Vec::new();
        let mut documents = BTreeMap::new();
        for (found, read) in found.iter().zip(reads) {
            let plan = self.plan(found, read?, &mut documents, &mut findings).await;
            plans.extend(plan);
        }
        self.third_wave(&mut plans, &documents, &mut findings).await?;
        self.documents = documents;
        let sites = if findings.is_about_the_account {
            Vec::new()
        } else {
            self.check_sites(&past.sites, &mut findings).await?
        };
        Ok((plans, sites, findings))
    }

    /// Who we are, what serves, and whether the images are there.
    async fn first_wave<'b>(
        &self,
        wanted: &[(&'b ComponentName, &'b Service)],
        past: &Past,
        findings: &mut Findings,
    ) -> Result<Vec<Found<'b>>, CallError> {
        let keys: Vec<ServiceKey> = wanted.iter().map(|(_, service)| key(service)).collect();
        let sought = join_all(wanted.iter().map(|(name, service)| self.seek(name, service)));
        let caller = self.read("sts:GetCallerIdentity", self.world.identity.caller());
        let snapshots = self.read("ecs:DescribeServices", self.world.services.describe(&keys));
        let (caller, snapshots, sought) = join3(caller, snapshots, sought).await;
        let caller = caller?;
        if caller.account != self.environment.account {
            findings.is_about_the_account = true;
            findings.add(format!(
                "the credentials are those of account {} ({}), but {} is in account {}",
                caller.account, caller.arn, self.environment.name, self.environment.account
            ));
            return Ok(Vec::new());
        }
        let snapshots = match snapshots {
            Err(error) if error.is_not_found() => {
                let clusters: BTreeSet<_> = keys.iter().map(|key| format!("`{}`", key.cluster)).collect();
                findings.add(format!(
                    "{error}; looked for {} in account {} and region {}; check `cluster`, which is a name and not an ARN",
                    clusters.into_iter().collect::<Vec<_>>().join(", "),
                    self.environment.account,
                    self.environment.region
                ));
                return Ok(Vec::new());
            }
            other => other?,
        };
        let neighbours = self.neighbours(&keys, &snapshots).await;
        let mut found = Vec::new();
        for (((name, service), snapshot), sought) in wanted.iter().zip(snapshots).zip(sought) {
            let sought = sought?;
            self.require_presence(name, &sought, findings);
            found.extend(self.require_deployable((name, service), snapshot, &neighbours, findings).map(
                |(snapshot, primary)| Found {
                    name,
                    service,
                    snapshot,
                    primary,
                    image: sought.image,
                    publish_from: sought.publish_from,
                    proven: past.proven.get(*name).cloned(),
                    judged_bad: past.judged_bad.get(*name).cloned().unwrap_or_default(),
                },
            ));
        }
        Ok(found)
    }

    /// What the service runs, what could be reused, and which deployments were there before.
    async fn second_wave(&self, found: &Found<'_>) -> Result<Read, CallError> {
        let services = &self.world.services;
        let definitions = &self.world.task_definitions;
        let base = &found.primary.task_definition;
        let proven = found.proven.as_ref().map(|proven| &proven.serving.task_definition);
        let target = proven.or_else(|| found.last_complete()).filter(|arn| *arn != base);
        let service = key(found.service);
        let family = base.family().parse();
        let wanted = self.restored(found.name).filter(|arn| *arn != base);
        let described = join4(
            self.read("ecs:DescribeTaskDefinition", definitions.describe(base)),
            self.describe_if(target),
            self.describe_if(wanted),
            async {
                match family {
                    Ok(family) => self.read("ecs:DescribeTaskDefinition", definitions.latest(&family)).await,
                    Err(_) => Ok(None),
                }
            },
        );
        let deployments =
            self.read("ecs:ListServiceDeployments", services.deployments(&service, found.primary.created_at));
        let digest = async {
            match &found.proven {
                Some(proven) if proven.serving.task_definition == *base => Ok(proven.serving.digest.clone()),
                _ => self.running_digest(found, &service).await,
            }
        };
        let firing = self.firing(found);
        let ((base, target, wanted, latest), deployments, digest, firing) =
            join4(described, deployments, digest, firing).await;
        let (base, target, wanted, latest) = (base?, target?, wanted?, latest?);
        Ok(Read { base, target, wanted, latest, deployments: deployments?, digest: digest?, firing })
    }

    /// The alarms that fire already: ECS watches none that fires when a deployment begins.
    async fn firing(&self, found: &Found<'_>) -> Vec<AlarmName> {
        let names = alarms_to_watch(found);
        if names.is_empty() {
            return Vec::new();
        }
        match self.read("cloudwatch:DescribeAlarms", self.world.alarms.look(&names)).await {
            Ok(alarms) => {
                let firing = alarms.into_iter().filter(|alarm| alarm.state == AlarmState::Firing);
                firing.map(|alarm| alarm.name).collect()
            }
            Err(error) => {
                self.trouble(format!("{}: whether alarms fire already was not checked: {error}", found.name));
                Vec::new()
            }
        }
    }

    async fn describe_if(&self, arn: Option<&TaskDefinitionArn>) -> Result<Option<RegisteredRevision>, CallError> {
        match arn {
            Some(arn) => self.read("ecs:DescribeTaskDefinition", self.world.task_definitions.describe(arn)).await,
            None => Ok(None),
        }
    }

    /// The revision that a person wants to go back to.
    pub(super) fn restored(&self, name: &ComponentName) -> Option<&TaskDefinitionArn> {
        match &self.journal.promotion.request.intent {
            Intent::Restore { revisions, .. } => revisions.get(name),
            Intent::Promote { .. } | Intent::Drill { .. } => None,
        }
    }

    /// The one digest that the primary deployment's tasks run, where there is one.
    async fn running_digest(&self, found: &Found<'_>, service: &ServiceKey) -> Result<Option<Digest>, CallError> {
        let tasks = self.read("ecs:DescribeTasks", self.world.services.tasks(service)).await?;
        let digests: Vec<_> = tasks
            .iter()
            .filter(|task| task.task_definition == found.primary.task_definition)
            .flat_map(|task| &task.containers)
            .filter(|container| container.name == found.service.container.as_str())
            .filter_map(|container| container.digest.clone())
            .collect();
        let first = digests.first().cloned();
        Ok(first.filter(|first| digests.iter().all(|digest| digest == first)))
    }

    /// What the documents refer to, and whether the rollback targets' images are still there.
    async fn third_wave(
        &self,
        plans: &mut [ComponentPlan],
        documents: &BTreeMap<ComponentName, Document>,
        findings: &mut Findings,
    ) -> Result<(), CallError> {
        let checks = plans.iter().map(|plan| async {
            let document = documents.get(&plan.component);
            let (secrets, image) = (self.missing_secrets(plan, document), self.missing_target_image(plan));
            join3(secrets, image, self.wrong_platform(plan, document)).await
        });
        let (results, ()) = join(join_all(checks), self.warn_of_lifecycles(plans)).await;
        for (secrets, image, platform) in results {
            findings.wrong.extend(secrets?);
            findings.wrong.extend(image?);
            findings.wrong.extend(platform?);
        }
        Ok(())
    }
}

/// The alarms that ECS is to watch: as configured here, or as the service has them.
fn alarms_to_watch(found: &Found<'_>) -> Vec<AlarmName> {
    let Some(configured) = found.service.deployment.get("alarms") else {
        return found.snapshot.alarms.clone();
    };
    let names = configured.get("alarmNames").and_then(serde_json::Value::as_array);
    names.into_iter().flatten().filter_map(|name| name.as_str()?.parse().ok()).collect()
}

/// The service's key.
pub(super) fn key(service: &Service) -> ServiceKey {
    ServiceKey { cluster: service.cluster.clone(), service: service.service.clone() }
}
