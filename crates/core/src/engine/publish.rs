//! Effect Publish: the components' images are in the environment's registries afterwards, byte for byte.
//!
//! Also where the check looks for an image: where the environment pulls from, and where the release has it.

use std::time::Duration;

use futures_util::{
    StreamExt as _,
    future::{Either, select},
    stream,
};

use crate::{
    config::Service,
    identifier::{ComponentName, ImageReference},
    ports::{CallError, ImagePresence, PublishError, Published},
    promotion::{Event, Failure, FailureKind},
};

use super::{
    call,
    check::Findings,
    run::{Halt, Run, failure},
};

/// How long the bytes of one image may take.
const PUBLISHING: Duration = Duration::from_hours(1);
/// How often the lease is looked after meanwhile.
const HEARTBEAT: Duration = Duration::from_mins(1);
/// How many images are copied side by side.
const AT_ONCE: usize = 4;

/// An image as the check looks for it.
#[derive(Default)]
pub(super) struct Sought {
    /// The release's, in the repository that this environment pulls from.
    pub(super) image: Option<ImageReference>,
    /// Where it is, while it is not there.
    pub(super) publish_from: Option<ImageReference>,
    presence: Option<ImagePresence>,
}

impl Run<'_> {
    /// Looks for a component's image here, and if it is not here, where the release has it.
    pub(super) async fn seek(&self, name: &ComponentName, service: &Service) -> Result<Sought, CallError> {
        let Some(image) = self.image(name, service) else {
            return Ok(Sought::default());
        };
        let here = self.read("ecr:DescribeImages", self.world.images.presence(&image)).await?;
        let elsewhere = self.release.as_ref().and_then(|release| release.image(name)).filter(|other| **other != image);
        let (ImagePresence::Missing, Some(elsewhere)) = (&here, elsewhere) else {
            return Ok(Sought { image: Some(image), publish_from: None, presence: Some(here) });
        };
        let there = self.read("ecr:DescribeImages", self.world.images.presence(elsewhere)).await?;
        Ok(Sought { image: Some(image), publish_from: Some(elsewhere.clone()), presence: Some(there) })
    }

    /// The image that a component is to run: the release's, in the repository that this environment pulls from.
    fn image(&self, name: &ComponentName, service: &Service) -> Option<ImageReference> {
        // A drill brings what serves; its image is the running one.
        let release = self.release.as_ref().filter(|_| !self.journal.promotion.request.intent.is_drill());
        let image = release?.image(name)?;
        Some(match &service.repository {
            Some(repository) => ImageReference::new(repository.clone(), image.digest().clone()),
            None => image.clone(),
        })
    }

    /// What is not there can be neither pulled nor copied.
    pub(super) fn require_presence(&self, name: &ComponentName, sought: &Sought, findings: &mut Findings) {
        let (Some(image), Some(presence)) = (&sought.image, &sought.presence) else {
            return;
        };
        let looked_at = sought.publish_from.as_ref().unwrap_or(image);
        match presence {
            ImagePresence::Present => {}
            ImagePresence::Missing => findings.add(match &sought.publish_from {
                Some(from) => format!("{name}: the image {image} does not exist, and neither does {from}"),
                None => format!("{name}: the image {image} does not exist"),
            }),
            ImagePresence::NotPullable(state) => {
                findings.add(format!("{name}: the image {looked_at} cannot be pulled: it is {state}"));
            }
            ImagePresence::CannotTell(why) => {
                self.trouble(format!("{name}: whether {looked_at} exists was not checked: {why}"));
            }
        }
    }

    /// Copies what is missing, while the lease is looked after.
    pub(super) async fn publish(&mut self, names: &[ComponentName]) -> Result<Vec<Event>, Halt> {
        self.journal.settle(&*self.world.store).await?;
        self.renew_lease().await?;
        let (sites, names): (Vec<&ComponentName>, Vec<&ComponentName>) =
            names.iter().partition(|name| self.is_site(name));
        if let (true, Some(site)) = (names.is_empty(), sites.first()) {
            return self.publish_site(&(*site).clone()).await;
        }
        let mut orders = Vec::new();
        for name in names {
            orders.push(self.order(name)?);
        }
        let world = self.world;
        let copies = stream::iter(orders).map(|order| async move {
            let copy = world.images.copy(&order.from, order.to.repository());
            let copied = call::write(&*world.clock, PUBLISHING, "publishing an image", copy).await;
            (order, copied)
        });
        let mut copies = Box::pin(copies.buffer_unordered(AT_ONCE).collect::<Vec<Copied>>());
        loop {
            match select(copies, world.clock.deadline(HEARTBEAT)).await {
                Either::Left((ended, _)) => {
                    return Ok(ended.into_iter().map(|(order, copied)| self.copied(&order, copied)).collect());
                }
                Either::Right(((), unfinished)) => copies = unfinished,
            }
            self.keep_lease().await?;
        }
    }

    /// What became of an order. Bytes that serve are no reason to stop where what vouches for them stays behind.
    fn copied(&self, order: &Order, copied: Result<Published, PublishError>) -> Event {
        if let Ok(Published { referrers_unknown: Some(error), .. }) = &copied {
            self.trouble(format!(
                "{}: what refers to {} (signatures, SBOMs) could not be asked for and was not copied: {error}",
                order.component, order.from
            ));
        }
        order.event(copied)
    }

    fn order(&self, name: &ComponentName) -> Result<Order, Halt> {
        let plan = &self.component(name)?.plan;
        match (&plan.publish_from, &plan.image) {
            (Some(from), Some(to)) => Ok(Order { component: name.clone(), from: from.clone(), to: to.clone() }),
            (None, _) | (_, None) => Err(Halt::Suspend(format!("`{name}` has nothing to publish"))),
        }
    }
}

/// What became of an order.
type Copied = (Order, Result<Published, PublishError>);

/// One image to be copied.
struct Order {
    component: ComponentName,
    from: ImageReference,
    to: ImageReference,
}

impl Order {
    fn event(&self, copied: Result<Published, PublishError>) -> Event {
        let component = self.component.clone();
        match copied {
            Ok(published) => Event::Published { component, bytes: published.manifests.bytes + published.blobs.bytes },
            Err(error) => Event::Failed { component, failure: self.failure(&error), end: None, results: Vec::new() },
        }
    }

    fn failure(&self, error: &PublishError) -> Failure {
        let message = format!("{} could not be copied to {}: {error}", self.from, self.to.repository());
        match error.call() {
            Some(call) => Failure { message, ..failure(FailureKind::Publishing, call) },
            None => Failure::new(FailureKind::Publishing, message),
        }
    }
}
