//! The demonstration's time: it passes while Towpath waits, and only then.
//!
//! So what is told does not depend on how fast this machine is, and who is in a hurry need not wait at all.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::watch;
use towpath_core::ports::Clock;
use towpath_sim::Simulator;

/// The time of a stepped simulator. Calls still get as long as they really may take.
#[derive(Clone)]
pub(super) struct StageClock {
    simulator: Arc<Simulator>,
    speed: f64,
    shown: Arc<watch::Sender<Timestamp>>,
}

impl StageClock {
    /// The simulator's time, of which so many seconds pass in a real one.
    pub(super) fn new(simulator: Arc<Simulator>, speed: f64) -> Self {
        let shown = Arc::new(watch::Sender::new(simulator.now()));
        Self { simulator, speed, shown }
    }

    /// Waits until somebody else's waiting has brought it to this instant.
    pub(super) fn comes_to(&self, instant: Timestamp) -> impl Future<Output = ()> + Send + use<> {
        let mut shown = self.shown.subscribe();
        async move {
            if shown.wait_for(|now| *now >= instant).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Who slept beside others may find that it is later already.
    fn move_to(&self, instant: Timestamp) {
        let by = Duration::try_from(instant.duration_since(self.simulator.now())).unwrap_or_default();
        self.simulator.advance(by);
        self.shown.send_replace(self.simulator.now());
    }
}

#[async_trait]
impl Clock for StageClock {
    fn now(&self) -> Timestamp {
        self.simulator.now()
    }

    async fn sleep(&self, duration: Duration) {
        let until = self.now().checked_add(duration).unwrap_or(Timestamp::MAX);
        let real = Duration::try_from_secs_f64(duration.as_secs_f64() / self.speed).unwrap_or(duration);
        tokio::time::sleep(real).await;
        self.move_to(until);
    }

    async fn deadline(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use futures_util::future::join;
    use towpath_sim::{Options, Pace, scenario::Scenario};

    use super::*;

    async fn clock() -> StageClock {
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let options = Options { listen, scenario: Scenario::default(), pace: Pace::Stepped, state: None };
        StageClock::new(Arc::new(Simulator::start(options).await.unwrap()), 1e6)
    }

    #[tokio::test]
    async fn time_passes_by_waiting_and_who_waits_together_shares_it() {
        let clock = clock().await;
        let began = clock.now();
        join(clock.sleep(Duration::from_secs(30)), clock.sleep(Duration::from_secs(20))).await;
        assert_eq!(clock.now().duration_since(began).as_secs(), 30);
    }

    #[tokio::test]
    async fn an_instant_is_come_to_by_the_waiting_of_others_alone() {
        let clock = clock().await;
        let mut instant = Box::pin(clock.comes_to(clock.now() + Duration::from_secs(20)));
        clock.sleep(Duration::from_secs(19)).await;
        assert!(futures_util::poll!(&mut instant).is_pending());
        clock.sleep(Duration::from_secs(1)).await;
        instant.await;
    }
}
