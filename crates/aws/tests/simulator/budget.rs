//! The budget against ECS's own buckets: many services in one run, and nothing is throttled.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use futures_util::future::join_all;
use jiff::Timestamp;
use towpath_aws::{Aws, Budget, Category, Settings, Share};
use towpath_core::ports::{Clock, Services as _};
use towpath_sim::Simulator;

use crate::shop::{DEV, key, settings, throttled};

/// The simulator's time, which passes by sleeping, but not before all calls that may go out have arrived: on a real
/// clock they are under way while time passes.
struct SimulatedTime {
    simulator: Arc<Simulator>,
    budget: OnceLock<Budget>,
}

impl SimulatedTime {
    fn is_quiet(&self) -> bool {
        let sent: u64 = self.budget.get().unwrap().uses().iter().map(|used| used.calls).sum();
        self.simulator.calls().len() as u64 >= sent
    }
}

#[async_trait]
impl Clock for SimulatedTime {
    fn now(&self) -> Timestamp {
        self.simulator.now()
    }

    async fn sleep(&self, duration: Duration) {
        while !self.is_quiet() {
            tokio::task::yield_now().await;
        }
        self.simulator.advance(duration);
    }

    async fn deadline(&self, _: Duration) {
        std::future::pending::<()>().await;
    }
}

/// Looks at the service deployments of so many services at once.
async fn look(aws: &Aws, calls: usize) {
    let services = aws.services();
    let key = key("shop-dev", "shop-api-dev");
    for found in join_all((0..calls).map(|_| services.deployments(&key, None))).await {
        assert!(found.unwrap().is_some());
    }
}

fn refused(simulator: &Simulator) -> usize {
    simulator.calls().iter().filter(|call| !call.accepted).count()
}

#[tokio::test]
async fn many_calls_within_the_budget_are_never_throttled() {
    let simulator = Arc::new(throttled().await);
    let clock = Arc::new(SimulatedTime { simulator: Arc::clone(&simulator), budget: OnceLock::new() });
    let budget = Budget::new(Share::WHOLE, Arc::<SimulatedTime>::clone(&clock));
    clock.budget.set(budget.clone()).unwrap();
    let settings = Settings { budget: Some(budget.clone()), ..settings(&simulator, DEV) };
    look(&Aws::connect(settings).await.unwrap(), 200).await;
    assert_eq!((refused(&simulator), simulator.calls().len()), (0, 200));
    let used = budget.uses().remove(0);
    assert_eq!((used.category, used.calls), (Category::ServiceDeployment, 200));
    assert!(used.waited > Duration::from_secs(7), "the last alone waits (200 - 50) / 20 s");
}

#[tokio::test]
async fn the_same_calls_without_a_budget_are_throttled() {
    let simulator = throttled().await;
    let mut settings = settings(&simulator, DEV);
    settings.patience.throttled_attempts = 1;
    settings.patience.read_attempts = 1;
    let services = Aws::connect(settings).await.unwrap().services();
    let key = key("shop-dev", "shop-api-dev");
    let found = join_all((0..200).map(|_| services.deployments(&key, None))).await;
    assert_eq!(found.iter().filter(|found| found.is_ok()).count(), 50);
    assert_eq!(refused(&simulator), 150);
}
