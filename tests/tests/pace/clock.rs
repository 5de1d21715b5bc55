//! The simulator's time for very many callers at once: it passes only while all calls that may go out have arrived.
//!
//! So the simulator's buckets see the calls as far apart as they are meant to be.

use std::{
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::Notify;
use towpath_aws::Budget;
use towpath_core::{fakes::VirtualClock, ports::Clock};
use towpath_sim::{Simulator, calls::Call};

/// The simulator's time. Whoever sleeps moves it, always to the earliest instant that somebody sleeps until.
pub(crate) struct FleetClock {
    simulator: Arc<Simulator>,
    pub(crate) ledger: VirtualClock,
    budget: OnceLock<Budget>,
    log: Mutex<Vec<Call>>,
    sleepers: Mutex<Vec<Timestamp>>,
    passed: Notify,
}

/// Somebody who sleeps, or has given up sleeping.
struct Sleeper<'a>(&'a FleetClock, Timestamp);

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        let mut sleepers = self.0.sleepers.lock().unwrap();
        let own = sleepers.iter().position(|until| *until == self.1).unwrap();
        sleepers.swap_remove(own);
    }
}

impl FleetClock {
    pub(crate) fn of(simulator: &Arc<Simulator>) -> Self {
        Self {
            simulator: Arc::clone(simulator),
            ledger: VirtualClock::at(simulator.now()),
            budget: OnceLock::new(),
            log: Mutex::default(),
            sleepers: Mutex::default(),
            passed: Notify::new(),
        }
    }

    /// Whose calls have to arrive before time passes.
    pub(crate) fn wait_for(&self, budget: Budget) {
        assert!(self.budget.set(budget).is_ok());
    }

    /// Whether every call that the budget let go has arrived. The simulator's log is moved here on the way.
    fn is_quiet(&self) -> bool {
        let mut log = self.log.lock().unwrap();
        log.extend(self.simulator.calls());
        self.simulator.clear_calls();
        let sent: u64 = self.budget.get().unwrap().uses().iter().map(|used| used.calls).sum();
        log.iter().filter(|call| call.service == "ecs").count() as u64 >= sent
    }

    fn pass(&self) {
        let earliest = self.sleepers.lock().unwrap().iter().min().copied();
        let by = earliest.map_or(Duration::ZERO, |earliest| between(self.simulator.now(), earliest));
        self.simulator.advance(by);
        self.ledger.advance(by);
        self.passed.notify_waiters();
    }

    /// All calls that arrived.
    pub(crate) fn calls(&self) -> Vec<Call> {
        assert!(self.is_quiet());
        self.log.lock().unwrap().clone()
    }
}

#[async_trait]
impl Clock for FleetClock {
    fn now(&self) -> Timestamp {
        self.simulator.now()
    }

    async fn sleep(&self, duration: Duration) {
        let sleeper = Sleeper(self, self.now() + duration);
        self.sleepers.lock().unwrap().push(sleeper.1);
        while self.now() < sleeper.1 {
            // What has been answered is taken in before time goes on.
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
            if self.now() < sleeper.1 && self.is_quiet() {
                self.pass();
            }
        }
    }

    async fn deadline(&self, duration: Duration) {
        let until = self.now() + duration;
        while self.now() < until {
            self.passed.notified().await;
        }
    }
}

pub(crate) fn between(earlier: Timestamp, later: Timestamp) -> Duration {
    Duration::try_from(later.duration_since(earlier)).unwrap_or_default()
}
