//! Planning: what a promotion would come to, without a lease, a journal or a change.
//!
//! It runs the very code that a promotion runs, over a store that takes every write and keeps none.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    identifier::{PromotionId, Version},
    ledger::Releases,
    policy::{Decision, Verdict},
    ports::{Revision, Store, StoreError, StoreKey, Stored},
    promotion::{ComponentPlan, Event, Failure, Intent, Journal, Request, SiteComponentPlan},
    release::Release,
};

use super::{
    entry::{Engine, EngineError, PromoteRequest},
    run::{Halt, Run},
    world::World,
};

/// What a promotion would come to now.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[must_use = "a plan that nobody reads plans nothing"]
pub struct Plan {
    /// The release that it is about.
    pub release: Release,
    /// The promotion that is open here and would be ended first, if one is.
    pub open: Option<PromotionId>,
    /// What policy says.
    pub decision: Decision,
    /// What the check found; nothing where policy does not let it come to that.
    pub checked: Option<Checked>,
}

/// What the check found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Checked {
    /// What would be done.
    Good {
        /// One plan a service.
        components: Vec<ComponentPlan>,
        /// One plan a site.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        sites: Vec<SiteComponentPlan>,
    },
    /// What forbids the promotion.
    Refused {
        /// What was found.
        findings: Vec<String>,
    },
    /// It could not be checked.
    Errored {
        /// Why.
        failure: Failure,
    },
}

impl Engine<'_> {
    /// What [`Engine::promote`] would come to now. Nothing is changed, here or in AWS; the lease is not asked for.
    ///
    /// # Errors
    /// When there is no such release, or the store cannot be used or was tampered with.
    pub async fn plan(&self, version: &Version, asked: PromoteRequest) -> Result<Plan, EngineError> {
        let open = self.open().await?;
        let release = Releases::new(&*self.world.store).get(version).await?;
        let decision = self.decision(&release, &asked).await?;
        let goes_on = matches!(decision.verdict, Verdict::Allowed | Verdict::Held { .. });
        let checked = if goes_on { Some(self.checked(&release, asked).await?) } else { None };
        Ok(Plan { release, open, decision, checked })
    }

    /// What policy says of a release, with every reason. Nothing but the ledger and git is asked.
    ///
    /// # Errors
    /// When there is no such release, or the store cannot be used or was tampered with.
    pub async fn explain(&self, version: &Version, asked: PromoteRequest) -> Result<Decision, EngineError> {
        let release = Releases::new(&*self.world.store).get(version).await?;
        self.decision(&release, &asked).await
    }

    async fn decision(&self, release: &Release, asked: &PromoteRequest) -> Result<Decision, EngineError> {
        let world = self.forgetful();
        let engine = Engine { world: &world, ..*self };
        let run = engine.rehearsal(release, asked.clone()).await?;
        match run.decide().await.map_err(|halt| self.unplanned(halt, asked))?.pop() {
            Some(Event::Decided { decision }) => Ok(decision),
            _ => Err(self.unplanned(Halt::Suspend("no decision".to_owned()), asked)),
        }
    }

    async fn checked(&self, release: &Release, asked: PromoteRequest) -> Result<Checked, EngineError> {
        let world = self.forgetful();
        let engine = Engine { world: &world, ..*self };
        let mut run = engine.rehearsal(release, asked.clone()).await?;
        match run.check().await.map_err(|halt| self.unplanned(halt, &asked))?.pop() {
            Some(Event::Checked { plans, sites }) => Ok(Checked::Good { components: plans, sites }),
            Some(Event::CheckRefused { findings }) => Ok(Checked::Refused { findings }),
            Some(Event::Errored { failure }) => Ok(Checked::Errored { failure }),
            _ => Err(self.unplanned(Halt::Suspend("no check".to_owned()), &asked)),
        }
    }

    /// A run that begins like a promotion's, in a world that keeps nothing.
    pub(super) async fn rehearsal(&self, release: &Release, asked: PromoteRequest) -> Result<Run<'_>, EngineError> {
        let (version, commit) = (release.version.clone(), release.commit.clone());
        let journal = self.begun(Intent::Promote { version, commit }, asked).await?;
        Ok(self.run(journal, Some(release.clone())))
    }

    async fn begun(&self, intent: Intent, asked: PromoteRequest) -> Result<Journal, EngineError> {
        let request = Request {
            id: asked.id,
            app: self.application.app.clone(),
            environment: self.environment.name.clone(),
            intent,
            trigger: asked.trigger,
            actor: asked.actor,
            requested_at: asked.requested_at,
            tool_version: self.settings.tool_version.clone(),
        };
        let now = self.world.clock.now();
        Ok(Journal::begin(&*self.world.store, Event::Requested { request: Box::new(request) }, now).await?)
    }

    /// A run that only looks, in a world that keeps nothing.
    pub(super) async fn observation(&self, asked: PromoteRequest) -> Result<Run<'_>, EngineError> {
        let intent = Intent::Drill { version: None };
        let journal = self.begun(intent, asked).await?;
        Ok(self.run(journal, None))
    }

    pub(super) fn forgetful(&self) -> World {
        World { store: Arc::new(Forgetful(Arc::clone(&self.world.store))), ..self.world.clone() }
    }

    pub(super) fn unplanned(&self, halt: Halt, asked: &PromoteRequest) -> EngineError {
        halt.into_error(&self.environment.name, &asked.id)
    }
}

/// Reads what is there; takes every write and keeps none.
struct Forgetful(Arc<dyn Store>);

#[async_trait]
impl Store for Forgetful {
    async fn get(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        self.0.get(key).await
    }

    async fn create(&self, _: &StoreKey, _: &[u8]) -> Result<Revision, StoreError> {
        Ok(Revision("not kept".to_owned()))
    }

    async fn replace(&self, _: &StoreKey, _: &[u8], _: &Revision) -> Result<Revision, StoreError> {
        Ok(Revision("not kept".to_owned()))
    }

    async fn list(&self, prefix: &StoreKey) -> Result<Vec<StoreKey>, StoreError> {
        self.0.list(prefix).await
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        self.0.now().await
    }

    fn place(&self) -> String {
        self.0.place()
    }
}
