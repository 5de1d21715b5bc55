//! Effect Register: the component's revision exists afterwards.

use crate::{
    identifier::{ComponentName, TaskDefinitionArn},
    ports::CallError,
    promotion::{Change, Event, FailureKind},
    task_definition::Document,
};

use super::{
    call,
    run::{Halt, Run, failure},
};

impl Run<'_> {
    /// Registers the document, or finds that it is registered already.
    pub(super) async fn register(&self, name: &ComponentName) -> Result<Vec<Event>, Halt> {
        let component = name.clone();
        if let Change::Use { revision } = &self.component(name)?.plan.change {
            return Ok(vec![Event::Registered { component, revision: revision.clone(), reused: true }]);
        }
        let document = self.planned_document(name).await?;
        if self.is_resumed
            && let Some(revision) =
                self.registered_before(&document).await.map_err(|error| Halt::Suspend(error.to_string()))?
        {
            return Ok(vec![Event::Registered { component, revision, reused: true }]);
        }
        match self.register_document(&document).await? {
            Ok(revision) => Ok(vec![Event::Registered { component, revision, reused: false }]),
            Err(error) => {
                let failure = failure(FailureKind::Registration, &error);
                Ok(vec![Event::Failed { component, failure, end: None, results: Vec::new() }])
            }
        }
    }

    /// An active revision with this document: one that is there, or a new one.
    pub(super) async fn registered_again(
        &self,
        document: &Document,
    ) -> Result<Result<TaskDefinitionArn, CallError>, Halt> {
        match self.registered_before(document).await {
            Ok(Some(revision)) => Ok(Ok(revision)),
            Ok(None) => self.register_document(document).await,
            Err(error) => Ok(Err(error)),
        }
    }

    /// An ambiguous answer is settled by reading; a second revision would harm nothing, but nobody would know why.
    async fn register_document(&self, document: &Document) -> Result<Result<TaskDefinitionArn, CallError>, Halt> {
        match self.send_document(document).await? {
            Err(error) if error.is_ambiguous() => {
                self.trouble(format!("{error}; looking whether the revision was made"));
                match self.registered_before(document).await {
                    Ok(Some(revision)) => Ok(Ok(revision)),
                    Ok(None) => self.send_document(document).await,
                    Err(error) => Ok(Err(error)),
                }
            }
            other => Ok(other),
        }
    }

    async fn send_document(&self, document: &Document) -> Result<Result<TaskDefinitionArn, CallError>, Halt> {
        self.may_begin()?;
        let (clock, deadline) = (&*self.world.clock, self.settings.call_deadline);
        let register = self.world.task_definitions.register(document);
        Ok(call::write(clock, deadline, "ecs:RegisterTaskDefinition", register).await)
    }

    async fn registered_before(&self, document: &Document) -> Result<Option<TaskDefinitionArn>, CallError> {
        let Some(family) = document.family() else {
            return Ok(None);
        };
        let latest = self.read("ecs:DescribeTaskDefinition", self.world.task_definitions.latest(&family)).await?;
        let same = latest.filter(|latest| latest.is_active && latest.document.fingerprint() == document.fingerprint());
        Ok(same.map(|latest| latest.arn))
    }
}
