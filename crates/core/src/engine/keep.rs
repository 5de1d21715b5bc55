//! What serves, and what would be gone back to, is kept from the registry's lifecycle rules by a tag of its own.
//!
//! It is asked for beside the smoke checks, so it costs hardly any time. Where it cannot be done the user is told, and the
//! promotion goes on: nothing is in danger today.

use std::{collections::BTreeMap, sync::PoisonError, time::Duration};

use futures_util::future::join_all;

use crate::{
    identifier::{ComponentName, EnvironmentName, ImageReference, Repository, TagName},
    ports::WhenTaken,
    promotion::ComponentPlan,
    release::danger,
};

use super::{call, run::Run};

/// How many digits of its digest an image's tag has: enough to tell all images of a repository apart.
const DIGITS: usize = 12;
/// How long it is tried beside the checks.
const KEEPING: Duration = Duration::from_secs(20);

impl Run<'_> {
    /// Tags the component's image and the one that would be gone back to.
    pub(super) async fn keep_images(&self, name: &ComponentName) {
        let (true, Ok(component)) = (self.environment.keep_images, self.component(name)) else {
            return;
        };
        let target = component.plan.target.as_ref().and_then(|target| target.image.as_ref());
        let mut images: Vec<&ImageReference> = component.plan.image.iter().chain(target).collect();
        images.retain(|image| image.repository().ecr().is_some() && self.is_first(image));
        join_all(images.into_iter().map(|image| self.keep_image(name, image))).await;
    }

    /// Tells of lifecycle rules that may delete what will serve, or what would be gone back to; each repository is asked
    /// once. Who may not read a policy is not told: it takes a permission that nothing else needs.
    pub(super) async fn warn_of_lifecycles(&self, plans: &[ComponentPlan]) {
        let targets = plans.iter().filter_map(|plan| plan.target.as_ref()?.image.as_ref());
        let images = plans.iter().filter_map(|plan| plan.image.as_ref()).chain(targets);
        let images = images.filter(|image| image.repository().ecr().is_some());
        let one_each: BTreeMap<&Repository, &ImageReference> =
            images.map(|image| (image.repository(), image)).collect();
        join_all(one_each.into_values().map(|image| self.warn_of_lifecycle(image))).await;
    }

    async fn warn_of_lifecycle(&self, image: &ImageReference) {
        let repository = image.repository();
        let read = self.read("ecr:GetLifecyclePolicy", self.world.images.lifecycle(repository)).await;
        let Ok(Some(policy)) = read else { return };
        let kept = kept_tag(&self.environment.name, image).filter(|_| self.environment.keep_images);
        if let Ok(Some(danger)) = danger(&policy, kept.as_ref()) {
            self.trouble(format!(
                "rule {} of the lifecycle policy of {repository} may delete what serves or what would be gone back to: {}; \
                 give tags that begin with `deployed-` a rule of their own before it, by count",
                danger.priority, danger.rule
            ));
        }
    }

    /// Whether nobody has tried it in this run.
    fn is_first(&self, image: &ImageReference) -> bool {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(image.clone())
    }

    async fn keep_image(&self, name: &ComponentName, image: &ImageReference) {
        let Some(tag) = kept_tag(&self.environment.name, image) else {
            return;
        };
        let tagging = self.world.images.tag(image, &tag, WhenTaken::Refuse);
        if let Err(error) = call::write(&*self.world.clock, KEEPING, "ecr:PutImage", tagging).await {
            self.trouble(format!(
                "{name}: {image} did not get the tag `{tag}`, so a lifecycle rule may delete it while it serves: {error}; \
                 allow ecr:PutImage there, or set keep-images = false for {}",
                self.environment.name
            ));
        }
    }
}

/// The tag that keeps an image for an environment: the same one for the same image, whoever asks.
fn kept_tag(environment: &EnvironmentName, image: &ImageReference) -> Option<TagName> {
    let digits = image.digest().as_str().rsplit(':').next()?.get(..DIGITS)?;
    format!("deployed-{environment}-{digits}").parse().ok()
}

#[cfg(test)]
mod tests {
    use crate::identifier::Digest;

    use super::*;

    #[test]
    fn an_image_has_one_tag_in_each_environment() {
        let image = |bytes: &[u8]| {
            ImageReference::new("111111111111.dkr.ecr.us-west-2.amazonaws.com/shop".parse().unwrap(), Digest::of(bytes))
        };
        let tag = |environment: &str, bytes: &[u8]| {
            kept_tag(&environment.parse().unwrap(), &image(bytes)).unwrap().to_string()
        };
        assert_eq!(tag("dev", b"a"), "deployed-dev-ca978112ca1b");
        assert_ne!(tag("dev", b"a"), tag("dev", b"b"));
        assert_ne!(tag("dev", b"a"), tag("production", b"a"));
    }
}
