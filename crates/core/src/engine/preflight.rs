//! The single conditions of the check: each names what forbids the promotion, and the remedy.

use std::collections::BTreeSet;

use crate::{
    config::Service,
    identifier::{ComponentName, SecretReference},
    ledger::{RecordKind, history::ProvenServing},
    ports::{CallError, ImagePresence, Platform, SecretPresence},
    promotion::{Change, ComponentPlan, Outcome},
    rollout::{
        Controller, Deployment, DeploymentConfiguration, RolloutState, ServiceSnapshot, ServiceStatus, Strategy,
    },
    task_definition::Document,
};

use super::{
    check::{Findings, key},
    near::{self, Neighbours},
    run::{Halt, Run},
};

impl Run<'_> {
    /// The service and its primary deployment, where it can be deployed to.
    pub(super) fn require_deployable(
        &self,
        (name, service): (&ComponentName, &Service),
        snapshot: Option<ServiceSnapshot>,
        neighbours: &Neighbours,
        findings: &mut Findings,
    ) -> Option<(ServiceSnapshot, Deployment)> {
        let key = key(service);
        let Some(snapshot) = snapshot else {
            findings.add(format!(
                "{name}: there is no service {key} in account {} and region {}{}; create it with your infrastructure, Towpath only deploys to it",
                self.environment.account, self.environment.region, near::hint(&key, neighbours)
            ));
            return None;
        };
        let before = findings.wrong.len();
        findings.wrong.extend(status_finding(name, &snapshot));
        findings.wrong.extend(controller_finding(name, &snapshot));
        findings.wrong.extend(percent_finding(name, service, &snapshot));
        if snapshot.desired == 0 && !service.allow_empty {
            findings.add(format!(
                "{name}: {key} wants 0 tasks, so nothing would be proven; scale it up, or set `allow-empty = true` to deploy without proof"
            ));
        }
        let primary = snapshot.primary().cloned();
        match &primary {
            None if matches!(snapshot.controller, Controller::Ecs { .. }) => findings
                .add(format!("{name}: {key} has no deployment yet; create its first one with your infrastructure")),
            Some(primary) if is_busy(&snapshot, primary) => self.judge_busy(name, service, primary, findings),
            Some(_) | None => {}
        }
        (findings.wrong.len() == before).then_some(snapshot).zip(primary)
    }

    /// The secrets that a document refers to and that are not there. A look that is denied is not a finding.
    pub(super) async fn missing_secrets(
        &self,
        plan: &ComponentPlan,
        document: Option<&Document>,
    ) -> Result<Vec<String>, CallError> {
        let Some(document) = document else {
            return Ok(Vec::new());
        };
        let referred: BTreeSet<SecretReference> =
            document.secrets().iter().filter_map(|secret| secret.value_from.parse().ok()).collect();
        let looks = referred.iter().map(|secret| async move {
            (secret, self.read("secretsmanager:DescribeSecret", self.world.secrets.presence(secret)).await)
        });
        let mut missing = Vec::new();
        for (secret, presence) in futures_util::future::join_all(looks).await {
            match presence {
                Ok(SecretPresence::Present) => {}
                Ok(SecretPresence::Missing) => {
                    missing.push(format!("{}: the secret {secret} does not exist", plan.component));
                }
                Ok(SecretPresence::BeingDeleted) => {
                    missing.push(format!("{}: the secret {secret} is scheduled for deletion", plan.component));
                }
                Err(error) if error.is_denied() => {
                    self.trouble(format!("{}: whether {secret} exists was not checked: {error}", plan.component));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(missing)
    }

    /// Whether the image was built for what the task definition runs on. Who may not look does not know that it is wrong.
    pub(super) async fn wrong_platform(
        &self,
        plan: &ComponentPlan,
        document: Option<&Document>,
    ) -> Result<Option<String>, CallError> {
        let image = plan.publish_from.as_ref().or(plan.image.as_ref());
        let (Some(wanted), Some(image)) = (document.and_then(wanted_platform), image) else {
            return Ok(None);
        };
        match self.read("ecr:BatchGetImage", self.world.images.platforms(image)).await {
            Ok(Some(platforms)) if !platforms.iter().any(|platform| is_for(platform, wanted)) => {
                let built: Vec<String> = platforms.iter().map(ToString::to_string).collect();
                let built = if built.is_empty() { "nothing that runs".to_owned() } else { built.join(", ") };
                Ok(Some(format!(
                    "{}: the image {image} is built for {built}, and its task definition runs on {}/{}; build it for that, or change runtimePlatform",
                    plan.component, wanted.0, wanted.1
                )))
            }
            Ok(_) => Ok(None),
            Err(error) if error.is_passing() => Err(error),
            Err(error) => {
                self.trouble(format!("{}: what {image} is built for was not checked: {error}", plan.component));
                Ok(None)
            }
        }
    }

    /// Whether what would be gone back to could still be pulled.
    pub(super) async fn missing_target_image(&self, plan: &ComponentPlan) -> Result<Option<String>, CallError> {
        let Some(target) = &plan.target else {
            return Ok(None);
        };
        if plan.change == Change::Nothing {
            return Ok(None);
        }
        let Some(old) = &target.image else {
            self.trouble(format!(
                "{}: the rollback target's image has no known digest, so it was not looked for",
                plan.component
            ));
            return Ok(None);
        };
        match self.read("ecr:DescribeImages", self.world.images.presence(old)).await {
            Ok(ImagePresence::Missing) => Ok(Some(format!(
                "{}: the image {old} of the rollback target no longer exists, so there would be nothing to go back to",
                plan.component
            ))),
            Ok(ImagePresence::CannotTell(why)) => {
                self.trouble(format!(
                    "{}: whether the rollback target's image exists was not checked: {why}",
                    plan.component
                ));
                Ok(None)
            }
            Ok(ImagePresence::NotPullable(state)) => Ok(Some(format!(
                "{}: the image {old} of the rollback target cannot be pulled: it is {state}",
                plan.component
            ))),
            Ok(ImagePresence::Present) => Ok(None),
            Err(error) if error.is_denied() => {
                self.trouble(format!("{}: the rollback target's image was not checked: {error}", plan.component));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Records what serves as the baseline, where Towpath meets it for the first time.
    pub(super) async fn adopt_baseline(
        &mut self,
        plans: &[ComponentPlan],
        proven: &std::collections::BTreeMap<ComponentName, ProvenServing>,
    ) -> Result<(), Halt> {
        let is_new = |plan: &&ComponentPlan| {
            let known = proven.get(&plan.component).map(|proven| &proven.serving.task_definition);
            plan.target.as_ref().is_some_and(|target| {
                target.proven_by == self.journal.promotion.request.id && known != Some(&target.serving.task_definition)
            })
        };
        let adopted: Vec<ComponentPlan> = plans.iter().filter(is_new).cloned().collect();
        if adopted.is_empty() {
            return Ok(());
        }
        let mut record =
            self.blank_record(Outcome::Adopted, "what serves was taken as the baseline, by ECS's own word");
        record.kind = RecordKind::Adoption;
        // The record is about what serves, not about the release that is on its way.
        let image = adopted.iter().find_map(|plan| plan.target.as_ref()?.image.clone());
        record.digest = image.as_ref().map(|image| image.digest().clone());
        record.image_uri = image;
        record.sha = None;
        record.version = None;
        record.commit = None;
        record.components =
            adopted.iter().map(|plan| (plan.component.clone(), super::conclude::adoption(plan))).collect();
        self.append_record(record).await.map_err(|error| Halt::Broken(error.into()))?;
        Ok(())
    }
}

/// The operating system and architecture that the tasks have, in the words of image manifests; nothing where the
/// document leaves it to the instances. Source: ECS API reference, `RuntimePlatform`: Fargate takes `LINUX` and `X86_64`
/// where it is not said.
fn wanted_platform(document: &Document) -> Option<(&'static str, &'static str)> {
    let platform = document.runtime_platform();
    let is_fargate = document.requires_compatibilities().any(|one| one == "FARGATE");
    let architecture = match platform.architecture {
        Some("ARM64") => "arm64",
        Some("X86_64") => "amd64",
        None if is_fargate => "amd64",
        Some(_) | None => return None,
    };
    let os = match platform.operating_system {
        Some(name) if name.starts_with("WINDOWS") => "windows",
        Some("LINUX") | None => "linux",
        Some(_) => return None,
    };
    Some((os, architecture))
}

fn is_for(platform: &Platform, wanted: (&str, &str)) -> bool {
    (platform.os.as_str(), platform.architecture.as_str()) == wanted
}

/// Whether a rollout is under way.
///
/// A deployment that ECS gave up leaves the list once its tasks are gone. How long after that AWS does not say, so one
/// without tasks keeps nobody waiting.
pub(super) fn is_busy(snapshot: &ServiceSnapshot, primary: &Deployment) -> bool {
    let is_over = |other: &Deployment| {
        let has_tasks = other.desired + other.running + other.pending > 0;
        other.id == primary.id || other.rollout == Some(RolloutState::Failed) && !has_tasks
    };
    match &primary.rollout {
        Some(RolloutState::InProgress) => true,
        Some(RolloutState::Failed) => false,
        Some(RolloutState::Completed | RolloutState::Unknown(_)) | None => !snapshot.deployments.iter().all(is_over),
    }
}

fn status_finding(name: &ComponentName, snapshot: &ServiceSnapshot) -> Option<String> {
    match &snapshot.status {
        ServiceStatus::Active => None,
        ServiceStatus::Draining => Some(format!("{name}: the service is being deleted (DRAINING)")),
        ServiceStatus::Inactive => Some(format!("{name}: the service was deleted (INACTIVE)")),
        ServiceStatus::Unknown(status) => {
            Some(format!("{name}: the service is {status}, which this version does not know"))
        }
    }
}

fn controller_finding(name: &ComponentName, snapshot: &ServiceSnapshot) -> Option<String> {
    if snapshot.is_express {
        return Some(format!("{name}: the service is managed by ECS (express mode), which Towpath does not deploy"));
    }
    match &snapshot.controller {
        Controller::Ecs { strategy: Strategy::Rolling | Strategy::BlueGreen | Strategy::Linear | Strategy::Canary } => {
            None
        }
        Controller::Ecs { strategy: Strategy::Unknown(strategy) } => {
            Some(format!("{name}: the service deploys with strategy {strategy}, which this version does not know"))
        }
        Controller::CodeDeploy => Some(format!(
            "{name}: the service is deployed by CODE_DEPLOY; Towpath deploys services of ECS's own controller"
        )),
        Controller::External => Some(format!(
            "{name}: the service is deployed by an EXTERNAL controller; Towpath deploys services of ECS's own controller"
        )),
        Controller::Unknown(controller) => {
            Some(format!("{name}: the service is deployed by {controller}, which this version does not know"))
        }
    }
}

/// With no room between the least and the most tasks, ECS could neither start nor stop one.
fn percent_finding(name: &ComponentName, service: &Service, snapshot: &ServiceSnapshot) -> Option<String> {
    // What the configuration says is brought with the release, so that is what ECS will go by.
    let configured = DeploymentConfiguration::new(service.deployment.clone());
    let minimum = configured.percent("minimumHealthyPercent").or(snapshot.minimum_healthy_percent)?;
    let maximum = configured.percent("maximumPercent").or(snapshot.maximum_percent)?;
    let desired = u64::from(snapshot.desired);
    let least = (desired * u64::from(minimum)).div_ceil(100);
    let most = desired * u64::from(maximum) / 100;
    (desired > 0 && least >= desired && most <= desired).then(|| {
        format!(
            "{name}: with {desired} wanted tasks, minimumHealthyPercent {minimum} and maximumPercent {maximum} leave ECS no room to replace a task ({least} must run, {most} may); lower the first or raise the second"
        )
    })
}
