//! What an engine works with: the ports of one environment, its settings, and the word to stop.

use std::{pin::Pin, sync::Arc, time::Duration};

use futures_util::future::{FutureExt as _, Shared};

use crate::{
    ledger::TakeOver,
    ports::{
        Alarms, Bundles, Clock, Documents, Identity, Images, Logs, Probe, Scans, Secrets, Services, Source, Store,
        Targets, TaskDefinitions, Verifier,
    },
    rollout::PauseWord,
};

use super::site::SitePorts;

/// The ports of one environment.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "ports are trait objects without Debug")]
pub struct World {
    /// ECS services.
    pub services: Arc<dyn Services>,
    /// ECS task definitions.
    pub task_definitions: Arc<dyn TaskDefinitions>,
    /// Image registries.
    pub images: Arc<dyn Images>,
    /// What registries' own scanners found.
    pub scans: Arc<dyn Scans>,
    /// What registries hold beside images.
    pub bundles: Arc<dyn Bundles>,
    /// Whether a bundle is a signature, and whose.
    pub verifier: Arc<dyn Verifier>,
    /// Stored secrets.
    pub secrets: Arc<dyn Secrets>,
    /// Who we are.
    pub identity: Arc<dyn Identity>,
    /// What load balancers think of their targets.
    pub targets: Arc<dyn Targets>,
    /// How alarms stand.
    pub alarms: Arc<dyn Alarms>,
    /// What containers wrote.
    pub logs: Arc<dyn Logs>,
    /// Ledger, lease, journal and releases.
    pub store: Arc<dyn Store>,
    /// HTTP.
    pub probe: Arc<dyn Probe>,
    /// git.
    pub source: Arc<dyn Source>,
    /// Files beside the configuration.
    pub documents: Arc<dyn Documents>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The sites of the environment; none where there are none, or nothing to reach them with.
    pub sites: Option<SitePorts>,
}

/// How an engine works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Who holds the lease, for people: user, machine, process.
    pub holder: String,
    /// The version of the tool, for the record.
    pub tool_version: String,
    /// How long a lease lasts unless it is renewed.
    pub lease_ttl: Duration,
    /// How long any one call may take before it is given up.
    pub call_deadline: Duration,
    /// Whether a lease that has not expired may be taken.
    pub take_over: TakeOver,
    /// What a person says to rollouts that ECS holds at a hook.
    pub word_at_pause: Option<PauseWord>,
}

impl Settings {
    /// The usual settings.
    pub fn new(holder: &str, tool_version: &str) -> Self {
        Self {
            holder: holder.to_owned(),
            tool_version: tool_version.to_owned(),
            lease_ttl: Duration::from_mins(4),
            call_deadline: Duration::from_secs(155),
            take_over: TakeOver::OnlyExpired,
            word_at_pause: None,
        }
    }
}

/// The word to stop: a future that resolves when a run should end early. The default never does.
#[derive(Clone)]
pub struct Interrupt(Shared<Pin<Box<dyn Future<Output = ()> + Send>>>);

impl Interrupt {
    /// Stops when this resolves.
    pub fn when(word: impl Future<Output = ()> + Send + 'static) -> Self {
        let boxed: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(word);
        Self(boxed.shared())
    }

    /// Whether the word was given. Never waits.
    pub(super) fn is_given(&self) -> bool {
        self.0.clone().now_or_never().is_some()
    }

    pub(super) async fn given(&self) {
        self.0.clone().await;
    }
}

impl Default for Interrupt {
    fn default() -> Self {
        Self::when(std::future::pending())
    }
}

impl std::fmt::Debug for Interrupt {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Interrupt")
    }
}
