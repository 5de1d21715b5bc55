//! An opened world: what others do in it, and the runs over it.

use std::{
    future::poll_fn,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::Poll,
    time::Duration,
};

use serde_json::{Value, json};
use tokio::sync::oneshot;
use towpath_core::{
    engine::{EngineError, Interrupt, Report, World},
    ledger::TakeOver,
};
use towpath_sim::{
    Simulator,
    faults::{Fault, FaultKind},
};

use crate::{Act, Stage};

use super::{invariants, recorder::Recorder, told::Told, truth::Truth};

/// When a run dies, as by `kill -9`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// As the nth call is sent, before it is carried out.
    Before(
        /// Which call of the run, from 1.
        u64,
    ),
    /// When the nth call was carried out, before the run hears of it.
    After(
        /// Which call of the run, from 1.
        u64,
    ),
}

/// How a run comes to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// In one go.
    Straight,
    /// It is killed when ECS has carried out the update and nobody knows; the next run goes on.
    Killed,
}

impl Way {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Straight, Self::Killed];
}

/// The service as it was seen on the way.
#[derive(Debug, Clone, Default)]
pub struct Sight(Arc<Mutex<Vec<Value>>>);

impl Sight {
    /// The service as it was then.
    #[track_caller]
    pub fn seen(&self) -> Value {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.first().cloned().unwrap_or_else(|| panic!("nobody looked"))
    }
}

/// An opened world.
#[expect(missing_debug_implementations, reason = "ports have none")]
pub struct Play {
    /// The simulator, the configuration and the ledger.
    pub stage: Stage,
    /// What was there before the first run.
    pub before: Truth,
    pub(super) recorder: Arc<Recorder>,
    pub(super) may_lose_the_old: AtomicBool,
    interrupt: Mutex<Interrupt>,
    runs: AtomicUsize,
}

impl Play {
    pub(super) fn of(stage: Stage) -> Self {
        let before = Truth::of(&stage, "shop-api-dev");
        let recorder = Arc::new(Recorder::new(Arc::clone(&stage.simulator), Arc::clone(&stage.agenda)));
        let (interrupt, runs) = (Mutex::new(Interrupt::default()), AtomicUsize::new(0));
        Self { stage, before, recorder, may_lose_the_old: AtomicBool::new(false), interrupt, runs }
    }

    /// Lets somebody act so long from now.
    pub fn after(&self, delay: Duration, act: impl FnOnce(&Simulator) + Send + 'static) -> &Self {
        self.stage.agenda.add(self.stage.simulator.now() + delay, Box::new(act));
        self
    }

    /// Lets somebody act so long after the next event of that name.
    pub fn when(&self, event: &'static str, delay: Duration, act: impl FnOnce(&Simulator) + Send + 'static) -> &Self {
        self.recorder.hook(event, delay, Box::new(act));
        self
    }

    /// Looks at the service so long after the next event of that name.
    pub fn look_when(&self, event: &'static str, delay: Duration) -> Sight {
        let sight = Sight::default();
        let into = sight.clone();
        self.when(event, delay, move |simulator| {
            let input = json!({ "cluster": "shop-dev", "services": ["shop-api-dev"] });
            let service = somebody(simulator, "DescribeServices", &input)["services"][0].take();
            into.0.lock().unwrap_or_else(PoisonError::into_inner).push(service);
        });
        sight
    }

    /// The run is asked to stop so long after the next event of that name.
    pub fn interrupt_when(&self, event: &'static str, delay: Duration) -> &Self {
        let (word, given) = oneshot::channel::<()>();
        let interrupt = Interrupt::when(async move {
            if given.await.is_err() {
                std::future::pending::<()>().await;
            }
        });
        *self.interrupt.lock().unwrap_or_else(PoisonError::into_inner) = interrupt;
        let act: Act = Box::new(move |_| {
            let _nobody_runs_any_more = word.send(());
        });
        self.recorder.hook(event, delay, act);
        self
    }

    /// From now on runs are not asked to stop.
    pub fn no_interrupt(&self) {
        *self.interrupt.lock().unwrap_or_else(PoisonError::into_inner) = Interrupt::default();
    }

    /// Somebody in this scenario removes what served: the harness does not ask for it at the end.
    pub fn lets_the_old_go(&self) -> &Self {
        self.may_lose_the_old.store(true, Ordering::SeqCst);
        self
    }

    /// Brings a version into the environment.
    pub async fn promote(&self, version: &str) -> Told {
        self.begin();
        let report = self.promoting(version, &self.next_id()).await;
        self.told(report).await
    }

    /// Brings a version into the environment in that way.
    pub async fn promote_by(&mut self, way: Way, version: &str) -> Told {
        match way {
            Way::Straight => self.promote(version).await,
            Way::Killed => {
                let update = Fault { count: Some(1), ..Fault::new("UpdateService", FaultKind::DropAfter) };
                match self.promote_until(version, update).await {
                    Some(told) => told,
                    None => self.resume().await,
                }
            }
        }
    }

    /// Brings a version into the environment and dies on the way; what it came to where it was over before.
    pub async fn promote_and_die(&self, version: &str, death: Death) -> Option<Told> {
        let (kind, number) = match death {
            Death::Before(number) => (FaultKind::DropBefore, number),
            Death::After(number) => (FaultKind::DropAfter, number),
        };
        self.promote_until(version, Fault { on: vec![number], ..Fault::new("*", kind) }).await
    }

    /// Runs until that fault strikes, and is dropped before it can hear of it.
    async fn promote_until(&self, version: &str, fault: Fault) -> Option<Told> {
        self.begin();
        let (simulator, from) = (&self.stage.simulator, self.recorder.began());
        simulator.add_fault(fault);
        let id = self.next_id();
        let report = {
            let run = self.promoting(version, &id);
            let struck = poll_fn(|_| {
                let calls = simulator.calls();
                let is_struck = calls.iter().any(|call| call.sequence > from && call.fault.is_some());
                if is_struck { Poll::Ready(()) } else { Poll::Pending }
            });
            // Whatever wakes the run asks first whether it is dead.
            tokio::select! { biased; () = struck => None, report = run => Some(report) }
        };
        simulator.clear_faults();
        match report {
            Some(report) => Some(self.told(report).await),
            None => None,
        }
    }

    /// Goes on with what is open, as after a crash: the dead run's lease is taken over.
    pub async fn resume(&mut self) -> Told {
        let told = self.resume_if_open().await;
        told.unwrap_or_else(|| panic!("nothing is open"))
    }

    /// Goes on with what is open, if anything is.
    pub async fn resume_if_open(&mut self) -> Option<Told> {
        self.stage.settings.take_over = TakeOver::Anyway;
        let report = self.resuming().await;
        self.stage.settings.take_over = TakeOver::OnlyExpired;
        match report {
            Err(EngineError::NothingOpen(_)) => None,
            report => Some(self.told(report).await),
        }
    }

    /// Goes on with what is open; a lease that has not expired is left to its holder.
    pub async fn resume_politely(&self) -> Told {
        self.told(self.resuming().await).await
    }

    /// Goes back to what was proven before what serves now.
    pub async fn restore(&self) -> Told {
        self.begin();
        let request = self.stage.request(&self.next_id()).unwrap_or_else(|error| panic!("{error}"));
        let (world, interrupt) = (self.world().await, self.interrupt());
        let report = self.engine(&world, &interrupt).restore(None, request).await;
        self.told(report).await
    }

    /// Performs an operation as somebody else in the same account, not seen in the calls of the run.
    pub fn somebody(&self, operation: &str, input: &Value) -> Value {
        somebody(&self.stage.simulator, operation, input)
    }

    /// What is there now.
    pub fn truth(&self) -> Truth {
        Truth::of(&self.stage, "shop-api-dev")
    }

    /// What the load balancer answers to `/version`.
    pub async fn version(&self) -> String {
        self.stage.serves("dev", "/version").await.unwrap_or_else(|error| panic!("{error:#}")).1
    }

    fn begin(&self) {
        self.recorder.begin();
    }

    fn next_id(&self) -> String {
        format!("p-{}", self.runs.fetch_add(1, Ordering::SeqCst) + 1)
    }

    fn interrupt(&self) -> Interrupt {
        self.interrupt.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn world(&self) -> World {
        let environment = self.stage.environment("dev").unwrap_or_else(|error| panic!("{error:#}"));
        self.stage.world(environment).await.unwrap_or_else(|error| panic!("{error:#}"))
    }

    fn engine<'a>(&'a self, world: &'a World, interrupt: &'a Interrupt) -> towpath_core::engine::Engine<'a> {
        let environment = self.stage.environment("dev").unwrap_or_else(|error| panic!("{error:#}"));
        let mut engine = self.stage.engine(environment, world);
        (engine.observer, engine.interrupt) = (&*self.recorder, interrupt);
        engine
    }

    async fn promoting(&self, version: &str, id: &str) -> Result<Report, EngineError> {
        let version = version.parse().unwrap_or_else(|error| panic!("{error}"));
        let request = self.stage.request(id).unwrap_or_else(|error| panic!("{error}"));
        let (world, interrupt) = (self.world().await, self.interrupt());
        self.engine(&world, &interrupt).promote(&version, request).await
    }

    async fn resuming(&self) -> Result<Report, EngineError> {
        let (world, interrupt) = (self.world().await, self.interrupt());
        self.engine(&world, &interrupt).resume().await
    }

    async fn told(&self, report: Result<Report, EngineError>) -> Told {
        let told = Told::new(self, report);
        invariants::hold(self, &told).await;
        told
    }
}

/// Performs an operation as somebody else in the account.
pub fn somebody(simulator: &Simulator, operation: &str, input: &Value) -> Value {
    simulator.with_ecs("111111111111", "us-west-2", |ecs, now| {
        ecs.call(operation, input, now).unwrap_or_else(|error| panic!("{operation}: {error:?}"))
    })
}
