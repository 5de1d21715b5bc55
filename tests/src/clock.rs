//! The simulator's time as the engine's Clock: waiting moves the simulated world, guarding a call does not.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use towpath_core::ports::Clock;
use towpath_sim::Simulator;

/// The time of a stepped simulator.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "the simulator has none")]
pub struct SimulatedClock(
    /// The simulator whose time it is.
    pub Arc<Simulator>,
);

#[async_trait]
impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn sleep(&self, duration: Duration) {
        self.0.advance(duration);
        tokio::task::yield_now().await;
    }

    async fn deadline(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
