//! The handle to a running simulator.
//!
//! Dropping it ends the simulator without keeping the last changes; [`Simulator::shutdown`] keeps them.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::{net::TcpListener, task::JoinSet};

use super::{background, error::StartError, shared::Shared};
use crate::{
    calls::Call,
    clock::{Pace, SimClock},
    content::BlobStore,
    ecr::{ScanSpec, Site},
    ecs::Ecs,
    fault::AwsError,
    faults::Fault,
    images::{ImageError, ImageSpec},
    s3::S3,
    scenario::{AlarmSpec, Scenario},
    state::{Saved, StateError, StateStore},
    wire,
    world::{Estate, Place, World, populate_storage},
};

/// The start of a stepped clock whose scenario names none: 2026-01-01T00:00:00Z.
const STEPPED_START: i64 = 1_767_225_600;

/// How to start a simulator.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// What there is at the start; where kept state is found, that is used instead.
    pub scenario: Scenario,
    /// How time passes.
    pub pace: Pace,
    /// The directory in which everything is kept over a restart.
    pub state: Option<PathBuf>,
}

/// A running simulator.
///
/// Its methods may be called from any thread, also outside the runtime that it was started in.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    edges: Vec<(String, SocketAddr)>,
    shared: Arc<Shared>,
    store: Option<StateStore>,
    default_region: String,
    /// Ends with the handle.
    tasks: JoinSet<()>,
}

impl Simulator {
    /// Binds the port, makes the scenario and serves in the background of the current runtime.
    ///
    /// # Errors
    /// When the port is taken, the scenario is refused by a simulated service, or the kept state cannot be used.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        check_pace(options.pace)?;
        let store = options.state.as_deref().map(StateStore::open).transpose()?;
        let kept = store.as_ref().map_or(Ok(None), StateStore::load)?;
        let bind_error = |source| StartError::Bind { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(bind_error)?;
        let address = listener.local_addr().map_err(bind_error)?;
        let mut world = world(&options, kept)?;
        world.site = site(&options, address)?;
        let storage = storage(&options, world.clock.now())?;
        let shared = Arc::new(Shared::new(world, storage));
        let mut tasks = JoinSet::new();
        tasks.spawn(wire::serve(listener, Arc::clone(&shared), None));
        let edges = open_edges(&shared, &mut tasks).await?;
        if options.pace != Pace::Stepped {
            tasks.spawn(background::tick(Arc::clone(&shared)));
        }
        if let Some(store) = &store {
            tasks.spawn(background::keep(Arc::clone(&shared), store.clone()));
        }
        Ok(Self { address, edges, shared, store, default_region: options.scenario.default_region, tasks })
    }

    /// Where it listens, for example `http://127.0.0.1:4599`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where the distributions listen that have an address of their own, by their ids.
    pub fn edges(&self) -> &[(String, SocketAddr)] {
        &self.edges
    }

    /// The environment variables that let any AWS client talk to it as `account`.
    pub fn environment(&self, account: &str) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT_URL", self.endpoint()),
            ("AWS_ACCESS_KEY_ID", format!("AKIASIM0{account}")),
            ("AWS_SECRET_ACCESS_KEY", "simulated".to_owned()),
            ("AWS_REGION", self.default_region.clone()),
            ("AWS_DEFAULT_REGION", self.default_region.clone()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]
    }

    /// The simulated instant.
    pub fn now(&self) -> Timestamp {
        self.shared.world().clock.now()
    }

    /// Moves the clock, letting everything happen that is due in between.
    pub fn advance(&self, by: Duration) {
        self.shared.world().advance(by);
    }

    /// The calls that were made.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.world().calls.all()
    }

    /// Forgets the calls that were made; their numbers go on.
    pub fn clear_calls(&self) {
        self.shared.world().calls.clear();
    }

    /// Lets calls go wrong from now on.
    pub fn add_fault(&self, fault: Fault) {
        let mut world = self.shared.world();
        world.is_dirty = true;
        world.estate.faults.add(fault);
    }

    /// Ends all faults, and lets the calls that hang go on.
    pub fn clear_faults(&self) {
        self.shared.clear_faults();
    }

    /// Pushes an image or changes what one does, and answers its digest if it has one.
    ///
    /// Tasks that run already keep the behaviour that they started with.
    ///
    /// # Errors
    /// When the image contradicts itself or the registry refuses it.
    pub fn set_image(&self, image: &ImageSpec) -> Result<Option<String>, ImageError> {
        self.shared.world().set_image(image)
    }

    /// Makes or changes an alarm, and scripts what will become of it.
    ///
    /// # Errors
    /// When a duration is none, or `CloudWatch` would refuse the definition.
    pub fn set_alarm(&self, alarm: &AlarmSpec) -> Result<(), AwsError> {
        self.shared.world().set_alarm(alarm)
    }

    /// Says what becomes of the scans of an image, a repository or a registry, also of those that were begun.
    ///
    /// # Errors
    /// When a duration or a count is none.
    pub fn set_scan(&self, scan: &ScanSpec) -> Result<(), AwsError> {
        self.shared.world().set_scan(scan)
    }

    /// Looks into, or changes, the ECS of one account and region.
    pub fn with_ecs<T>(&self, account: &str, region: &str, f: impl FnOnce(&mut Ecs, Timestamp) -> T) -> T {
        let mut world = self.shared.world();
        let now = world.step();
        world.is_dirty = true;
        f(world.estate.ecs(&Place::new(account, region)), now)
    }

    /// Everything that exists, as the state file would keep it. It is for looking at; its form is not promised.
    pub fn snapshot(&self) -> serde_json::Value {
        let world = self.shared.world();
        serde_json::to_value(&world.estate).unwrap_or_default()
    }

    /// Ends the simulator and keeps the state, if it has a place for it.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub async fn shutdown(mut self) -> Result<(), StateError> {
        self.tasks.shutdown().await;
        match &self.store {
            Some(store) => background::save(&self.shared, store),
            None => Ok(()),
        }
    }
}

/// Layers are kept beside the state, or in a temporary folder.
fn site(options: &Options, address: SocketAddr) -> Result<Site, StartError> {
    let open = |state: &PathBuf| {
        let path = state.join("layers");
        BlobStore::open(&path).map_err(|source| StateError::Write { path, source })
    };
    let store = options.state.as_ref().map_or_else(|| Ok(BlobStore::default()), open)?;
    Ok(Site { endpoint: format!("http://{address}"), store })
}

fn check_pace(pace: Pace) -> Result<(), StartError> {
    match pace {
        Pace::Scaled(factor) if !(factor > 0.0 && factor.is_finite()) => Err(StartError::Pace(factor)),
        Pace::Scaled(_) | Pace::Stepped => Ok(()),
    }
}

fn world(options: &Options, kept: Option<Saved>) -> Result<World, StartError> {
    if let Some(Saved { now, estate, .. }) = kept {
        return Ok(World::new(SimClock::new(now, options.pace), estate));
    }
    let start = options.scenario.start.unwrap_or_else(|| usual_start(options.pace));
    let estate = Estate::populated(&options.scenario, start)?;
    Ok(World::new(SimClock::new(start, options.pace), estate))
}

/// Opens the addresses of distributions that want one of their own.
async fn open_edges(shared: &Arc<Shared>, tasks: &mut JoinSet<()>) -> Result<Vec<(String, SocketAddr)>, StartError> {
    let listening = shared.world().estate.cloudfront.listening();
    let mut edges = Vec::new();
    for (id, address) in listening {
        let bind_error = |source| StartError::Bind { address, source };
        let listener = TcpListener::bind(address).await.map_err(bind_error)?;
        let address = listener.local_addr().map_err(bind_error)?;
        tasks.spawn(wire::serve(listener, Arc::clone(shared), Some(Arc::from(id.as_str()))));
        edges.push((id, address));
    }
    Ok(edges)
}

/// S3 as it was kept, or as the scenario has it.
fn storage(options: &Options, now: Timestamp) -> Result<S3, StartError> {
    let knobs = options.scenario.s3.clone();
    let (storage, is_kept) = match &options.state {
        Some(folder) => S3::kept(folder, knobs)?,
        None => (S3::temporary(knobs)?, false),
    };
    if !is_kept {
        populate_storage(&storage, &options.scenario, now)?;
    }
    Ok(storage)
}

fn usual_start(pace: Pace) -> Timestamp {
    match pace {
        Pace::Scaled(_) => Timestamp::now(),
        Pace::Stepped => Timestamp::from_second(STEPPED_START).unwrap_or_default(),
    }
}
