//! What others do at a given simulated instant, while a run waits: people, autoscaling, another pipeline.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use towpath_sim::Simulator;

/// What somebody does to the simulated world.
pub type Act = Box<dyn FnOnce(&Simulator) + Send>;

/// Who acts when.
#[derive(Default)]
#[expect(missing_debug_implementations, reason = "acts are functions")]
pub struct Agenda(Mutex<Vec<(Timestamp, Act)>>);

impl Agenda {
    /// Notes that something happens then.
    pub fn add(&self, at: Timestamp, act: Act) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((at, act));
    }

    /// The earliest thing that happens until then; it is taken off.
    pub fn due(&self, until: Timestamp) -> Option<(Timestamp, Act)> {
        let mut acts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = (0..acts.len()).filter(|index| acts[*index].0 <= until).min_by_key(|index| acts[*index].0)?;
        Some(acts.remove(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_comes_in_order_and_once() {
        let agenda = Agenda::default();
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        for second in [30, 10, 20] {
            agenda.add(at(second), Box::new(|_| ()));
        }
        let due: Vec<_> = std::iter::from_fn(|| agenda.due(at(20))).map(|(at, _)| at.as_second()).collect();
        assert_eq!(due, [10, 20]);
        assert_eq!(agenda.due(at(40)).unwrap().0, at(30));
    }
}
