//! Effect Check: everything that can be known beforehand is verified, and nothing of the target is changed.
//!
//! Reads that do not need each other's answers go out together, in three waves.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{join, join_all, join3};

use crate::{
    config::Service,
    identifier::{ComponentName, Digest, ImageReference, TaskDefinitionArn},
    ledger::{Ledger, history, history::ProvenServing},
    ports::{CallError, ImagePresence, RegisteredRevision},
    promotion::{Base, Change, ComponentPlan, Event, Intent, Serving, Target},
    rollout::{Deployment, RolloutState, ServiceDeployment, ServiceKey, ServiceSnapshot},
    task_definition::{Document, diff},
};

use super::run::{Halt, Run, failure};

/// A component as the first wave found it.
struct Found<'a> {
    name: &'a ComponentName,
    service: &'a Service,
    snapshot: ServiceSnapshot,
    primary: Deployment,
    image: Option<ImageReference>,
    proven: Option<ProvenServing>,
    /// Revisions that were judged bad here.
    judged_bad: BTreeSet<TaskDefinitionArn>,
}

/// What the ledger says of the components.
struct Past {
    proven: BTreeMap<ComponentName, ProvenServing>,
    judged_bad: BTreeMap<ComponentName, BTreeSet<TaskDefinitionArn>>,
}

/// What the second wave read for a component.
struct Read {
    base: Option<RegisteredRevision>,
    target: Option<RegisteredRevision>,
    latest: Option<RegisteredRevision>,
    deployments: Option<Vec<ServiceDeployment>>,
    digest: Option<Digest>,
}

/// Findings that forbid the promotion, and a failure that kept us from looking.
#[derive(Default)]
pub(super) struct Findings(pub(super) Vec<String>);

impl Findings {
    pub(super) fn add(&mut self, finding: impl Into<String>) {
        self.0.push(finding.into());
    }
}

impl Run<'_> {
    /// Verifies and plans.
    pub(super) async fn check(&mut self) -> Result<Vec<Event>, Halt> {
        let records = Ledger::new(&*self.world.store, &self.environment.name).records().await;
        let records = records.map_err(|error| Halt::Broken(error.into()))?;
        let past = Past { proven: history::last_proven(&records), judged_bad: history::judged_bad(&records) };
        match self.check_all(&past).await {
            Ok((plans, findings)) if findings.0.is_empty() => {
                self.adopt_baseline(&plans, &past.proven).await?;
                Ok(vec![Event::Checked { plans }])
            }
            Ok((_, findings)) => Ok(vec![Event::CheckRefused { findings: findings.0 }]),
            Err(error) => {
                Ok(vec![Event::Errored { failure: failure(crate::promotion::FailureKind::Internal, &error) }])
            }
        }
    }

    /// Which components this promotion is about.
    fn wanted(&self) -> Vec<(&ComponentName, &Service)> {
        let services = self.environment.services.iter();
        match &self.journal.promotion.request.intent {
            Intent::Promote { .. } => {
                let has_artifact = |name: &ComponentName| {
                    self.release.as_ref().is_some_and(|release| release.image(name).is_some())
                };
                services.filter(|(name, _)| has_artifact(name)).collect()
            }
            Intent::Restore { revisions, .. } => {
                services.filter(|(name, _)| revisions.contains_key(*name)).collect()
            }
        }
    }

    async fn check_all(
        &mut self,
        past: &Past,
    ) -> Result<(Vec<ComponentPlan>, Findings), CallError> {
        let mut findings = Findings::default();
        let wanted = self.wanted();
        if wanted.is_empty() {
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
        Ok((plans, findings))
    }

    /// Who we are, what serves, and whether the images are there.
    async fn first_wave<'b>(
        &self,
        wanted: &[(&'b ComponentName, &'b Service)],
        past: &Past,
        findings: &mut Findings,
    ) -> Result<Vec<Found<'b>>, CallError> {
        let keys: Vec<ServiceKey> = wanted.iter().map(|(_, service)| key(service)).collect();
        let images: Vec<_> = wanted.iter().map(|(name, service)| self.image(name, service)).collect();
        let present = join_all(images.iter().map(|image| async {
            match image {
                Some(image) => self.read("ecr:DescribeImages", self.world.images.presence(image)).await.map(Some),
                None => Ok(None),
            }
        }));
        let caller = self.read("sts:GetCallerIdentity", self.world.identity.caller());
        let snapshots = self.read("ecs:DescribeServices", self.world.services.describe(&keys));
        let (caller, snapshots, present) = join3(caller, snapshots, present).await;
        let caller = caller?;
        if caller.account != self.environment.account {
            findings.add(format!(
                "the credentials are those of account {} ({}), but {} is in account {}",
                caller.account, caller.arn, self.environment.name, self.environment.account
            ));
            return Ok(Vec::new());
        }
        let snapshots = match snapshots {
            Err(error) if error.is_not_found() => {
                findings.add(format!(
                    "{error}; looked in account {} and region {}; check `cluster`",
                    self.environment.account, self.environment.region
                ));
                return Ok(Vec::new());
            }
            other => other?,
        };
        let mut found = Vec::new();
        for ((((name, service), snapshot), image), presence) in wanted.iter().zip(snapshots).zip(images).zip(present) {
            self.require_presence(name, image.as_ref(), presence?, findings);
            found.extend(self.require_deployable(name, service, snapshot, findings).map(|(snapshot, primary)| Found {
                name,
                service,
                snapshot,
                primary,
                image,
                proven: past.proven.get(*name).cloned(),
                judged_bad: past.judged_bad.get(*name).cloned().unwrap_or_default(),
            }));
        }
        Ok(found)
    }

    /// The image that a component is to run: the release's, in the repository that this environment pulls from.
    fn image(&self, name: &ComponentName, service: &Service) -> Option<ImageReference> {
        let image = self.release.as_ref()?.image(name)?;
        Some(match &service.repository {
            Some(repository) => ImageReference::new(repository.clone(), image.digest().clone()),
            None => image.clone(),
        })
    }

    fn require_presence(
        &self,
        name: &ComponentName,
        image: Option<&ImageReference>,
        presence: Option<ImagePresence>,
        findings: &mut Findings,
    ) {
        let (Some(image), Some(presence)) = (image, presence) else { return };
        match presence {
            ImagePresence::Present => {}
            ImagePresence::Missing => findings.add(format!("{name}: the image {image} does not exist")),
            ImagePresence::NotPullable(state) => {
                findings.add(format!("{name}: the image {image} cannot be pulled: it is {state}"));
            }
            ImagePresence::CannotTell(why) => self.trouble(format!("{name}: whether {image} exists was not checked: {why}")),
        }
    }

    /// What the service runs, what could be reused, and which deployments were there before.
    async fn second_wave(&self, found: &Found<'_>) -> Result<Read, CallError> {
        let services = &self.world.services;
        let definitions = &self.world.task_definitions;
        let base = &found.primary.task_definition;
        let target = found.proven.as_ref().map(|proven| &proven.serving.task_definition).filter(|arn| *arn != base);
        let service = key(found.service);
        let family = base.family().parse();
        let described = join3(
            self.read("ecs:DescribeTaskDefinition", definitions.describe(base)),
            async {
                match target {
                    Some(target) => self.read("ecs:DescribeTaskDefinition", definitions.describe(target)).await,
                    None => Ok(None),
                }
            },
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
        let ((base, target, latest), deployments, digest) = join3(described, deployments, digest).await;
        Ok(Read { base: base?, target: target?, latest: latest?, deployments: deployments?, digest: digest? })
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

    async fn plan(
        &self,
        found: &Found<'_>,
        read: Read,
        documents: &mut BTreeMap<ComponentName, Document>,
        findings: &mut Findings,
    ) -> Option<ComponentPlan> {
        let name = found.name;
        let Some(base) = &read.base else {
            findings.add(format!("{name}: the task definition {} that serves does not exist", found.primary.task_definition.short()));
            return None;
        };
        let mut notes = Vec::new();
        let before = Serving {
            task_definition: base.arn.clone(),
            digest: read.digest.clone(),
            version: found.proven.as_ref().filter(|proven| proven.serving.task_definition == base.arn).and_then(|proven| proven.serving.version.clone()),
        };
        let target = self.target(found, &read, &before, &mut notes, findings);
        let change = self.change(found, &read, base, documents, findings).await?;
        Some(ComponentPlan {
            component: name.clone(),
            service: key(found.service),
            container: found.service.container.clone(),
            image: found.image.clone(),
            change,
            before: Some(before),
            target,
            base_deployment: Some(found.primary.id.clone()),
            seen: read.deployments.unwrap_or_default().into_iter().map(|deployment| deployment.arn).collect(),
            listed_after: found.primary.created_at,
            desired: found.snapshot.desired,
            needs: self.application.component(name).map(|component| component.needs.clone()).unwrap_or_default(),
            notes,
        })
    }

    /// What to go back to: what was proven, cross-checked with what really serves; never "revision minus one".
    fn target(
        &self,
        found: &Found<'_>,
        read: &Read,
        before: &Serving,
        notes: &mut Vec<String>,
        findings: &mut Findings,
    ) -> Option<Target> {
        let is_bad = found.judged_bad.contains(&before.task_definition);
        let is_complete = !matches!(found.primary.rollout, Some(RolloutState::Failed | RolloutState::InProgress));
        let this = &self.journal.promotion.request.id;
        let (target, revision) = match &found.proven {
            Some(proven) if proven.serving.task_definition == before.task_definition => {
                let target = Target { serving: proven.serving.clone(), proven_by: proven.promotion.clone() };
                (target, &read.base)
            }
            proven if is_complete && !is_bad => {
                if let Some(proven) = proven {
                    notes.push(format!(
                        "{} serves, not {} that was proven by {}: somebody deployed past Towpath; what serves is adopted",
                        before.task_definition.short(),
                        proven.serving.task_definition.short(),
                        proven.promotion
                    ));
                }
                (Target { serving: before.clone(), proven_by: this.clone() }, &read.base)
            }
            Some(proven) => {
                (Target { serving: proven.serving.clone(), proven_by: proven.promotion.clone() }, &read.target)
            }
            None => {
                notes.push("nothing was ever proven here: should this release be bad, there is nothing to go back to".to_owned());
                return None;
            }
        };
        let short = target.serving.task_definition.short();
        match revision {
            Some(revision) if revision.is_active => Some(target),
            Some(_) => {
                findings.add(format!(
                    "{}: the rollback target {short} is INACTIVE: ECS would refuse to go back to it; register it again first",
                    found.name
                ));
                None
            }
            None => {
                findings.add(format!("{}: the rollback target {short} does not exist", found.name));
                None
            }
        }
    }

    async fn change(
        &self,
        found: &Found<'_>,
        read: &Read,
        base: &RegisteredRevision,
        documents: &mut BTreeMap<ComponentName, Document>,
        findings: &mut Findings,
    ) -> Option<Change> {
        let serves_well = !matches!(found.primary.rollout, Some(RolloutState::Failed | RolloutState::InProgress));
        if let Intent::Restore { revisions, .. } = &self.journal.promotion.request.intent {
            let revision = revisions.get(found.name)?.clone();
            return Some(self.restoration(revision, &base.arn, serves_well));
        }
        let source = match (&found.service.task_definition, &read.target) {
            (Some(path), _) => Base::File { path: path.clone() },
            // The primary was given up: the document of what was proven is the base, not that of the failure.
            (None, Some(target)) if !serves_well => Base::Revision { revision: target.arn.clone() },
            (None, _) => Base::Revision { revision: base.arn.clone() },
        };
        let document_of_base = match &source {
            Base::Revision { revision } if *revision == base.arn => Some(&base.document),
            Base::Revision { .. } => read.target.as_ref().map(|target| &target.document),
            Base::File { .. } => None,
        };
        let image = found.image.as_ref()?;
        let document = match self.render(found.service, &source, document_of_base, image).await {
            Ok(document) => document,
            Err(finding) => {
                findings.add(format!("{}: {finding}", found.name));
                return None;
            }
        };
        let fingerprint = document.fingerprint();
        if serves_well && base.document.fingerprint() == fingerprint {
            return Some(Change::Nothing);
        }
        let reusable = read.latest.as_ref().filter(|latest| {
            latest.is_active && latest.arn != base.arn && latest.document.fingerprint() == fingerprint
        });
        if let Some(latest) = reusable {
            return Some(Change::Use { revision: latest.arn.clone() });
        }
        let difference = diff(&base.document, &document).changes.iter().map(ToString::to_string).collect();
        documents.insert(found.name.clone(), document);
        Some(Change::Register { base: source, fingerprint, difference })
    }

    fn restoration(&self, revision: TaskDefinitionArn, serving: &TaskDefinitionArn, serves_well: bool) -> Change {
        if serves_well && revision == *serving {
            return Change::Nothing;
        }
        Change::Use { revision }
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
            join(self.missing_secrets(plan, document), self.missing_target_image(plan)).await
        });
        let results = join_all(checks).await;
        for (secrets, image) in results {
            findings.0.extend(secrets?);
            findings.0.extend(image?);
        }
        Ok(())
    }
}

/// The service's key.
pub(super) fn key(service: &Service) -> ServiceKey {
    ServiceKey { cluster: service.cluster.clone(), service: service.service.clone() }
}
