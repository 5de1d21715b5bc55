//! Takes down what a run tells, and lets others act on what happens.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use towpath_core::engine::{Notice, Observer};
use towpath_sim::Simulator;

use crate::{Act, Agenda};

/// What a run told, and who waits for what.
pub(super) struct Recorder {
    simulator: Arc<Simulator>,
    agenda: Arc<Agenda>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The last call before the promotion began.
    began: u64,
    /// The last call before its check was over.
    checked: Option<u64>,
    notices: Vec<Notice>,
    hooks: Vec<(&'static str, Duration, Act)>,
}

impl Recorder {
    pub(super) fn new(simulator: Arc<Simulator>, agenda: Arc<Agenda>) -> Self {
        Self { simulator, agenda, state: Mutex::default() }
    }

    /// A promotion begins; one that is gone on with does not begin again.
    pub(super) fn begin(&self) {
        let last = self.last_call();
        let mut state = self.state();
        (state.began, state.checked) = (last, None);
        state.notices.clear();
    }

    /// Lets somebody act on an event.
    pub(super) fn hook(&self, event: &'static str, delay: Duration, act: Act) {
        self.state().hooks.push((event, delay, act));
    }

    pub(super) fn began(&self) -> u64 {
        self.state().began
    }

    pub(super) fn checked(&self) -> Option<u64> {
        self.state().checked
    }

    pub(super) fn notices(&self) -> Vec<Notice> {
        self.state().notices.clone()
    }

    fn last_call(&self) -> u64 {
        self.simulator.calls().last().map_or(0, |call| call.sequence)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_hooks(&self, event: &str) -> Vec<(Duration, Act)> {
        let mut state = self.state();
        let (due, rest) = std::mem::take(&mut state.hooks).into_iter().partition(|(wanted, ..)| *wanted == event);
        state.hooks = rest;
        let due: Vec<(&'static str, Duration, Act)> = due;
        due.into_iter().map(|(_, delay, act)| (delay, act)).collect()
    }
}

impl Observer for Recorder {
    fn notice(&self, notice: Notice) {
        let name = match &notice {
            Notice::Happened { event, .. } => event.name(),
            _ => "",
        };
        if name == "checked" {
            let last = self.last_call();
            self.state().checked = Some(last);
        }
        for (delay, act) in self.take_hooks(name) {
            if delay.is_zero() {
                act(&self.simulator);
            } else {
                self.agenda.add(self.simulator.now() + delay, act);
            }
        }
        self.state().notices.push(notice);
    }
}
