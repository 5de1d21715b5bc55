//! The document of a component: read, rendered with the release's image, held against what was planned.

use std::collections::BTreeMap;

use crate::{
    config::Service,
    identifier::{ComponentName, ImageReference, TaskDefinitionArn},
    promotion::{Base, Change},
    smoke::Expected,
    task_definition::{Document, Rendering},
};

use super::run::{Halt, Run};

impl Run<'_> {
    /// The document as the release needs it, made from this base.
    ///
    /// # Errors
    /// A finding for people where it cannot be made.
    pub(super) async fn render(
        &self,
        service: &Service,
        base: &Base,
        base_document: Option<&Document>,
        image: &ImageReference,
    ) -> Result<Document, String> {
        let read;
        let document = match (base, base_document) {
            (Base::Revision { .. }, Some(document)) => document,
            (Base::Revision { revision }, None) => {
                read = self.described(revision).await?;
                &read
            }
            (Base::File { path }, _) => {
                let text = self.world.documents.read(path).await.map_err(|error| error.to_string())?;
                read = Document::parse(&text, path).map_err(|error| error.to_string())?;
                &read
            }
        };
        let placeholders = match base {
            Base::File { .. } => service.placeholders.clone(),
            Base::Revision { .. } => BTreeMap::new(),
        };
        let images = std::iter::once((service.container.clone(), image.clone())).collect();
        let variables = std::iter::once((service.container.clone(), self.variables(service))).collect();
        let rendered =
            document.render(&Rendering { images, variables, placeholders }).map_err(|error| error.to_string())?;
        match rendered.document.problems().as_slice() {
            [] => Ok(rendered.document),
            problems => Err(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
        }
    }

    /// The variables that the release sets.
    fn variables(&self, service: &Service) -> BTreeMap<String, String> {
        let Some(release) = &self.release else {
            return BTreeMap::new();
        };
        let expected = Expected { version: &release.version, commit: &release.commit };
        service.variables.iter().map(|(name, text)| (name.clone(), expected.fill(text))).collect()
    }

    /// The document of that revision.
    pub(super) async fn described(&self, revision: &TaskDefinitionArn) -> Result<Document, String> {
        match self.read("ecs:DescribeTaskDefinition", self.world.task_definitions.describe(revision)).await {
            Ok(Some(found)) => Ok(found.document),
            Ok(None) => Err(format!("the task definition {} does not exist", revision.short())),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The document that the check planned: kept from the check, or rendered anew by a resumed run and held against
    /// the fingerprint, since a file may have changed in between.
    pub(super) async fn planned_document(&self, name: &ComponentName) -> Result<Document, Halt> {
        if let Some(document) = self.documents.get(name) {
            return Ok(document.clone());
        }
        let plan = &self.component(name)?.plan;
        if let (true, Change::Register { base: Base::Revision { revision }, fingerprint, .. }) =
            (self.journal.promotion.request.intent.is_drill(), &plan.change)
        {
            let spoiled = self.described(revision).await.map_err(Halt::Suspend)?.spoiled(&plan.container);
            let same = spoiled.filter(|document| document.fingerprint() == *fingerprint);
            return same.ok_or_else(|| Halt::Suspend(format!("what serves of `{name}` is no longer what was checked")));
        }
        // What a person goes back to, registered again, is not rendered: it is the recorded document itself.
        if let (true, Change::Register { base: Base::Revision { revision }, fingerprint, .. }) =
            (self.restored(name).is_some(), &plan.change)
        {
            let recorded = self.described(revision).await.map_err(Halt::Suspend)?;
            let same = Some(recorded).filter(|document| document.fingerprint() == *fingerprint);
            return same
                .ok_or_else(|| Halt::Suspend(format!("what `{name}` goes back to is no longer what was checked")));
        }
        let (Change::Register { base, fingerprint, .. }, Some(image)) = (&plan.change, &plan.image) else {
            return Err(Halt::Suspend(format!("`{name}` has no document to register")));
        };
        let document = self.render(self.service(name)?, base, None, image).await.map_err(Halt::Suspend)?;
        if document.fingerprint() != *fingerprint {
            let why = format!("the task definition of `{name}` is no longer the one that was checked");
            return Err(Halt::Suspend(why));
        }
        Ok(document)
    }
}
