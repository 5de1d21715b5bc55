//! [`VirtualClock`]: time that passes only by sleeping, and then at once.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use crate::ports::Clock;

use super::mishap::locked;

/// How often a sleeper lets those who wake earlier go first, before it takes them for given up.
const PATIENCE: u32 = 64;

/// A clock whose time is moved by sleeping: it jumps to when the earliest sleeper wakes. Clones share one time.
///
/// Calls are never given up on ([`Clock::deadline`] does not return) unless [`VirtualClock::expire_next_deadline`] says
/// so.
#[derive(Debug, Clone)]
pub struct VirtualClock {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    now: Timestamp,
    /// When each sleeper wakes, in the order in which they fell asleep.
    sleepers: BTreeMap<u64, Timestamp>,
    fallen_asleep: u64,
    slept: Vec<Duration>,
    expiring: usize,
}

impl VirtualClock {
    /// A clock that shows this time.
    pub fn at(now: Timestamp) -> Self {
        let state = State { now, sleepers: BTreeMap::new(), fallen_asleep: 0, slept: Vec::new(), expiring: 0 };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// Lets that much time pass.
    pub fn advance(&self, duration: Duration) {
        let mut state = locked(&self.state);
        state.now = later(state.now, duration);
    }

    /// Shows the same time as the other one; nobody sleeps.
    #[cfg(test)]
    pub(crate) fn become_like(&self, other: &Self) {
        let now = locked(&other.state).now;
        locked(&self.state).now = now;
    }

    /// How long was slept each time, in the order of waking; no time at all is not counted.
    pub fn slept(&self) -> Vec<Duration> {
        locked(&self.state).slept.clone()
    }

    /// Lets the next call that is not answered at once be given up on. It counts: two calls for two deadlines.
    pub fn expire_next_deadline(&self) {
        locked(&self.state).expiring += 1;
    }
}

impl Default for VirtualClock {
    /// A clock that shows some day in 2026.
    fn default() -> Self {
        Self::at(Timestamp::constant(1_772_800_000, 0))
    }
}

#[async_trait]
impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        locked(&self.state).now
    }

    async fn sleep(&self, duration: Duration) {
        Sleep { clock: self.clone(), duration, asleep: None, waited: 0 }.await;
    }

    async fn deadline(&self, _: Duration) {
        let expires = {
            let mut state = locked(&self.state);
            let expires = state.expiring > 0;
            state.expiring = state.expiring.saturating_sub(1);
            expires
        };
        if expires {
            // Whoever is raced against this has its turn first.
            self.sleep(Duration::ZERO).await;
        } else {
            std::future::pending::<()>().await;
        }
    }
}

/// One sleep. It yields at least once, so that all who sleep at the same time are known before anybody wakes.
struct Sleep {
    clock: VirtualClock,
    duration: Duration,
    asleep: Option<u64>,
    waited: u32,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let clock = self.clock.clone();
        let mut state = locked(&clock.state);
        let Some(number) = self.asleep else {
            self.asleep = Some(state.fall_asleep(self.duration));
            context.waker().wake_by_ref();
            return Poll::Pending;
        };
        if self.waited < PATIENCE && !state.is_next(number) {
            self.waited += 1;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        state.wake(number);
        if !self.duration.is_zero() {
            state.slept.push(self.duration);
        }
        self.asleep = None;
        Poll::Ready(())
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(number) = self.asleep {
            locked(&self.clock.state).sleepers.remove(&number);
        }
    }
}

impl State {
    fn fall_asleep(&mut self, duration: Duration) -> u64 {
        self.fallen_asleep += 1;
        self.sleepers.insert(self.fallen_asleep, later(self.now, duration));
        self.fallen_asleep
    }

    /// Whether nobody wakes earlier, or as early and fell asleep before.
    fn is_next(&self, number: u64) -> bool {
        let next = self.sleepers.iter().min_by_key(|(number, wakes)| (**wakes, **number));
        next.is_none_or(|(next, _)| *next == number)
    }

    fn wake(&mut self, number: u64) {
        if let Some(wakes) = self.sleepers.remove(&number) {
            self.now = self.now.max(wakes);
        }
    }
}

fn later(now: Timestamp, duration: Duration) -> Timestamp {
    let duration = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
    now.saturating_add(duration).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use futures_util::future::{Either, join, select};

    use super::*;

    fn passed(clock: &VirtualClock) -> i64 {
        clock.now().duration_since(VirtualClock::default().now()).as_secs()
    }

    #[tokio::test]
    async fn sleeping_moves_time_and_is_remembered() {
        let clock = VirtualClock::default();
        clock.sleep(Duration::from_secs(30)).await;
        clock.sleep(Duration::from_secs(12)).await;
        assert_eq!(passed(&clock), 42);
        assert_eq!(clock.slept(), [30, 12].map(Duration::from_secs));
    }

    #[tokio::test]
    async fn sleepers_at_the_same_time_wake_in_order_and_share_it() {
        let clock = VirtualClock::default();
        let order = Mutex::new(Vec::new());
        let sleeper = |seconds: u64| {
            let (clock, order) = (&clock, &order);
            async move {
                clock.sleep(Duration::from_secs(seconds)).await;
                locked(order).push((seconds, passed(clock)));
            }
        };
        join(sleeper(20), join(sleeper(5), sleeper(10))).await;
        assert_eq!(*locked(&order), [(5, 5), (10, 10), (20, 20)]);
    }

    #[tokio::test]
    async fn a_sleep_that_is_given_up_moves_nothing() {
        let clock = VirtualClock::default();
        let first = select(clock.sleep(Duration::from_secs(9)), clock.sleep(Duration::from_secs(3))).await;
        assert!(matches!(first, Either::Right(_)));
        drop(first);
        assert_eq!((passed(&clock), clock.slept()), (3, vec![Duration::from_secs(3)]));
    }

    #[tokio::test]
    async fn a_sleeper_that_nobody_asks_holds_up_nobody() {
        let clock = VirtualClock::default();
        let mut forgotten = clock.sleep(Duration::from_secs(1));
        assert!(futures_util::poll!(&mut forgotten).is_pending());
        clock.sleep(Duration::from_mins(1)).await;
        forgotten.await;
        assert_eq!(passed(&clock), 60);
    }

    #[tokio::test]
    async fn a_deadline_expires_only_when_told_to() {
        let clock = VirtualClock::default();
        assert!(futures_util::poll!(clock.deadline(Duration::from_secs(1))).is_pending());
        clock.expire_next_deadline();
        clock.deadline(Duration::from_secs(1)).await;
        assert!(futures_util::poll!(clock.deadline(Duration::from_secs(1))).is_pending());
        assert_eq!(passed(&clock), 0);
    }
}
