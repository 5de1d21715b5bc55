//! The simulator's time as the engine's Clock: waiting moves the simulated world, guarding a call does not.
//!
//! On the way it lets others act at their instant, and the ledger's time goes along.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use towpath_core::{fakes::VirtualClock, ports::Clock};
use towpath_sim::Simulator;

use crate::agenda::Agenda;

/// The time of a stepped simulator.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "the simulator has none")]
pub struct SimulatedClock {
    /// The simulator whose time it is.
    pub simulator: Arc<Simulator>,
    /// The ledger's time.
    pub ledger: VirtualClock,
    /// Who acts when.
    pub agenda: Arc<Agenda>,
}

impl SimulatedClock {
    fn move_to(&self, instant: Timestamp) {
        let by = Duration::try_from(instant.duration_since(self.simulator.now())).unwrap_or_default();
        self.simulator.advance(by);
        self.ledger.advance(by);
    }
}

#[async_trait]
impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        self.simulator.now()
    }

    async fn sleep(&self, duration: Duration) {
        let until = self.simulator.now() + duration;
        while let Some((at, act)) = self.agenda.due(until) {
            self.move_to(at);
            act(&self.simulator);
        }
        self.move_to(until);
        tokio::task::yield_now().await;
    }

    async fn deadline(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
