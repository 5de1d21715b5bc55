//! The plan of a component: what has to change, and what to go back to, decided from what the check has read.

use std::collections::BTreeMap;

use serde_json::Map;

use crate::{
    identifier::{AlarmName, ComponentName, ContainerName, Digest, ImageReference, TaggedImage, TaskDefinitionArn},
    ports::RegisteredRevision,
    promotion::{Base, Change, ComponentPlan, ConfigurationChange, Intent, Serving, Target},
    rollout::{Deployment, DeploymentConfiguration, RolloutState},
    task_definition::{Document, diff},
};

use super::{
    check::{Findings, Found, Read, key},
    run::Run,
};

impl Run<'_> {
    pub(super) async fn plan(
        &self,
        found: &Found<'_>,
        read: Read,
        documents: &mut BTreeMap<ComponentName, Document>,
        findings: &mut Findings,
    ) -> Option<ComponentPlan> {
        let name = found.name;
        let Some(base) = &read.base else {
            findings.add(format!(
                "{name}: the task definition {} that serves does not exist",
                found.primary.task_definition.short()
            ));
            return None;
        };
        let mut notes = Vec::new();
        let before = Serving {
            task_definition: base.arn.clone(),
            digest: read.digest.clone(),
            version: found
                .proven
                .as_ref()
                .filter(|proven| proven.serving.task_definition == base.arn)
                .and_then(|proven| proven.serving.version.clone()),
        };
        let target = self.target(found, &read, &before, &mut notes, findings);
        let change = self.change(found, &read, base, documents, findings).await?;
        // Neither a drill nor a way back in a hurry is the place to change how ECS deploys.
        let is_release = matches!(self.journal.promotion.request.intent, Intent::Promote { .. });
        let configuration = if is_release { configuration(found, &change, &mut notes) } else { None };
        notes.extend(warnings(found));
        if !read.firing.is_empty() {
            let names: Vec<&str> = read.firing.iter().map(AlarmName::as_str).collect();
            notes.push(format!(
                "alarms fire already ({}): ECS watches no alarms in this deployment, so only its tasks and the smoke checks judge it",
                names.join(", ")
            ));
        }
        notes.extend(self.taken_over.get(name).or_else(|| findings.taken_over.get(name)).cloned());
        let from_file = documents.get(name).filter(|_| found.service.task_definition.is_some());
        if let Some(document) = from_file.filter(|document| !document.stripped().is_empty()) {
            notes.push(format!(
                "{}: {}",
                found.service.task_definition.as_deref().unwrap_or("the task definition"),
                document.stripped()
            ));
        }
        Some(ComponentPlan {
            component: name.clone(),
            service: key(found.service),
            container: found.service.container.clone(),
            publish_from: found.publish_from.clone(),
            image: found.image.clone().or_else(|| self.recorded_image(found, &read)),
            change,
            before: Some(before),
            target,
            base_deployment: Some(found.primary.id.clone()),
            seen: read.deployments.iter().flatten().map(|deployment| deployment.arn.clone()).collect(),
            listed_after: found.primary.created_at,
            desired: found.snapshot.desired,
            patience_seconds: patience(found, configuration.as_ref()),
            configuration,
            needs: self.application.component(name).map(|component| component.needs.clone()).unwrap_or_default(),
            notes,
        })
    }

    /// The image of a recorded revision whose release is not known: as its document names it, with the recorded digest.
    fn recorded_image(&self, found: &Found<'_>, read: &Read) -> Option<ImageReference> {
        let digests = match &self.journal.promotion.request.intent {
            Intent::Restore { digests, .. } => digests,
            Intent::Drill { .. } => {
                return image_in(&read.base.as_ref()?.document, &found.service.container, read.digest.as_ref());
            }
            Intent::Promote { .. } => return None,
        };
        let document = &read.wanted.as_ref().or(read.base.as_ref())?.document;
        image_in(document, &found.service.container, digests.get(found.name))
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
        let restored = self.restored(found.name).filter(|restored| **restored != before.task_definition);
        let is_bad = found.judged_bad.contains(&before.task_definition);
        let is_complete = found.is_complete();
        let this = &self.journal.promotion.request.id;
        let (target, revision) = match &found.proven {
            Some(proven) if proven.serving.task_definition == before.task_definition => {
                let target =
                    Target { serving: proven.serving.clone(), image: None, proven_by: proven.promotion.clone() };
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
                (Target { serving: before.clone(), image: None, proven_by: this.clone() }, &read.base)
            }
            Some(proven) if restored == Some(&proven.serving.task_definition) => {
                notes.push(
                    "what serves is not proven, and nothing else but what is gone back to ever was: should that fail too, there is nothing left to go back to"
                        .to_owned(),
                );
                return None;
            }
            None if let Some(complete) = found.last_complete() => {
                notes.push(format!(
                    "{} is the last that ECS calls complete here; it is adopted as what to go back to",
                    complete.short()
                ));
                let serving = Serving { task_definition: complete.clone(), digest: None, version: None };
                (Target { serving, image: None, proven_by: this.clone() }, &read.target)
            }
            Some(proven) => (
                Target { serving: proven.serving.clone(), image: None, proven_by: proven.promotion.clone() },
                &read.target,
            ),
            None if self.journal.promotion.request.intent.is_drill() => {
                findings.add(format!("{}: there is nothing to go back to, so a drill would be no drill", found.name));
                return None;
            }
            None => {
                notes.push(
                    "nothing was ever proven here: should this release be bad, there is nothing to go back to"
                        .to_owned(),
                );
                return None;
            }
        };
        let short = target.serving.task_definition.short();
        match revision {
            Some(revision) if revision.is_active => {
                let image = image_in(&revision.document, &found.service.container, target.serving.digest.as_ref());
                Some(Target { image, ..target })
            }
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
        let serves_well = found.is_complete() && !found.judged_bad.contains(&base.arn);
        if let Some(revision) = self.restored(found.name) {
            return restoration(found, read, revision, &base.arn, documents, findings);
        }
        if self.journal.promotion.request.intent.is_drill() {
            return spoil(found, base, documents, findings);
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
}

/// What has to change for a drill: a copy of what serves that cannot run.
fn spoil(
    found: &Found<'_>,
    base: &RegisteredRevision,
    documents: &mut BTreeMap<ComponentName, Document>,
    findings: &mut Findings,
) -> Option<Change> {
    if !found.is_complete() {
        findings
            .add(format!("{}: what serves is not complete by ECS's own word; a drill needs solid ground", found.name));
        return None;
    }
    if found.snapshot.desired == 0 {
        findings.add(format!("{}: the service wants no tasks, so a drill would show nothing", found.name));
        return None;
    }
    let proven = found.proven.as_ref().map(|proven| &proven.serving.task_definition);
    if found.judged_bad.contains(&base.arn) || proven.is_some_and(|proven| *proven != base.arn) {
        findings.add(format!(
            "{}: {} serves, which is not what was last proven here; promote or roll back first",
            found.name,
            base.arn.short()
        ));
        return None;
    }
    let Some(document) = base.document.spoiled(&found.service.container) else {
        findings.add(format!("{}: {} has no container `{}`", found.name, base.arn.short(), found.service.container));
        return None;
    };
    let difference = diff(&base.document, &document).changes.iter().map(ToString::to_string).collect();
    let (source, fingerprint) = (Base::Revision { revision: base.arn.clone() }, document.fingerprint());
    documents.insert(found.name.clone(), document);
    Some(Change::Register { base: source, fingerprint, difference })
}

/// What has to change to go back to a recorded revision, which must be one that ECS would take.
fn restoration(
    found: &Found<'_>,
    read: &Read,
    revision: &TaskDefinitionArn,
    serving: &TaskDefinitionArn,
    documents: &mut BTreeMap<ComponentName, Document>,
    findings: &mut Findings,
) -> Option<Change> {
    if revision == serving {
        return found
            .is_complete()
            .then_some(Change::Nothing)
            .or_else(|| Some(Change::Use { revision: revision.clone() }));
    }
    match &read.wanted {
        Some(wanted) if wanted.is_active => {
            return Some(Change::Use { revision: revision.clone() });
        }
        // ECS would refuse it; an identical one is what was proven, under another number.
        Some(wanted) => {
            let fingerprint = wanted.document.fingerprint();
            let is_same = |latest: &&RegisteredRevision| {
                latest.is_active && latest.arn != *serving && latest.document.fingerprint() == fingerprint
            };
            if let Some(latest) = read.latest.as_ref().filter(is_same) {
                return Some(Change::Use { revision: latest.arn.clone() });
            }
            documents.insert(found.name.clone(), wanted.document.clone());
            let base = Base::Revision { revision: revision.clone() };
            return Some(Change::Register { base, fingerprint, difference: Vec::new() });
        }
        None => findings.add(format!("{}: {} does not exist any more", found.name, revision.short())),
    }
    None
}

/// The image of a container as its document names it, made exact by the digest that runs where it names only a tag.
fn image_in(document: &Document, container: &ContainerName, digest: Option<&Digest>) -> Option<ImageReference> {
    let text = document.container(container)?.image()?;
    if let Ok(exact) = text.parse() {
        return Some(exact);
    }
    let tagged: TaggedImage = text.parse().ok()?;
    Some(ImageReference::new(tagged.repository, digest?.clone()))
}

/// How ECS is to deploy from now on, where the configuration says something else than the service has.
fn configuration(found: &Found<'_>, change: &Change, notes: &mut Vec<String>) -> Option<ConfigurationChange> {
    let wanted = &found.service.deployment;
    let before = found.snapshot.configuration.clone().unwrap_or_else(|| DeploymentConfiguration::new(Map::new()));
    let after = before.with(wanted);
    if wanted.is_empty() || after == before {
        return None;
    }
    if *change == Change::Nothing {
        notes.push("how ECS deploys it is not as configured; that is changed with the next release".to_owned());
        return None;
    }
    Some(ConfigurationChange { before, after })
}

/// How long ECS itself waits on purpose in a rollout, in seconds.
fn patience(found: &Found<'_>, configuration: Option<&ConfigurationChange>) -> u64 {
    let configuration = configuration.map(|change| &change.after).or(found.snapshot.configuration.as_ref());
    let bake = configuration.map(DeploymentConfiguration::bake).unwrap_or_default();
    bake.as_secs().saturating_add(u64::from(found.snapshot.grace_seconds))
}

/// What the user should know of the service before anything is changed, though it forbids nothing.
fn warnings(found: &Found<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    let is_watched = !found.snapshot.alarms.is_empty();
    match found.snapshot.circuit_breaker {
        Some(breaker) if breaker.is_on && !breaker.rolls_back => {
            warnings.push("the circuit breaker gives up without rolling back: Towpath puts back what served".to_owned());
        }
        Some(breaker) if breaker.is_on => {}
        Some(_) | None if is_watched => {}
        Some(_) | None => warnings.push(
            "the deployment circuit breaker is off: Towpath finds crash loops by itself, but nobody does if its run is lost"
                .to_owned(),
        ),
    }
    if found.primary.failed > 0 {
        warnings.push(format!("tasks of what serves fail now: {} in a row", found.primary.failed));
    }
    warnings
}

impl Found<'_> {
    /// What ECS last called complete here, where something else is on its way.
    pub(super) fn last_complete(&self) -> Option<&TaskDefinitionArn> {
        let complete = |deployment: &&Deployment| deployment.rollout == Some(RolloutState::Completed);
        let of_others = self.snapshot.deployments.iter().filter(|deployment| deployment.id != self.primary.id);
        let last = of_others.filter(complete).max_by_key(|deployment| deployment.created_at);
        last.map(|deployment| &deployment.task_definition).filter(|arn| !self.judged_bad.contains(*arn))
    }

    /// Whether ECS calls what serves complete. Where it gives no rollout state at all, the counts must be right.
    pub(super) fn is_complete(&self) -> bool {
        match &self.primary.rollout {
            Some(RolloutState::Completed) => true,
            Some(RolloutState::InProgress | RolloutState::Failed | RolloutState::Unknown(_)) => false,
            None => self.snapshot.deployments.len() == 1 && self.primary.running == self.snapshot.desired,
        }
    }
}
