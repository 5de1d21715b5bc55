//! Waiting as scripts do: each service is asked for by itself, again and again, until ECS calls its rollout complete.
//!
//! It is throttled by nobody, so that what it needs is counted and not what it gets.

use std::{cmp::Reverse, collections::BinaryHeap, time::Duration};

use towpath_core::{
    ports::{ServiceUpdate, Services as _},
    rollout::{RolloutState, ServiceKey, ServiceSnapshot},
};

use crate::{
    clock::between,
    fleet::{connect, simulator},
};

/// Something to be done at an instant, counted from the first update.
type Due = Reverse<(Duration, Step, String)>;

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Update,
    Ask,
}

fn key(service: &str) -> ServiceKey {
    ServiceKey { cluster: "fleet".parse().unwrap(), service: service.parse().unwrap() }
}

fn is_over(service: &ServiceSnapshot) -> bool {
    service.primary().is_some_and(|primary| primary.rollout == Some(RolloutState::Completed))
}

/// Updates the services of a world like the fleet's at these instants, and counts the calls that wait for them.
pub(crate) async fn poll(services: usize, updates: Vec<(Duration, String)>, every: Duration) -> usize {
    let simulator = simulator(services, false).await;
    let port = connect(&simulator, None).await.services();
    let mut due: BinaryHeap<Due> =
        updates.into_iter().map(|(at, service)| Reverse((at, Step::Update, service))).collect();
    let began = simulator.now();
    while let Some(Reverse((at, step, service))) = due.pop() {
        simulator.advance(at.saturating_sub(between(began, simulator.now())));
        let found = port.describe(&[key(&service)]).await.unwrap().pop().flatten().unwrap();
        match step {
            Step::Update => {
                let update = ServiceUpdate { anew: true, ..ServiceUpdate::to(found.task_definition.unwrap()) };
                port.update(&key(&service), &update).await.unwrap();
            }
            Step::Ask if is_over(&found) => continue,
            Step::Ask => {}
        }
        due.push(Reverse((at + every, Step::Ask, service)));
    }
    let asked = simulator.calls().iter().filter(|call| call.operation == "DescribeServices").count();
    // One look at each told what to update.
    asked - services
}
