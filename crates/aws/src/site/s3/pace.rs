//! How many requests are in flight at once: as many as bring more, fewer where S3 asks to slow down.
//!
//! It counts and decides; it sends nothing and reads no clock.

use std::time::{Duration, Instant};

/// How many there are at first.
const FIRST: usize = 32;

/// How many there are at most. Each takes a connection, which is used again; a few more are opened where one was late.
const MOST: usize = 248;

/// How much more must be done in a second for twice as many requests to be worth it.
const WORTH: f64 = 1.2;

/// How many requests may be in flight.
#[derive(Debug)]
pub(super) struct Pace {
    window: usize,
    /// How many there are to be: one more with each answer, so that each finds a connection that was just given back.
    /// Where many begin at once, as many connections are opened in vain.
    goal: usize,
    /// How many there were when S3 last asked to slow down: up to there it goes slowly.
    ceiling: usize,
    growth: Growth,
    round: Round,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Growth {
    /// It doubles with every round, for as long as that pays; this much was done in a second of the round before, with
    /// so many.
    Doubling { before: Option<(f64, usize)> },
    /// More would bring nothing.
    Enough,
    /// It grows by an eighth with every round, since S3 has asked to slow down.
    Careful,
}

/// What happened since the window was last looked at.
#[derive(Debug, Clone, Copy)]
struct Round {
    began: Instant,
    done: usize,
    is_throttled: bool,
}

impl Pace {
    /// The pace at the beginning.
    pub(super) fn new(now: Instant) -> Self {
        let growth = Growth::Doubling { before: None };
        Self { window: FIRST, goal: FIRST, ceiling: MOST, growth, round: Round::new(now) }
    }

    /// How many may be in flight now.
    pub(super) fn window(&self) -> usize {
        self.window
    }

    /// A request was answered.
    pub(super) fn done(&mut self, now: Instant) {
        if self.window < self.goal {
            self.window += 1;
            // What is done with so many is known once there are so many.
            self.round = Round { is_throttled: self.round.is_throttled, ..Round::new(now) };
            return;
        }
        self.round.done += 1;
        if self.round.done >= self.goal {
            self.look(now);
        }
    }

    /// S3 has asked to slow down.
    pub(super) fn throttled(&mut self, now: Instant) {
        // What was sent before it asked is answered the same way, and tells nothing new.
        if self.round.is_throttled {
            return;
        }
        self.ceiling = self.window;
        self.window = (self.window / 2).max(1);
        self.goal = self.window;
        self.growth = Growth::Careful;
        self.round = Round { is_throttled: true, ..Round::new(now) };
    }

    fn look(&mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.round.began).max(Duration::from_micros(1));
        let done = f64::from(u32::try_from(self.round.done).unwrap_or(u32::MAX));
        let speed = done / elapsed.as_secs_f64();
        match self.growth {
            Growth::Doubling { before: Some((before, goal)) } if speed < before * WORTH => {
                self.growth = Growth::Enough;
                self.goal = goal;
                self.window = self.window.min(self.goal);
            }
            Growth::Doubling { .. } => {
                self.growth = Growth::Doubling { before: Some((speed, self.goal)) };
                self.goal = (self.goal * 2).min(MOST);
            }
            Growth::Enough => {}
            Growth::Careful => self.goal = (self.goal + (self.goal / 8).max(1)).min(self.ceiling),
        }
        if self.growth == Growth::Careful && self.goal == self.ceiling {
            // What it could take once it may take again, and more.
            self.ceiling = (self.ceiling + (self.ceiling / 8).max(1)).min(MOST);
        }
        self.round = Round::new(now);
    }
}

impl Round {
    fn new(now: Instant) -> Self {
        Self { began: now, done: 0, is_throttled: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An S3 where a request takes `latency` and no more than `most` go at once.
    fn play(pace: &mut Pace, began: Instant, rounds: u32, latency: Duration, most: usize) -> Vec<usize> {
        let mut now = began;
        let mut windows = Vec::new();
        for _ in 0..rounds {
            let window = pace.window();
            let turns = u32::try_from(window.div_ceil(most)).unwrap();
            now += latency * turns;
            (0..window).for_each(|_| pace.done(now));
            windows.push(pace.window());
        }
        windows
    }

    #[test]
    fn it_doubles_where_more_at_once_bring_more() {
        let began = Instant::now();
        let windows = play(&mut Pace::new(began), began, 12, Duration::from_millis(25), usize::MAX);
        assert!(windows.is_sorted(), "{windows:?}");
        assert_eq!(windows, [32, 64, 64, 128, 128, 248, 248, 248, 248, 248, 248, 248]);
    }

    #[test]
    fn each_answer_brings_one_more_at_most() {
        let mut now = Instant::now();
        let mut pace = Pace::new(now);
        for _ in 0..12 {
            now += Duration::from_millis(25);
            for _ in 0..pace.window() {
                let before = pace.window();
                pace.done(now);
                assert!(pace.window() <= before + 1);
            }
        }
        assert_eq!(pace.window(), MOST);
    }

    #[test]
    fn it_goes_back_where_more_at_once_only_wait_longer() {
        let began = Instant::now();
        let windows = play(&mut Pace::new(began), began, 8, Duration::from_millis(1), 16);
        assert_eq!(windows[7], 32, "{windows:?}");
    }

    #[test]
    fn it_halves_once_for_all_that_was_sent_before_s3_asked_to_slow_down() {
        let now = Instant::now();
        let mut pace = Pace::new(now);
        (0..32).for_each(|_| pace.throttled(now));
        assert_eq!(pace.window(), 16);
        (0..16).for_each(|_| pace.done(now));
        pace.throttled(now);
        assert_eq!(pace.window(), 8);
    }

    #[test]
    fn it_recovers_slowly_and_goes_beyond_where_it_was() {
        let now = Instant::now();
        let mut pace = Pace::new(now);
        pace.throttled(now);
        let windows = play(&mut pace, now, 12, Duration::from_millis(25), usize::MAX);
        assert!(windows.is_sorted() && windows[0] == 16 && windows[11] > 32, "{windows:?}");
    }

    #[test]
    fn one_always_remains() {
        let now = Instant::now();
        let mut pace = Pace::new(now);
        for _ in 0..20 {
            pace.throttled(now);
            (0..pace.window()).for_each(|_| pace.done(now));
        }
        assert!((1..=3).contains(&pace.window()));
    }
}
