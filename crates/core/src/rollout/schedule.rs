//! When to look next: often when something is about to change, rarely when nothing can.

use std::time::Duration;

use jiff::Timestamp;

use crate::identifier::DeploymentId;

use super::{observation::ServiceSnapshot, watch::Waiting};

/// How often to look when the end may come at any moment.
const AT_THE_END: Duration = Duration::from_secs(1);
/// How rarely to look at most, however far the end is: what goes wrong is to be seen too.
const SELDOM: Duration = Duration::from_secs(10);
/// How often to look while new tasks are being started, and while old ones still serve that will have to drain.
const AT_WORK: Duration = Duration::from_secs(6);
/// How often to look while old tasks serve that need not drain: they are stopped within seconds.
const BEFORE_STOPPING: Duration = Duration::from_secs(3);

/// How long to wait before the next look at a rollout that has been watched for `age`, by its state alone.
///
/// A look that has only to see whether ECS has closed a rollout asks one call; the delay between its end and our seeing
/// it is half of what is waited then, on average.
pub fn next_look(waiting: Waiting, age: Duration) -> Duration {
    let young = age < Duration::from_secs(4);
    let millis = match waiting {
        Waiting::NotVisible => 1_000,
        Waiting::Settling | Waiting::Draining => 1_500,
        Waiting::Starting if young => 2_000,
        Waiting::Failing => 3_000,
        Waiting::Missing | Waiting::Baking => 5_000,
        Waiting::Starting => return AT_WORK,
        Waiting::Paused => 10_000,
    };
    Duration::from_millis(millis)
}

/// What the looks so far tell of when a rollout can end.
///
/// A rollout ends when the old tasks are gone. That they drain for as long as their load balancer lets them, and no
/// longer count as running then, is a guess about AWS; where it is wrong, looks are up to ten seconds apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Foresight {
    /// Since when all new tasks run.
    all_run: Option<Timestamp>,
    /// When an old task was last seen to run.
    others_ran: Option<Timestamp>,
    /// Whether one was running at the last look.
    others_run: bool,
    /// How long old tasks drain; `None` where nobody knows.
    drain: Option<Duration>,
}

impl Foresight {
    /// Takes in a look.
    pub fn saw(&mut self, at: Timestamp, service: &ServiceSnapshot, ours: &DeploymentId) {
        let all_run = service.deployment(ours).is_some_and(|ours| ours.running >= ours.desired);
        let others_run = service.deployments.iter().any(|other| other.id != *ours && other.running > 0);
        self.note(at, all_run, others_run);
    }

    fn note(&mut self, at: Timestamp, all_run: bool, others_run: bool) {
        self.all_run = all_run.then(|| self.all_run.unwrap_or(at));
        self.others_run = others_run;
        if others_run {
            self.others_ran = Some(at);
        }
    }

    /// Whether it would help to know how long old tasks drain.
    pub fn wants_drain(&self) -> bool {
        self.all_run.is_some() && self.others_run && self.drain.is_none()
    }

    /// Takes in how long old tasks drain.
    pub fn drains_for(&mut self, drain: Duration) {
        self.drain = Some(drain);
    }

    /// How long to wait before the next look.
    pub fn next_look(&self, now: Timestamp, waiting: Waiting, age: Duration) -> Duration {
        match waiting {
            Waiting::Settling | Waiting::Draining => self.before_the_end(now),
            Waiting::NotVisible
            | Waiting::Starting
            | Waiting::Failing
            | Waiting::Missing
            | Waiting::Baking
            | Waiting::Paused => next_look(waiting, age),
        }
    }

    /// All new tasks run: what is left is that the old ones stop.
    fn before_the_end(&self, now: Timestamp) -> Duration {
        let drain = self.drain.unwrap_or_default();
        if self.others_run {
            return if drain > AT_WORK { AT_WORK } else { BEFORE_STOPPING };
        }
        let Some(since) = self.others_ran.map(|ran| later(ran, drain)).max(self.all_run) else {
            return AT_THE_END;
        };
        let left = Duration::try_from(since.duration_since(now)).unwrap_or_default();
        let overdue = Duration::try_from(now.duration_since(since)).unwrap_or_default();
        if left > AT_THE_END {
            return left.min(SELDOM);
        }
        match overdue.as_secs() {
            0..15 => AT_THE_END,
            15..60 => 2 * AT_THE_END,
            _ => 4 * AT_THE_END,
        }
    }
}

/// That much later, or as late as a time can be.
fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// The same wait, up to a tenth shorter or longer, by an arbitrary number: many that began together do not stay so.
pub fn jittered(wait: Duration, arbitrary: u64) -> Duration {
    let per_mille = 900 + u32::try_from(arbitrary % 201).unwrap_or(100);
    wait.saturating_mul(per_mille) / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rollout whose new tasks run after `run`, whose old ones are stopped at `stop`, and which is over at `end`.
    #[derive(Clone, Copy)]
    struct Course {
        run: f64,
        stop: f64,
        end: f64,
        drain: Option<f64>,
    }

    /// How many looks a course takes, and how long after its end the last one comes.
    fn followed(course: Course, arbitrary: &mut u64) -> (u32, f64) {
        let begin = Timestamp::UNIX_EPOCH;
        let mut foresight = Foresight::default();
        if let Some(drain) = course.drain {
            foresight.drains_for(Duration::from_secs_f64(drain));
        }
        let (mut passed, mut looks) = (Duration::ZERO, 0);
        loop {
            looks += 1;
            let (now, seconds) = (begin + passed, passed.as_secs_f64());
            if seconds >= course.end {
                return (looks, seconds - course.end);
            }
            foresight.note(now, seconds >= course.run, seconds < course.stop);
            let waiting = if seconds >= course.run { Waiting::Settling } else { Waiting::Starting };
            *arbitrary = arbitrary.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            passed += jittered(foresight.next_look(now, waiting, passed), *arbitrary >> 33);
        }
    }

    /// Mean delay in seconds and looks a minute over rollouts of 45 to 180 seconds.
    fn over_many(course: impl Fn(f64) -> Course) -> (f64, f64) {
        let (mut delay, mut looks, mut minutes, mut arbitrary) = (0.0, 0.0, 0.0, 1);
        for number in 0..271 {
            let end = f64::from(number).mul_add(0.5, 45.0);
            let (more, late) = followed(course(end), &mut arbitrary);
            (delay, looks, minutes) = (delay + late / 271.0, looks + f64::from(more), minutes + end / 60.0);
        }
        (delay, looks / minutes)
    }

    #[test]
    fn the_end_is_seen_within_a_second_on_average_at_few_looks() {
        let check = |what: &str, course: &dyn Fn(f64) -> Course, (most_late, most_looks): (f64, f64)| {
            let (late, looks) = over_many(course);
            assert!(late <= most_late && looks <= most_looks, "{what}: {late:.2} s late, {looks:.1} looks a minute");
        };
        let draining = |drain: f64, stopping: f64| {
            move |end: f64| Course { run: 20.0, stop: end - drain - stopping, end, drain: Some(drain) }
        };
        check("a short drain", &draining(10.0, 2.0), (0.7, 16.0));
        check("a usual drain", &draining(20.0, 2.0), (0.7, 16.0));
        check("tasks that stop slowly", &draining(10.0, 12.0), (0.9, 20.0));
        let stopped = |end: f64| Course { run: 20.0, stop: end - 4.0, end, drain: None };
        check("nothing to drain", &stopped, (0.7, 21.0));
        let at_once = |end: f64| Course { run: 20.0, stop: end, end, drain: None };
        check("tasks that stop at once", &at_once, (1.8, 20.0));
        let unknown = |end: f64| Course { run: 20.0, stop: end - 20.0, end, drain: None };
        check("a drain that nobody may look up", &unknown, (1.2, 26.0));
    }

    #[test]
    fn jitter_stays_within_a_tenth() {
        let wait = Duration::from_secs(10);
        for arbitrary in [0, 1, 100, 200, 201, u64::MAX] {
            let jittered = jittered(wait, arbitrary);
            assert!((Duration::from_secs(9)..=Duration::from_secs(11)).contains(&jittered), "{jittered:?}");
        }
        assert_ne!(jittered(wait, 0), jittered(wait, 200));
    }

    #[test]
    fn the_nearer_the_end_the_sooner_the_next_look() {
        let old = Duration::from_mins(1);
        assert!(next_look(Waiting::Settling, old) < next_look(Waiting::Starting, old));
        assert!(next_look(Waiting::Starting, Duration::ZERO) < next_look(Waiting::Starting, old));
    }

    #[test]
    fn a_drain_is_waited_out_without_losing_sight_of_it() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let mut foresight = Foresight::default();
        foresight.drains_for(Duration::from_mins(5));
        foresight.note(at(0), true, true);
        foresight.note(at(6), true, false);
        let check = |now: i64, seconds: u64| {
            let next = foresight.next_look(at(now), Waiting::Settling, Duration::from_mins(1));
            assert_eq!(next, Duration::from_secs(seconds), "at {now}");
        };
        check(6, 10);
        check(295, 5);
        check(300, 1);
        check(330, 2);
        check(400, 4);
    }

    #[test]
    fn only_what_runs_beside_old_tasks_asks_for_their_drain() {
        let check = |all_run: bool, others_run: bool, expected: bool| {
            let mut foresight = Foresight::default();
            foresight.note(Timestamp::UNIX_EPOCH, all_run, others_run);
            assert_eq!(foresight.wants_drain(), expected);
            foresight.drains_for(Duration::ZERO);
            assert!(!foresight.wants_drain(), "it is known");
        };
        check(true, true, true);
        check(false, true, false);
        check(true, false, false);
    }
}
