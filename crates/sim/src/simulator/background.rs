//! What goes on by itself: time passing, and the state being kept.
//!
//! With a stepped clock, nothing but the keeping of the state goes on.

use std::{sync::Arc, time::Duration};

use tokio::time::{MissedTickBehavior, interval};

use super::shared::Shared;
use crate::state::{Saved, StateError, StateStore};

const TICK: Duration = Duration::from_millis(20);
/// How long changes are collected before the state is written.
const DEBOUNCE: Duration = Duration::from_millis(100);

/// Lets everything happen when it is due, for ever.
pub(super) async fn tick(shared: Arc<Shared>) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        shared.world().step();
    }
}

/// Keeps the state after changes, for ever; what cannot be written now is tried again with the next turn.
pub(super) async fn keep(shared: Arc<Shared>, store: StateStore) {
    let mut turns = interval(DEBOUNCE);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        let (shared, store) = (Arc::clone(&shared), store.clone());
        let kept = tokio::task::spawn_blocking(move || save(&shared, &store)).await;
        if kept.is_err() {
            return;
        }
    }
}

/// Keeps the state if it changed.
pub(super) fn save(shared: &Shared, store: &StateStore) -> Result<(), StateError> {
    let _turn = store.turn();
    shared.storage().keep(store.folder())?;
    let saved = {
        let mut world = shared.world();
        if !world.is_dirty {
            return Ok(());
        }
        world.is_dirty = false;
        Saved::new(world.clock.now(), world.estate.clone())
    };
    let written = store.save(&saved);
    if written.is_err() {
        shared.world().is_dirty = true;
    }
    written
}
