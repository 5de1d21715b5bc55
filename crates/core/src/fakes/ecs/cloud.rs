//! All that ECS holds for one account and region, and what it does when asked to.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    identifier::{AccountId, Digest, Region, ServiceDeploymentArn, TaskDefinitionArn},
    ports::{CallError, Fault, ServiceUpdate},
    rollout::{PauseWord, ServiceKey, ServiceSnapshot},
};

use super::{
    fake::Operation,
    family::Families,
    rollout::{Outcome, Rollout},
    service::Service,
};

/// Account and region.
#[derive(Debug, Clone)]
pub(super) struct Cloud {
    pub(super) account: AccountId,
    pub(super) region: Region,
    pub(super) families: Families,
    pub(super) services: BTreeMap<ServiceKey, Service>,
    pub(super) outcomes: BTreeMap<Digest, Outcome>,
    /// What rollouts of one revision come to, whatever its image.
    pub(super) revisions: BTreeMap<TaskDefinitionArn, Outcome>,
    /// Whether ECS offers service deployments.
    pub(super) offers_deployments: bool,
    /// Whether a described service names its service deployment that is current.
    pub(super) hints: bool,
    rollouts: u64,
}

impl Cloud {
    pub(super) fn new(account: AccountId, region: Region) -> Self {
        Self {
            account,
            region,
            families: Families::default(),
            services: BTreeMap::new(),
            outcomes: BTreeMap::new(),
            revisions: BTreeMap::new(),
            offers_deployments: true,
            hints: false,
            rollouts: 0,
        }
    }

    /// `arn:aws:ecs:REGION:ACCOUNT:KIND/`.
    pub(super) fn prefix(&self, kind: &str) -> String {
        format!("arn:aws:ecs:{}:{}:{kind}/", self.region, self.account)
    }

    /// Lets happen everywhere what is due by then.
    pub(super) fn settle(&mut self, now: Timestamp) {
        for service in self.services.values_mut() {
            if service.settle(now, self.rollouts + 1) {
                self.rollouts += 1;
            }
        }
    }

    /// The service, or ECS's refusal.
    pub(super) fn service(&self, operation: Operation, key: &ServiceKey) -> Result<&Service, CallError> {
        if !self.services.keys().any(|known| known.cluster == key.cluster) {
            return Err(operation.refused(Fault::NotFound, "ClusterNotFoundException", "Cluster not found."));
        }
        let found = self.services.get(key);
        found.ok_or_else(|| operation.refused(Fault::NotFound, "ServiceNotFoundException", "Service not found."))
    }

    pub(super) fn create(
        &mut self,
        key: &ServiceKey,
        task_definition: &TaskDefinitionArn,
        desired: u32,
        now: Timestamp,
    ) -> Result<(), CallError> {
        self.may_be_deployed(Operation::UpdateService, task_definition)?;
        let rollout = self.rollout(task_definition, now);
        self.services.insert(key.clone(), Service::steady(key.clone(), desired, rollout));
        Ok(())
    }

    /// Sets a service to a task definition. The same one starts nothing, whether or not how ECS deploys is changed with
    /// it (believed, not documented).
    pub(super) fn update(
        &mut self,
        key: &ServiceKey,
        update: &ServiceUpdate,
        now: Timestamp,
    ) -> Result<ServiceSnapshot, CallError> {
        let (task_definition, configuration) = (&update.task_definition, update.configuration.as_ref());
        let operation = Operation::UpdateService;
        let service = self.service(operation, key)?;
        if service.is_deleted {
            let words = "Service was not ACTIVE.";
            return Err(operation.refused(Fault::Rejected, "ServiceNotActiveException", words));
        }
        let is_set = service.task_definition() == task_definition;
        self.may_be_deployed(operation, task_definition)?;
        if let (Some(service), Some(configuration)) = (self.services.get_mut(key), configuration) {
            service.configuration = Some(configuration.clone());
        }
        if !is_set || update.anew {
            let rollout = self.rollout(task_definition, now);
            self.services.get_mut(key).into_iter().for_each(|service| service.begin(rollout.clone()));
            self.settle(now);
        }
        Ok(self.shown(self.service(operation, key)?, now))
    }

    /// A service as `DescribeServices` shows it.
    pub(super) fn shown(&self, service: &Service, now: Timestamp) -> ServiceSnapshot {
        let mut snapshot = service.snapshot(now);
        snapshot.current = self.hints.then(|| self.deployment_arn(&service.key, service.current()));
        snapshot
    }

    /// Does this to the service whose current rollout has that service deployment, unless that is over.
    pub(super) fn stop(
        &mut self,
        operation: Operation,
        arn: &ServiceDeploymentArn,
        work: impl FnOnce(&mut Service),
    ) -> Result<(), CallError> {
        let key = self.current_of(operation, arn)?;
        let service = self.services.get_mut(&key).filter(|service| service.current().back_since.is_none());
        if let Some(service) = service {
            work(service);
        }
        Ok(())
    }

    /// Answers the hook that the service deployment waits at.
    pub(super) fn answer(
        &mut self,
        operation: Operation,
        arn: &ServiceDeploymentArn,
        word: PauseWord,
        now: Timestamp,
    ) -> Result<(), CallError> {
        let key = self.current_of(operation, arn)?;
        let service = self.services.get_mut(&key).filter(|service| service.current().is_waiting());
        let Some(service) = service else {
            let words = "The lifecycle hook is not awaiting action.";
            return Err(operation.refused(Fault::Rejected, "InvalidParameterException", words));
        };
        match word {
            PauseWord::Continue => service.current_mut().told_at = Some(now),
            PauseWord::Rollback => service.go_back(now),
        }
        Ok(())
    }

    /// The service whose current rollout this is, where it is not over.
    fn current_of(&self, operation: Operation, arn: &ServiceDeploymentArn) -> Result<ServiceKey, CallError> {
        let is_it = |service: &&Service| self.deployment_arn(&service.key, service.current()) == *arn;
        match self.services.values().find(is_it) {
            Some(service) if !service.current().status.is_final() => Ok(service.key.clone()),
            Some(_) | None => {
                Err(operation.refused(Fault::Rejected, "ConflictException", "The service deployment is over."))
            }
        }
    }

    fn may_be_deployed(&self, operation: Operation, arn: &TaskDefinitionArn) -> Result<(), CallError> {
        let refused = |words| Err(operation.refused(Fault::Rejected, "ClientException", words));
        match self.families.get(arn) {
            None => refused("TaskDefinition not found."),
            Some(revision) if !revision.is_active => refused("TaskDefinition is inactive"),
            Some(_) => Ok(()),
        }
    }

    fn rollout(&mut self, task_definition: &TaskDefinitionArn, now: Timestamp) -> Rollout {
        self.rollouts += 1;
        let images = self.families.images(task_definition);
        let of_image = || images.iter().find_map(|(_, digest)| self.outcomes.get(digest));
        let outcome = self.revisions.get(task_definition).or_else(of_image).copied();
        Rollout::begun(self.rollouts, task_definition.clone(), outcome.unwrap_or_default(), now)
    }
}
