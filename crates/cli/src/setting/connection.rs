//! An environment's ports: AWS as its configuration says, and the machine.
//!
//! Nothing of AWS is loaded before a command needs it.

use std::{collections::BTreeMap, sync::Arc};

use towpath_aws::{Aws, Settings};
use towpath_core::{
    config::Environment,
    engine::{SitePorts, World},
    identifier::ComponentName,
    ports::{CallError, Clock, Fault, Probe, SiteFiles, Source},
};
use towpath_host::{BundleVerifier, GitSource, HttpProbe, RepositoryDocuments, SystemClock};

use crate::error::CliError;

use super::{Project, offline::Offline, site::files_in};

/// What of an environment's ports is not AWS.
pub(crate) struct Machine {
    pub(crate) probe: Arc<dyn Probe>,
    pub(crate) source: Arc<dyn Source>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// The environment's ports, calling as its role.
pub(crate) async fn connect(project: &Project, environment: &Environment) -> Result<World, CliError> {
    let aws = aws(environment, Settings::new(environment.region.clone(), environment.account.clone())).await?;
    let machine =
        Machine { probe: Arc::new(HttpProbe::new()), source: source(project), clock: Arc::new(SystemClock::new()) };
    Ok(world(project, &aws, machine))
}

/// AWS as the environment's role.
pub(crate) async fn aws(environment: &Environment, settings: Settings) -> Result<Aws, CliError> {
    let settings = Settings { role: environment.role.clone(), ..settings };
    let connected = Box::pin(Aws::connect(settings)).await;
    connected.map_err(|source| CliError::Connect { environment: environment.name.clone(), source: Box::new(source) })
}

/// AWS as whoever publishes images, in the account and region of their registry.
pub(crate) async fn publisher(project: &Project) -> Result<Aws, CliError> {
    let rules = &project.application.build;
    let settings = Settings::new(rules.region.clone(), rules.account.clone());
    let connected = Box::pin(Aws::connect(Settings { role: rules.role.clone(), ..settings })).await;
    connected.map_err(|source| CliError::ConnectRegistry { account: rules.account.clone(), source: Box::new(source) })
}

/// The ports, of these parts.
pub(crate) fn world(project: &Project, aws: &Aws, machine: Machine) -> World {
    World {
        services: Arc::new(aws.services()),
        task_definitions: Arc::new(aws.task_definitions()),
        images: Arc::new(aws.images()),
        scans: Arc::new(aws.scans()),
        bundles: Arc::new(aws.bundles()),
        verifier: Arc::new(BundleVerifier::new()),
        secrets: Arc::new(aws.secrets()),
        targets: Arc::new(aws.targets()),
        alarms: Arc::new(aws.alarms()),
        logs: Arc::new(aws.logs()),
        identity: Arc::new(aws.identity()),
        store: Arc::clone(&project.store),
        probe: machine.probe,
        source: machine.source,
        documents: Arc::new(RepositoryDocuments::new(&project.folder)),
        clock: machine.clock,
        sites: Some(SitePorts {
            bucket: Arc::new(aws.buckets().owned_by(project.application.bucket_accounts())),
            cdn: Arc::new(aws.cdn()),
            files: directories(project),
            made: BTreeMap::new(),
        }),
    }
}

/// The ports where AWS is not asked, or could not be: every call to it brings this error.
pub(crate) fn world_without_aws(project: &Project, error: Option<CallError>) -> World {
    let offline = Arc::new(Offline(error.unwrap_or_else(|| CallError {
        operation: "aws".to_owned(),
        fault: Fault::NotSent,
        code: None,
        message: "this command asks no AWS".to_owned(),
    })));
    World {
        services: Arc::<Offline>::clone(&offline),
        task_definitions: Arc::<Offline>::clone(&offline),
        images: Arc::<Offline>::clone(&offline),
        scans: Arc::<Offline>::clone(&offline),
        bundles: Arc::<Offline>::clone(&offline),
        verifier: Arc::new(BundleVerifier::new()),
        secrets: Arc::<Offline>::clone(&offline),
        identity: Arc::<Offline>::clone(&offline),
        targets: Arc::<Offline>::clone(&offline),
        alarms: Arc::<Offline>::clone(&offline),
        logs: offline,
        store: Arc::clone(&project.store),
        probe: Arc::new(HttpProbe::new()),
        source: source(project),
        documents: Arc::new(RepositoryDocuments::new(&project.folder)),
        clock: Arc::new(SystemClock::new()),
        sites: None,
    }
}

/// The configured directories of sites that are there.
fn directories(project: &Project) -> BTreeMap<ComponentName, Arc<dyn SiteFiles>> {
    let sites = project.application.components.iter().filter_map(|one| Some((one, one.site.as_ref()?)));
    let built = sites.map(|(one, site)| (one.name.clone(), project.folder.join(&site.build.directory)));
    built.filter(|(_, directory)| directory.is_dir()).map(|(name, directory)| (name, files_in(&directory))).collect()
}

/// git, where the configuration is.
pub(crate) fn source(project: &Project) -> Arc<dyn Source> {
    Arc::new(GitSource::new(&project.folder))
}
