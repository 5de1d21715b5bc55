//! Task definitions: families of numbered revisions.

use std::collections::BTreeMap;

use crate::{
    identifier::{ContainerName, Digest, FamilyName, TaskDefinitionArn},
    ports::RegisteredRevision,
    task_definition::Document,
};

/// All families.
#[derive(Debug, Clone, Default)]
pub(super) struct Families {
    families: BTreeMap<FamilyName, Vec<RegisteredRevision>>,
}

impl Families {
    /// Adds a revision; `prefix` is the ARN up to the family. Says what ECS refuses.
    pub(super) fn register(&mut self, prefix: &str, document: Document) -> Result<TaskDefinitionArn, &'static str> {
        let Some(family) = document.family() else {
            return Err("Family should not be null or empty.");
        };
        if document.containers().next().is_none() {
            return Err("Task definition does not have any containers.");
        }
        let revisions = self.families.entry(family.clone()).or_default();
        let arn = format!("{prefix}{family}:{}", revisions.len() + 1);
        let arn: TaskDefinitionArn = arn.parse().map_err(|_| "Family contains invalid characters.")?;
        revisions.push(RegisteredRevision { arn: arn.clone(), is_active: true, document });
        Ok(arn)
    }

    pub(super) fn get(&self, arn: &TaskDefinitionArn) -> Option<&RegisteredRevision> {
        self.families.values().flatten().find(|revision| revision.arn == *arn)
    }

    pub(super) fn latest(&self, family: &FamilyName) -> Option<&RegisteredRevision> {
        self.families.get(family)?.iter().rev().find(|revision| revision.is_active)
    }

    pub(super) fn deregister(&mut self, arn: &TaskDefinitionArn) {
        for revision in self.families.values_mut().flatten().filter(|revision| revision.arn == *arn) {
            revision.is_active = false;
        }
    }

    /// The containers of a revision with the digests that they run: the one in the image's name, or one made up from a
    /// name with a tag.
    pub(super) fn images(&self, arn: &TaskDefinitionArn) -> Vec<(ContainerName, Digest)> {
        let containers = self.get(arn).into_iter().flat_map(|revision| revision.document.containers());
        let image = |name: Option<&str>, image: Option<&str>| Some((name?.parse().ok()?, digest(image?)));
        containers.filter_map(|container| image(container.name(), container.image())).collect()
    }
}

fn digest(image: &str) -> Digest {
    let named = image.split_once('@').and_then(|(_, digest)| digest.parse().ok());
    named.unwrap_or_else(|| Digest::of(image.as_bytes()))
}
