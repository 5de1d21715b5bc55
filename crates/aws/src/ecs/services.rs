//! The Services port on ECS.
//!
//! It reads in batches and concurrently, and updates exactly one thing: the task definition.

use std::{
    collections::{BTreeMap, BTreeSet},
    slice::Chunks,
    sync::Arc,
};

use async_trait::async_trait;
use aws_sdk_ecs::{
    Client,
    primitives::DateTime,
    types::{CreatedAt, DeploymentLifecycleHookAction, DesiredStatus, StopServiceDeploymentStopType},
};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use serde_json::{Value, json};
use towpath_core::{
    identifier::{ClusterName, HookId, ServiceDeploymentArn, ServiceName, ServiceRevisionArn},
    ports::{CallError, Fault, ServiceUpdate, Services},
    rollout::{PauseWord, ServiceDeployment, ServiceKey, ServiceRevision, ServiceSnapshot, ServiceTask, StoppedTask},
};

use crate::{
    call::{Call, Nature, Terms},
    connect::once,
    fault,
    json::{self, Unreadable},
};

use super::{
    deployment, revision,
    snapshot::{self, Described},
    task,
};

/// ECS services of one account and region.
#[derive(Clone)]
pub struct EcsServices {
    client: Client,
    terms: Terms,
}

impl EcsServices {
    pub(crate) fn new(client: Client, terms: Terms) -> Self {
        Self { client, terms }
    }

    fn read(&self, operation: &'static str) -> Call<'_> {
        Call { operation, nature: Nature::Read, codes: fault::ecs, terms: &self.terms }
    }

    async fn describe_some(&self, cluster: &ClusterName, names: &[ServiceName]) -> Result<Described, CallError> {
        let call = self.read("ecs:DescribeServices");
        let texts = names.iter().map(ServiceName::to_string).collect();
        let request = self.client.describe_services().cluster(cluster.as_str()).set_services(Some(texts));
        let answer = call.json(|wire| request.clone().customize().interceptor(wire).send()).await?;
        let described = snapshot::services(&answer).map_err(|problem| call.unreadable(&problem))?;
        let mut untold = names.iter().filter(|name| !described.contains_key(name));
        match untold.find_map(|name| trouble(&call, &answer, name)) {
            Some(error) => Err(error),
            None => Ok(described),
        }
    }

    async fn task_arns(&self, service: &ServiceKey, desired: DesiredStatus) -> Result<Vec<String>, CallError> {
        let call = self.read("ecs:ListTasks");
        let first = self
            .client
            .list_tasks()
            .cluster(service.cluster.as_str())
            .service_name(service.service.as_str())
            .desired_status(desired)
            .max_results(100);
        let (mut arns, mut token) = (Vec::new(), None);
        loop {
            let request = first.clone().set_next_token(token);
            let answer = call.json(|wire| request.clone().customize().interceptor(wire).send()).await?;
            let unreadable = |problem: Unreadable| call.unreadable(&problem);
            let page = json::list(&answer, "taskArns").map_err(unreadable)?;
            arns.extend(page.iter().filter_map(Value::as_str).map(str::to_owned));
            token = next_token(&answer).map_err(unreadable)?;
            if token.is_none() {
                return Ok(arns);
            }
        }
    }

    async fn describe_tasks<T>(
        &self,
        cluster: &ClusterName,
        arns: &[String],
        read: fn(&Value) -> Result<T, Unreadable>,
    ) -> Result<Vec<T>, CallError> {
        let call = self.read("ecs:DescribeTasks");
        let request = self.client.describe_tasks().cluster(cluster.as_str()).set_tasks(Some(arns.to_vec()));
        let answer = call.json(|wire| request.clone().customize().interceptor(wire).send()).await?;
        // A task that is gone since it was listed is among the failures, and no task of the service any more.
        json::each(&answer, "tasks", read).map_err(|problem| call.unreadable(&problem))
    }

    async fn describe_deployments(&self, arns: &[ServiceDeploymentArn]) -> Result<Vec<ServiceDeployment>, CallError> {
        let call = self.read("ecs:DescribeServiceDeployments");
        let texts = arns.iter().map(ServiceDeploymentArn::to_string).collect();
        let request = self.client.describe_service_deployments().set_service_deployment_arns(Some(texts));
        let answer = call.json(|wire| request.clone().customize().interceptor(wire).send()).await?;
        json::each(&answer, "serviceDeployments", deployment::service_deployment)
            .map_err(|problem| call.unreadable(&problem))
    }

    async fn list_deployments(
        &self,
        service: &ServiceKey,
        after: Option<Timestamp>,
    ) -> Result<Vec<ServiceDeployment>, CallError> {
        let call = self.read("ecs:ListServiceDeployments");
        let since = |after: Timestamp| {
            let after = DateTime::from_nanos(after.as_nanosecond()).ok();
            CreatedAt::builder().set_after(after).build()
        };
        let first = self
            .client
            .list_service_deployments()
            .cluster(service.cluster.as_str())
            .service(service.service.as_str())
            .set_created_at(after.map(since))
            .max_results(100);
        let (mut deployments, mut token) = (Vec::new(), None);
        loop {
            let request = first.clone().set_next_token(token);
            let answer = call.json(|wire| request.clone().customize().interceptor(wire).send()).await?;
            let unreadable = |problem: Unreadable| call.unreadable(&problem);
            let page = json::each(&answer, "serviceDeployments", deployment::service_deployment).map_err(unreadable)?;
            deployments.extend(page);
            token = next_token(&answer).map_err(unreadable)?;
            if token.is_none() {
                return Ok(newest_first(deployments, after));
            }
        }
    }
}

#[async_trait]
impl Services for EcsServices {
    async fn describe(&self, services: &[ServiceKey]) -> Result<Vec<Option<ServiceSnapshot>>, CallError> {
        let groups = by_cluster(services);
        let batches = groups.iter().flat_map(|(cluster, names)| {
            let batches: Chunks<'_, ServiceName> = names.chunks(10);
            batches.map(move |names| async move {
                Ok::<_, CallError>((*cluster, self.describe_some(cluster, names).await?))
            })
        });
        let mut found: BTreeMap<&ClusterName, Described> = BTreeMap::new();
        for (cluster, described) in try_join_all(batches).await? {
            found.entry(cluster).or_default().extend(described);
        }
        let snapshot = |key: &ServiceKey| found.get(&key.cluster).and_then(|of| of.get(&key.service));
        Ok(services.iter().map(|key| snapshot(key).cloned()).collect())
    }

    async fn names(&self, cluster: &ClusterName) -> Result<Vec<ServiceName>, CallError> {
        let call = self.read("ecs:ListServices");
        let first = self.client.list_services().cluster(cluster.as_str()).max_results(100);
        let (mut names, mut token) = (Vec::new(), None);
        loop {
            let request = first.clone().set_next_token(token);
            let answer = call.json(|wire| request.clone().customize().interceptor(wire).send()).await?;
            let unreadable = |problem: Unreadable| call.unreadable(&problem);
            let page = json::list(&answer, "serviceArns").map_err(unreadable)?;
            let short = |arn: &Value| arn.as_str()?.rsplit('/').next()?.parse().ok();
            names.extend(page.iter().filter_map(short));
            token = next_token(&answer).map_err(unreadable)?;
            if token.is_none() {
                return Ok(names);
            }
        }
    }

    async fn deployments(
        &self,
        service: &ServiceKey,
        after: Option<Timestamp>,
    ) -> Result<Option<Vec<ServiceDeployment>>, CallError> {
        match self.list_deployments(service, after).await {
            Ok(deployments) => Ok(Some(deployments)),
            Err(error) if fault::is_without_service_deployments(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn deployments_in_full(&self, arns: &[ServiceDeploymentArn]) -> Result<Vec<ServiceDeployment>, CallError> {
        let batches = arns.chunks(20).map(|batch| self.describe_deployments(batch));
        Ok(try_join_all(batches).await?.into_iter().flatten().collect())
    }

    async fn revision(&self, arn: &ServiceRevisionArn) -> Result<Option<ServiceRevision>, CallError> {
        let call = self.read("ecs:DescribeServiceRevisions");
        let request = self.client.describe_service_revisions().service_revision_arns(arn.as_str());
        let answer = call.json(|wire| request.clone().customize().interceptor(wire).send()).await?;
        let revisions = json::each(&answer, "serviceRevisions", revision::service_revision);
        let revisions = revisions.map_err(|problem| call.unreadable(&problem))?;
        Ok(revisions.into_iter().find(|revision| revision.arn == *arn))
    }

    async fn tasks(&self, service: &ServiceKey) -> Result<Vec<ServiceTask>, CallError> {
        let arns = self.task_arns(service, DesiredStatus::Running).await?;
        let batches = arns.chunks(100).map(|batch| self.describe_tasks(&service.cluster, batch, task::task));
        Ok(try_join_all(batches).await?.into_iter().flatten().collect())
    }

    async fn stopped_tasks(&self, service: &ServiceKey) -> Result<Vec<StoppedTask>, CallError> {
        let arns = self.task_arns(service, DesiredStatus::Stopped).await?;
        let batches = arns.chunks(100).map(|batch| self.describe_tasks(&service.cluster, batch, task::stopped));
        Ok(try_join_all(batches).await?.into_iter().flatten().collect())
    }

    async fn update(&self, service: &ServiceKey, update: &ServiceUpdate) -> Result<ServiceSnapshot, CallError> {
        let call = Call { nature: Nature::Change, ..self.read("ecs:UpdateService") };
        let request = self
            .client
            .update_service()
            .cluster(service.cluster.as_str())
            .service(service.service.as_str())
            .task_definition(update.task_definition.as_str())
            .set_force_new_deployment(update.anew.then_some(true));
        let attempt = |wire| {
            let once = once(&self.terms.patience);
            request.clone().customize().config_override(once).interceptor(wire).send()
        };
        let answer = call.raw(body(service, update), attempt).await?;
        let updated = json::required(&answer, "service").and_then(snapshot::service);
        updated.map_err(|problem| call.unreadable(&problem))
    }

    async fn stop(&self, deployment: &ServiceDeploymentArn) -> Result<(), CallError> {
        let call = Call { nature: Nature::Change, ..self.read("ecs:StopServiceDeployment") };
        let request = self
            .client
            .stop_service_deployment()
            .service_deployment_arn(deployment.as_str())
            .stop_type(StopServiceDeploymentStopType::Rollback);
        let attempt = |wire| {
            let once = once(&self.terms.patience);
            request.clone().customize().config_override(once).interceptor(wire).send()
        };
        call.json(attempt).await.map(drop)
    }

    async fn answer(&self, deployment: &ServiceDeploymentArn, hook: &HookId, word: PauseWord) -> Result<(), CallError> {
        let call = Call { nature: Nature::Change, ..self.read("ecs:ContinueServiceDeployment") };
        let action = match word {
            PauseWord::Continue => DeploymentLifecycleHookAction::Continue,
            PauseWord::Rollback => DeploymentLifecycleHookAction::Rollback,
        };
        let request = self
            .client
            .continue_service_deployment()
            .service_deployment_arn(deployment.as_str())
            .hook_id(hook.as_str())
            .action(action);
        let attempt = |wire| {
            let once = once(&self.terms.patience);
            request.clone().customize().config_override(once).interceptor(wire).send()
        };
        call.json(attempt).await.map(drop)
    }
}

/// The body of an update that also says how ECS is to deploy: raw, since members newer than the SDK must survive.
fn body(service: &ServiceKey, update: &ServiceUpdate) -> Option<Arc<[u8]>> {
    let configuration = update.configuration.as_ref()?;
    let mut body = json!({
        "cluster": service.cluster.as_str(),
        "service": service.service.as_str(),
        "taskDefinition": update.task_definition.as_str(),
        "deploymentConfiguration": configuration.to_json(),
    });
    if update.anew {
        body["forceNewDeployment"] = json!(true);
    }
    Some(body.to_string().into_bytes().into())
}

/// The services of each cluster, each once.
fn by_cluster(services: &[ServiceKey]) -> BTreeMap<&ClusterName, Vec<ServiceName>> {
    let mut groups: BTreeMap<&ClusterName, BTreeSet<&ServiceName>> = BTreeMap::new();
    for key in services {
        groups.entry(&key.cluster).or_default().insert(&key.service);
    }
    let owned = |names: BTreeSet<&ServiceName>| names.into_iter().cloned().collect();
    groups.into_iter().map(|(cluster, names)| (cluster, owned(names))).collect()
}

/// Why the answer has no such service, unless ECS calls it missing.
fn trouble(call: &Call<'_>, answer: &Value, name: &ServiceName) -> Option<CallError> {
    let failures = match json::list(answer, "failures") {
        Ok(failures) => failures,
        Err(problem) => return Some(call.unreadable(&problem)),
    };
    let is_about = |failure: &&Value| {
        let arn = json::text(failure, "arn").ok().flatten();
        arn.is_some_and(|arn| arn.rsplit(['/', ':']).next() == Some(name.as_str()))
    };
    let Some(failure) = failures.iter().find(is_about) else {
        return Some(call.unsure(format!("the answer does not mention the service {name}")));
    };
    match json::text(failure, "reason").ok().flatten() {
        Some("MISSING") => None,
        reason => {
            let reason = reason.unwrap_or("no reason").to_owned();
            let message = format!("ECS could not describe the service {name}: {reason}");
            Some(call.failed(Fault::Rejected, Some(reason), message))
        }
    }
}

fn newest_first(mut deployments: Vec<ServiceDeployment>, after: Option<Timestamp>) -> Vec<ServiceDeployment> {
    let is_wanted = |created: Timestamp| after.is_none_or(|after| created > after);
    deployments.retain(|deployment| deployment.created_at.is_none_or(is_wanted));
    deployments.sort_by_key(|deployment| std::cmp::Reverse(deployment.created_at));
    deployments
}

fn next_token(answer: &Value) -> Result<Option<String>, Unreadable> {
    Ok(json::text(answer, "nextToken")?.map(str::to_owned))
}
