//! Earlier states, for reads that lag behind.
//!
//! It is empty while no read lags, and it is not kept over a restart.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::world::{World, time::before};

/// The states of the last seconds, oldest first, each with the instant from which it held.
#[derive(Debug, Clone, Default)]
pub(super) struct History(VecDeque<(Timestamp, World)>);

impl History {
    /// Forgets everything; what `world` is now was always so.
    pub(super) fn restart(&mut self, world: &World) {
        self.0.clear();
        if world.knobs.longest_lag() > 0.0 {
            self.0.push_back((Timestamp::MIN, world.clone()));
        }
    }

    /// Before a change: if nothing is known of the past, as after a restart, `world` was always so.
    pub(super) fn prepare(&mut self, world: &World) {
        if self.0.is_empty() {
            self.restart(world);
        }
    }

    /// Notes that `world` became as it is at `at`.
    pub(super) fn remember(&mut self, at: Timestamp, world: &World) {
        let lag = world.knobs.longest_lag();
        if lag <= 0.0 {
            return;
        }
        self.0.push_back((at, world.clone()));
        let horizon = before(at, lag);
        while self.0.get(1).is_some_and(|(since, _)| *since <= horizon) {
            self.0.pop_front();
        }
    }

    /// The state `lag` seconds before `now`.
    pub(super) fn view<'a>(&'a self, world: &'a World, now: Timestamp, lag: f64) -> &'a World {
        if lag <= 0.0 {
            return world;
        }
        let until = before(now, lag);
        self.0.iter().rev().find(|(since, _)| *since <= until).map_or(world, |(_, world)| world)
    }
}
