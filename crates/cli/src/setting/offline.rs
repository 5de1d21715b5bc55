//! AWS where it is not asked, or could not be: every call brings the same error.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use towpath_core::{
    identifier::{
        AlarmName, ClusterName, Digest, FamilyName, HookId, ImageReference, Repository, SecretReference,
        ServiceDeploymentArn, ServiceName, ServiceRevisionArn, TagName, TaggedImage, TargetGroupArn, TaskDefinitionArn,
    },
    ports::{
        Alarms, Answer, Bundles, CallError, Caller, FoundBundle, Identity, ImageContents, ImageLayout, ImagePresence,
        Images, LogStream, Logs, Platform, PublishError, Published, RegisteredRevision, Scans, SecretPresence, Secrets,
        ServiceUpdate, Services, Tagged, Targets, TaskDefinitions, WhenTaken,
    },
    rollout::{
        Alarm, LogLine, PauseWord, ServiceDeployment, ServiceKey, ServiceRevision, ServiceSnapshot, ServiceTask,
        StoppedTask, TargetHealth,
    },
    task_definition::Document,
};

/// No AWS, and why.
pub(super) struct Offline(pub(super) CallError);

#[async_trait]
impl Services for Offline {
    async fn describe(&self, _: &[ServiceKey]) -> Result<Vec<Option<ServiceSnapshot>>, CallError> {
        Err(self.0.clone())
    }

    async fn names(&self, _: &ClusterName) -> Result<Vec<ServiceName>, CallError> {
        Err(self.0.clone())
    }

    async fn deployments(
        &self,
        _: &ServiceKey,
        _: Option<Timestamp>,
    ) -> Result<Option<Vec<ServiceDeployment>>, CallError> {
        Err(self.0.clone())
    }

    async fn deployments_in_full(&self, _: &[ServiceDeploymentArn]) -> Result<Vec<ServiceDeployment>, CallError> {
        Err(self.0.clone())
    }

    async fn revision(&self, _: &ServiceRevisionArn) -> Result<Option<ServiceRevision>, CallError> {
        Err(self.0.clone())
    }

    async fn tasks(&self, _: &ServiceKey) -> Result<Vec<ServiceTask>, CallError> {
        Err(self.0.clone())
    }

    async fn stopped_tasks(&self, _: &ServiceKey) -> Result<Vec<StoppedTask>, CallError> {
        Err(self.0.clone())
    }

    async fn update(&self, _: &ServiceKey, _: &ServiceUpdate) -> Result<ServiceSnapshot, CallError> {
        Err(self.0.clone())
    }

    async fn stop(&self, _: &ServiceDeploymentArn) -> Result<(), CallError> {
        Err(self.0.clone())
    }

    async fn answer(&self, _: &ServiceDeploymentArn, _: &HookId, _: PauseWord) -> Result<(), CallError> {
        Err(self.0.clone())
    }
}

#[async_trait]
impl TaskDefinitions for Offline {
    async fn describe(&self, _: &TaskDefinitionArn) -> Result<Option<RegisteredRevision>, CallError> {
        Err(self.0.clone())
    }

    async fn latest(&self, _: &FamilyName) -> Result<Option<RegisteredRevision>, CallError> {
        Err(self.0.clone())
    }

    async fn register(&self, _: &Document) -> Result<TaskDefinitionArn, CallError> {
        Err(self.0.clone())
    }
}

#[async_trait]
impl Images for Offline {
    async fn resolve(&self, _: &TaggedImage) -> Result<Option<Digest>, CallError> {
        Err(self.0.clone())
    }

    async fn presence(&self, _: &ImageReference) -> Result<ImagePresence, CallError> {
        Err(self.0.clone())
    }

    async fn children(&self, _: &ImageReference) -> Result<Vec<Digest>, CallError> {
        Err(self.0.clone())
    }

    async fn platforms(&self, _: &ImageReference) -> Result<Option<Vec<Platform>>, CallError> {
        Err(self.0.clone())
    }

    async fn lifecycle(&self, _: &Repository) -> Result<Option<String>, CallError> {
        Err(self.0.clone())
    }

    async fn contents(&self, _: &ImageReference) -> Result<Option<ImageContents>, PublishError> {
        Err(self.0.clone().into())
    }

    async fn copy(&self, _: &ImageReference, _: &Repository) -> Result<Published, PublishError> {
        Err(self.0.clone().into())
    }

    async fn upload(&self, _: &ImageLayout, _: &Repository) -> Result<Published, PublishError> {
        Err(self.0.clone().into())
    }

    async fn tag(&self, _: &ImageReference, _: &TagName, _: WhenTaken) -> Result<Tagged, PublishError> {
        Err(self.0.clone().into())
    }
}

#[async_trait]
impl Scans for Offline {
    async fn scan(&self, _: &ImageReference) -> Result<Answer, CallError> {
        Err(self.0.clone())
    }
}

#[async_trait]
impl Bundles for Offline {
    async fn bundles(&self, _: &ImageReference) -> Result<Vec<FoundBundle>, CallError> {
        Err(self.0.clone())
    }
}

#[async_trait]
impl Secrets for Offline {
    async fn presence(&self, _: &SecretReference) -> Result<SecretPresence, CallError> {
        Err(self.0.clone())
    }
}

#[async_trait]
impl Identity for Offline {
    async fn caller(&self) -> Result<Caller, CallError> {
        Err(self.0.clone())
    }
}

#[async_trait]
impl Targets for Offline {
    async fn health(&self, _: &TargetGroupArn) -> Result<Vec<TargetHealth>, CallError> {
        Err(self.0.clone())
    }

    async fn drain_time(&self, _: &TargetGroupArn) -> Result<Duration, CallError> {
        Err(self.0.clone())
    }
}

#[async_trait]
impl Alarms for Offline {
    async fn look(&self, _: &[AlarmName]) -> Result<Vec<Alarm>, CallError> {
        Err(self.0.clone())
    }
}

#[async_trait]
impl Logs for Offline {
    async fn last(&self, _: &LogStream, _: usize) -> Result<Vec<LogLine>, CallError> {
        Err(self.0.clone())
    }

    async fn since(&self, _: &LogStream, _: Timestamp) -> Result<Vec<LogLine>, CallError> {
        Err(self.0.clone())
    }
}
