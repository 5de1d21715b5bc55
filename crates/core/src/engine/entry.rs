//! The ways in: promote, restore, resume.

use std::{collections::BTreeMap, sync::Mutex};

use jiff::Timestamp;

use crate::{
    config::{Application, Environment},
    identifier::{AppName, ComponentName, Digest, EnvironmentName, PromotionId, TaskDefinitionArn, Version},
    ledger::{Concluded, Lease, LeaseError, Ledger, LedgerError, Record, Releases, ReleasesError, TakeOver, history},
    policy::Trigger,
    ports::{Store, StoreError},
    promotion::{Actor, Event, Intent, Journal, JournalError, Request},
    release::Release,
    site::SiteDigest,
};

use super::{
    notice::{Notice, Observer},
    report::Report,
    run::Run,
    world::{Interrupt, Settings, World},
};

/// Why a run did not come to a report.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The environment is not in the configuration.
    #[error("there is no environment `{name}`; there are {}", known.join(", "))]
    UnknownEnvironment {
        /// What was asked for.
        name: EnvironmentName,
        /// What there is.
        known: Vec<String>,
    },
    /// The releases cannot be read, or there is no such release.
    #[error("cannot use the release")]
    Release(#[from] ReleasesError),
    /// The ledger cannot be used.
    #[error("cannot use the ledger")]
    Ledger(#[from] LedgerError),
    /// The journal cannot be used.
    #[error("cannot use the journal")]
    Journal(#[from] JournalError),
    /// The lease cannot be used.
    #[error("cannot use the lease")]
    Lease(#[from] LeaseError),
    /// The store failed.
    #[error("cannot use the store")]
    Store(#[from] StoreError),
    /// A promotion is open here and must be ended first.
    #[error("{promotion} is not over in {environment}")]
    Unfinished {
        /// The environment.
        environment: EnvironmentName,
        /// The open promotion.
        promotion: PromotionId,
    },
    /// There is nothing to go back to.
    #[error("nothing else was ever proven in {0}, so there is nothing to go back to")]
    NothingProven(EnvironmentName),
    /// The ledger, or the release in it, is another application's.
    #[error("the ledger holds {found}'s {what}, and the configuration is {configured}'s")]
    OtherApplication {
        /// Whose application it is.
        found: AppName,
        /// What was found of it.
        what: String,
        /// The configured application.
        configured: AppName,
    },
    /// The environment allows no drill.
    #[error("{0} allows no drill")]
    NoDrill(EnvironmentName),
    /// There is nothing to resume.
    #[error("nothing is open in {0}")]
    NothingOpen(EnvironmentName),
}

impl EngineError {
    /// Whether somebody changed what was written.
    pub fn is_tampered(&self) -> bool {
        match self {
            Self::Ledger(error) => error.is_tampered(),
            Self::Journal(error) => error.is_tampered(),
            Self::Lease(LeaseError::Damaged { .. }) | Self::Release(ReleasesError::Damaged { .. }) => true,
            Self::UnknownEnvironment { .. }
            | Self::Release(_)
            | Self::Lease(_)
            | Self::Store(_)
            | Self::Unfinished { .. }
            | Self::NothingProven(_)
            | Self::OtherApplication { .. }
            | Self::NoDrill(_)
            | Self::NothingOpen(_) => false,
        }
    }

    /// The message with everything that caused it.
    pub(super) fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        text
    }
}

/// What is asked of a promotion.
#[derive(Debug, Clone, PartialEq)]
pub struct PromoteRequest {
    /// The id that the promotion gets: unique for ever.
    pub id: PromotionId,
    /// What asks.
    pub trigger: Trigger,
    /// Who asks.
    pub actor: Actor,
    /// When.
    pub requested_at: Timestamp,
}

/// Promotes, restores and resumes in one environment.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "it borrows ports without Debug")]
pub struct Engine<'a> {
    /// The application.
    pub application: &'a Application,
    /// The environment to change.
    pub environment: &'a Environment,
    /// The ports of that environment.
    pub world: &'a World,
    /// How to work.
    pub settings: &'a Settings,
    /// Who wants to see notices.
    pub observer: &'a dyn Observer,
    /// The word to stop.
    pub interrupt: &'a Interrupt,
}

impl<'a> Engine<'a> {
    /// Brings a release into the environment, or says why not. Whatever happens after the request was journaled ends in
    /// a report and a record.
    ///
    /// # Errors
    /// When the run cannot begin (no such release, an open promotion, an unusable store), or the ledger was tampered
    /// with. No service was changed then.
    pub async fn promote(&self, version: &Version, request: PromoteRequest) -> Result<Report, EngineError> {
        self.require_nothing_open().await?;
        let release = Releases::new(&*self.world.store).get(version).await?;
        let intent = Intent::Promote { version: release.version.clone(), commit: release.commit.clone() };
        self.begin(intent, Some(release), request).await
    }

    /// Goes back to what was proven here before what serves now, or to the newest proof of `version`.
    ///
    /// # Errors
    /// As [`Engine::promote`], and when nothing else was ever proven.
    pub async fn restore(&self, version: Option<&Version>, request: PromoteRequest) -> Result<Report, EngineError> {
        self.go_back(version, None, request).await
    }

    /// The same for one component alone; the others stay as they are.
    ///
    /// # Errors
    /// As [`Engine::restore`].
    pub async fn restore_component(
        &self,
        component: &ComponentName,
        version: Option<&Version>,
        request: PromoteRequest,
    ) -> Result<Report, EngineError> {
        self.go_back(version, Some(component), request).await
    }

    async fn go_back(
        &self,
        version: Option<&Version>,
        only: Option<&ComponentName>,
        request: PromoteRequest,
    ) -> Result<Report, EngineError> {
        self.require_nothing_open().await?;
        let is_asked_for = |name: &ComponentName| only.is_none_or(|only| only == name);
        let records = Ledger::new(&*self.world.store, &self.environment.name).records().await?;
        let wanted = match version {
            None => history::proven_before(&records, only),
            Some(version) => records
                .iter()
                .rev()
                .find(|record| record.outcome.is_proven() && record.version.as_ref() == Some(version))
                .filter(|record| {
                    let mut named = record.components.keys().chain(record.sites.keys());
                    named.any(&is_asked_for)
                }),
        };
        let record = wanted.ok_or_else(|| EngineError::NothingProven(self.environment.name.clone()))?;
        if only.is_none() {
            self.tell_what_stays(&records, record);
        }
        let services = || record.components.iter().filter(|(name, _)| is_asked_for(name));
        let revisions: BTreeMap<_, TaskDefinitionArn> = services()
            .filter_map(|(name, component)| Some((name.clone(), component.serves.as_ref()?.task_definition.clone())))
            .collect();
        let digests: BTreeMap<_, Digest> = services()
            .filter_map(|(name, component)| Some((name.clone(), component.serves.as_ref()?.digest.clone()?)))
            .collect();
        let sites: BTreeMap<_, SiteDigest> = record
            .sites
            .iter()
            .filter(|(name, _)| is_asked_for(name))
            .filter_map(|(name, site)| Some((name.clone(), site.serves.as_ref()?.manifest.clone())))
            .collect();
        let release = match &record.version {
            Some(version) => Releases::new(&*self.world.store).get(version).await.ok(),
            None => None,
        };
        let intent = Intent::Restore {
            version: record.version.clone(),
            proven_by: record.promotion.clone(),
            revisions,
            digests,
            sites,
        };
        self.begin(intent, release, request).await
    }

    /// Says which components stay as they are, since nothing was proven of them by what is gone back to.
    fn tell_what_stays(&self, records: &[Record], target: &Record) {
        let (services, sites) = (history::last_proven(records), history::last_proven_sites(records));
        let is_configured = |name: &&ComponentName| {
            self.environment.services.contains_key(*name) || self.environment.sites.contains_key(*name)
        };
        let is_in_target = |name: &ComponentName| {
            target.components.get(name).is_some_and(|component| component.serves.is_some())
                || target.sites.get(name).is_some_and(|site| site.serves.is_some())
        };
        for name in services.keys().chain(sites.keys()).filter(is_configured).filter(|name| !is_in_target(name)) {
            let message = format!("{name} stays as it is: {} proved nothing of it", target.promotion);
            self.observer.notice(Notice::Trouble { message });
        }
    }

    /// Brings a deliberately bad copy of what serves, and sees it found and put back. A report whose outcome is
    /// `RolledBack`, for another reason than that nothing found out, is a drill that was passed.
    ///
    /// # Errors
    /// As [`Engine::promote`], and when the environment allows no drill.
    pub async fn drill(&self, request: PromoteRequest) -> Result<Report, EngineError> {
        if !self.environment.drill {
            return Err(EngineError::NoDrill(self.environment.name.clone()));
        }
        self.require_nothing_open().await?;
        let records = Ledger::new(&*self.world.store, &self.environment.name).records().await?;
        let version = history::serving_version(&records);
        let release = match &version {
            Some(version) => Some(Releases::new(&*self.world.store).get(version).await?),
            None => None,
        };
        self.begin(Intent::Drill { version }, release, request).await
    }

    /// Goes on with the promotion that is open here.
    ///
    /// # Errors
    /// When nothing is open, its holder still holds the lease, or the store cannot be used.
    pub async fn resume(&self) -> Result<Report, EngineError> {
        let environment = &self.environment.name;
        let open = self.open().await?.ok_or_else(|| EngineError::NothingOpen(environment.clone()))?;
        let journal = Journal::load(&*self.world.store, environment, &open).await?;
        let journal = journal.ok_or_else(|| EngineError::NothingOpen(environment.clone()))?;
        let release = match &journal.promotion.request.intent {
            Intent::Promote { version, .. } => Some(Releases::new(&*self.world.store).get(version).await?),
            Intent::Restore { version: Some(version), .. } | Intent::Drill { version: Some(version) } => {
                Releases::new(&*self.world.store).get(version).await.ok()
            }
            Intent::Restore { version: None, .. } | Intent::Drill { version: None } => None,
        };
        let mut run = self.run(journal, release);
        run.is_resumed = true;
        let fence = run.acquire().await?;
        if let Err(halt) = run.happened(Event::Resumed { fence }).await {
            run.give_back(Concluded::No).await;
            return Err(halt.into_error(environment, &open));
        }
        run.drive().await
    }

    /// The promotion that is open here, if one is.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn open(&self) -> Result<Option<PromotionId>, EngineError> {
        open_promotion(&*self.world.store, &self.environment.name).await
    }

    async fn require_nothing_open(&self) -> Result<(), EngineError> {
        let Some(promotion) = self.open().await? else {
            return Ok(());
        };
        // While its holder is at work, this one is held, not refused. Taking the lease over is for going on with what is
        // open, never for beginning something else beside it.
        let state = Lease::look(&*self.world.store, &self.environment.name).await?;
        let now = self.world.store.now().await?;
        let is_held = state.is_some_and(|state| !state.released && state.expires_at > now);
        if is_held && self.settings.take_over == TakeOver::OnlyExpired {
            return Ok(());
        }
        Err(EngineError::Unfinished { environment: self.environment.name.clone(), promotion })
    }

    /// Two applications in one ledger would take each other's records for their own.
    async fn require_own(&self, release: Option<&Release>) -> Result<(), EngineError> {
        let (configured, environment) = (&self.application.app, &self.environment.name);
        let first = Ledger::new(&*self.world.store, environment).first().await?;
        let record = first.map(|first| (first.app, format!("records of {environment}")));
        let release = release.map(|release| (release.app.clone(), format!("release {}", release.version)));
        match record.into_iter().chain(release).find(|(app, _)| app != configured) {
            None => Ok(()),
            Some((found, what)) => Err(EngineError::OtherApplication { found, what, configured: configured.clone() }),
        }
    }

    async fn begin(
        &self,
        intent: Intent,
        release: Option<Release>,
        asked: PromoteRequest,
    ) -> Result<Report, EngineError> {
        self.require_own(release.as_ref()).await?;
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
        let journal = Journal::begin(&*self.world.store, Event::Requested { request: Box::new(request) }, now).await?;
        self.run(journal, release).drive().await
    }

    pub(super) fn run(&self, journal: Journal, release: Option<Release>) -> Run<'a> {
        let components = journal.promotion.components.iter();
        let held = components.filter_map(|(name, component)| Some((name.clone(), component.held_at()?.clone())));
        let paused_at_first = held.collect();
        Run {
            application: self.application,
            environment: self.environment,
            world: self.world,
            settings: self.settings,
            observer: self.observer,
            interrupt: self.interrupt,
            release,
            journal,
            lease: None,
            is_resumed: false,
            documents: BTreeMap::new(),
            rollouts: BTreeMap::new(),
            taken_over: BTreeMap::new(),
            sites: BTreeMap::new(),
            began_at: self.world.clock.now(),
            paused_at_first,
            lost_since: Mutex::default(),
            kept: Mutex::default(),
            asked_for: Mutex::default(),
            unproven_until: BTreeMap::new(),
            next_looks: BTreeMap::new(),
            passed_over: 0,
            deadlines: BTreeMap::new(),
        }
    }
}

/// The promotion that is open in an environment: begun, not over, and to be resumed before another begins.
pub(super) async fn open_promotion(
    store: &dyn Store,
    environment: &EnvironmentName,
) -> Result<Option<PromotionId>, EngineError> {
    let Some(state) = Lease::look(store, environment).await? else {
        return Ok(None);
    };
    if state.concluded {
        return Ok(None);
    }
    let journal = Journal::load(store, environment, &state.promotion).await?;
    Ok(journal.filter(|journal| !journal.promotion.outstanding().is_empty()).map(|_| state.promotion))
}

impl super::run::Halt {
    pub(super) fn into_error(self, environment: &EnvironmentName, promotion: &PromotionId) -> EngineError {
        match self {
            Self::Broken(error) => error,
            Self::Suspend(_) | Self::Interrupted | Self::Overtaken(_) => {
                EngineError::Unfinished { environment: environment.clone(), promotion: promotion.clone() }
            }
        }
    }
}
