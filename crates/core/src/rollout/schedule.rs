//! When to look next: often when something is about to change, rarely when nothing can.

use std::time::Duration;

use jiff::Timestamp;

use crate::identifier::DeploymentId;

use super::{
    configuration::DeploymentConfiguration,
    observation::{ServiceEvent, ServiceSnapshot},
    watch::Waiting,
};

/// How often to look when the end may come at any moment.
const AT_THE_END: Duration = Duration::from_millis(1_250);
/// How often to look when it has been due for some seconds: tasks that do not stop at once may take long.
const OVERDUE: Duration = Duration::from_millis(1_750);
/// How often to look when nobody knows any more when it comes.
const LONG_OVERDUE: Duration = Duration::from_secs(4);
/// How rarely to look at most, however far the end is: what goes wrong is to be seen too.
const SELDOM: Duration = Duration::from_secs(10);
/// How often to look while new tasks are being started, and while old ones still serve that will have to drain.
const AT_WORK: Duration = Duration::from_secs(7);
/// The same where no load balancer has to let go of old tasks: the end may come within seconds of the last start.
const AT_WORK_UNBALANCED: Duration = Duration::from_secs(6);
/// How often to look while old tasks serve that need not drain: they are stopped within seconds.
const BEFORE_STOPPING: Duration = Duration::from_secs(5);
/// How often to look while ECS waits on purpose: an alarm may fire.
const BAKING: Duration = Duration::from_secs(5);
/// How long old tasks drain by default. Source: Elastic Load Balancing user guides, deregistration delay.
const USUAL_DRAIN: Duration = Duration::from_mins(5);
/// How much time there is for each look at ten services.
const FOR_TEN: Duration = Duration::from_millis(500);

/// How long to wait before the next look at a rollout that has been watched for `age`, by its state alone.
///
/// A look that has only to see whether ECS has closed a rollout asks one call; the delay between its end and our seeing
/// it is half of what is waited then, on average.
pub fn next_look(waiting: Waiting, age: Duration) -> Duration {
    let young = age < Duration::from_secs(2);
    let millis = match waiting {
        Waiting::NotVisible => 1_000,
        Waiting::Settling | Waiting::Draining => 1_500,
        Waiting::Starting if young => 3_000,
        Waiting::Failing => 3_000,
        Waiting::Baking => return BAKING,
        Waiting::Missing => 5_000,
        Waiting::Starting => return AT_WORK,
        Waiting::Paused => 10_000,
    };
    Duration::from_millis(millis)
}

/// The same wait, or a longer one where so many rollouts are watched at once: all of them end with the last.
///
/// Ten services are one call. Up to 140 of them are two calls a second, and none is looked at more rarely than a rollout
/// that is watched alone is while its tasks start.
pub fn among_many(wait: Duration, rollouts: usize) -> Duration {
    let tens = u32::try_from(rollouts.div_ceil(10)).unwrap_or(u32::MAX);
    wait.max(FOR_TEN.saturating_mul(tens).min(AT_WORK))
}

/// How long old tasks drain before they are stopped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Drain {
    /// Nobody was asked.
    #[default]
    NotAsked,
    /// Nobody may know.
    Unknown,
    /// So long.
    For(Duration),
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
    /// When the last old task was told to stop.
    told_to_stop: Option<Timestamp>,
    drain: Drain,
    /// How long ECS then waits on purpose.
    bake: Duration,
    /// Whether a load balancer sends its tasks what they serve.
    is_balanced: bool,
}

impl Foresight {
    /// Takes in a look.
    pub fn saw(&mut self, at: Timestamp, service: &ServiceSnapshot, ours: &DeploymentId) {
        let all_run = service.deployment(ours).is_some_and(|ours| ours.running >= ours.desired);
        let others_run = service.deployments.iter().any(|other| other.id != *ours && other.running > 0);
        let stops = service.events.iter().filter(|event| is_about_stopping(event)).filter_map(|event| event.at).max();
        self.bake = service.configuration.as_ref().map(DeploymentConfiguration::bake).unwrap_or_default();
        self.is_balanced = !service.target_groups.is_empty();
        self.note(at, all_run, others_run, stops);
    }

    fn note(&mut self, at: Timestamp, all_run: bool, others_run: bool, stops: Option<Timestamp>) {
        self.all_run = all_run.then(|| self.all_run.unwrap_or(at));
        self.others_run = others_run;
        if others_run {
            self.others_ran = Some(at);
            self.told_to_stop = None;
        } else if self.told_to_stop.is_none() {
            // It was since the last look; ECS's events say when, unless its clock is not ours.
            let between = |ran: Timestamp| stops.filter(|stops| (ran..=at).contains(stops));
            self.told_to_stop = self.others_ran.map(|ran| between(ran).unwrap_or(ran));
        }
    }

    /// Whether it would help to know how long old tasks drain.
    pub fn wants_drain(&self) -> bool {
        self.all_run.is_some() && self.drain == Drain::NotAsked
    }

    /// Takes in how long old tasks drain; nothing where nobody may know.
    pub fn drains_for(&mut self, drain: Option<Duration>) {
        self.drain = drain.map_or(Drain::Unknown, Drain::For);
    }

    /// Whether all new tasks run and ECS waits for nothing else on purpose: then little can go wrong that the service
    /// itself does not show.
    pub fn is_calm(&self) -> bool {
        self.all_run.is_some() && self.bake.is_zero()
    }

    /// How long to wait before the next look.
    pub fn next_look(&self, now: Timestamp, waiting: Waiting, age: Duration) -> Duration {
        match waiting {
            Waiting::Settling | Waiting::Draining => self.before_the_end(now),
            Waiting::Baking => self.while_baking(now),
            Waiting::Starting if !self.is_balanced => next_look(waiting, age).min(AT_WORK_UNBALANCED),
            Waiting::NotVisible | Waiting::Starting | Waiting::Failing | Waiting::Missing | Waiting::Paused => {
                next_look(waiting, age)
            }
        }
    }

    /// All new tasks run: what is left is that the old ones stop.
    fn before_the_end(&self, now: Timestamp) -> Duration {
        if self.others_run {
            return if self.drain() > AT_WORK { AT_WORK } else { BEFORE_STOPPING };
        }
        let Some(since) = self.can_end_from() else {
            return AT_THE_END;
        };
        let left = Duration::try_from(since.duration_since(now)).unwrap_or_default();
        let overdue = Duration::try_from(now.duration_since(since)).unwrap_or_default();
        let seldom = if self.bake.is_zero() { SELDOM } else { BAKING };
        match self.drain {
            _ if left > AT_THE_END => left.min(seldom),
            Drain::Unknown => in_the_dark(overdue),
            Drain::NotAsked | Drain::For(_) => while_stopping(overdue),
        }
    }

    /// ECS waits on purpose, for as long as is configured; where that is not known, an end is noticed late.
    fn while_baking(&self, now: Timestamp) -> Duration {
        let end = self.told_to_stop.filter(|_| !self.bake.is_zero()).map(|told| later(told, self.bake));
        let left = end.map(|end| Duration::try_from(end.duration_since(now)).unwrap_or_default());
        left.map_or(BAKING, |left| left.clamp(AT_THE_END, BAKING))
    }

    /// When the old tasks have drained, and ECS has waited for as long as it does on purpose.
    fn can_end_from(&self) -> Option<Timestamp> {
        let stopped = self.told_to_stop.map(|told| later(told, self.drain().max(self.bake)));
        stopped.max(self.all_run)
    }

    fn drain(&self) -> Duration {
        match self.drain {
            Drain::NotAsked | Drain::Unknown => Duration::ZERO,
            Drain::For(drain) => drain,
        }
    }
}

/// So long after the old tasks have drained: they stop at once, or within seconds, or are killed when their time to stop
/// is over, which is 30 seconds by default. Source: ECS developer guide, `stopTimeout`.
fn while_stopping(overdue: Duration) -> Duration {
    match overdue.as_secs() {
        0..6 | 28..38 => AT_THE_END,
        6..20 | 38..60 => OVERDUE,
        20..28 => 2 * AT_THE_END,
        _ => LONG_OVERDUE,
    }
}

/// So long after the old tasks were told to stop, with nobody to say how long they drain: soon, or as long as usual.
fn in_the_dark(overdue: Duration) -> Duration {
    let until_usual = USUAL_DRAIN.saturating_sub(overdue);
    let after_usual = overdue.saturating_sub(USUAL_DRAIN);
    match overdue.as_secs() {
        0..20 => AT_THE_END,
        20..45 => OVERDUE,
        _ if until_usual.is_zero() && after_usual < Duration::from_secs(30) => AT_THE_END,
        _ if !until_usual.is_zero() => LONG_OVERDUE.min(until_usual.max(AT_THE_END)),
        _ => LONG_OVERDUE,
    }
}

/// Whether ECS tells with it that tasks of a service are stopped. Only the time of the next look rests on these words.
fn is_about_stopping(event: &ServiceEvent) -> bool {
    ["begun draining connections", "has stopped"].iter().any(|words| event.message.contains(words))
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
        let is_balanced = course.drain.is_none_or(|drain| drain > 0.0);
        let mut foresight = Foresight { is_balanced, ..Foresight::default() };
        foresight.drains_for(course.drain.map(Duration::from_secs_f64));
        let (mut passed, mut looks) = (Duration::ZERO, 0);
        loop {
            looks += 1;
            let (now, seconds) = (begin + passed, passed.as_secs_f64());
            let told = (seconds >= course.stop).then(|| begin + Duration::from_secs_f64(course.stop));
            if seconds >= course.end {
                return (looks, seconds - course.end);
            }
            foresight.note(now, seconds >= course.run, seconds < course.stop, told);
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
        check("a short drain", &draining(10.0, 2.0), (0.8, 15.0));
        check("a usual drain", &draining(20.0, 2.0), (0.8, 15.0));
        check("tasks that stop slowly", &draining(10.0, 12.0), (1.0, 17.0));
        let stopped = |end: f64| Course { run: 20.0, stop: end - 4.0, end, drain: Some(0.0) };
        check("nothing to drain", &stopped, (0.8, 17.0));
        let at_once = |end: f64| Course { run: 20.0, stop: end - 2.0, end, drain: Some(0.0) };
        check("tasks that stop at once", &at_once, (1.3, 16.0));
        let unknown = |end: f64| Course { run: 20.0, stop: end - 20.0, end, drain: None };
        check("a drain that nobody may look up", &unknown, (0.9, 21.0));
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

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// All new tasks run; old ones were seen to run at 0 and are gone at 6.
    fn draining(drain: Option<u64>, stops: Option<i64>) -> Foresight {
        let mut foresight = Foresight::default();
        foresight.drains_for(drain.map(Duration::from_secs));
        foresight.note(at(0), true, true, None);
        foresight.note(at(6), true, false, stops.map(at));
        foresight
    }

    fn check_next(foresight: Foresight, waiting: Waiting, now: i64, millis: u64) {
        let next = foresight.next_look(at(now), waiting, Duration::from_mins(1));
        assert_eq!(next, Duration::from_millis(millis), "at {now}");
    }

    #[test]
    fn a_drain_is_waited_out_without_losing_sight_of_it() {
        let check = |now: i64, millis: u64| check_next(draining(Some(300), None), Waiting::Settling, now, millis);
        check(6, 10_000);
        check(295, 5_000);
        check(300, 1_250);
        check(310, 1_750);
        check(400, 4_000);
    }

    #[test]
    fn what_ecs_says_of_stopping_is_believed_where_it_was_between_two_looks() {
        let check = |stops: i64, millis: u64| {
            check_next(draining(Some(20), Some(stops)), Waiting::Settling, 18, millis);
        };
        check(5, 7_000);
        check(0, 2_000);
        check(-40, 2_000);
        check(40, 2_000);
    }

    #[test]
    fn a_drain_that_nobody_knows_may_be_as_long_as_usual() {
        let check = |now: i64, millis: u64| check_next(draining(None, None), Waiting::Settling, now, millis);
        check(6, 1_250);
        check(30, 1_750);
        check(60, 4_000);
        check(298, 2_000);
        check(300, 1_250);
        check(400, 4_000);
    }

    #[test]
    fn what_has_nothing_to_drain_is_looked_at_a_little_more_often_while_it_starts() {
        let check = |is_balanced: bool, millis: u64| {
            let foresight = Foresight { is_balanced, ..Foresight::default() };
            check_next(foresight, Waiting::Starting, 30, millis);
        };
        check(true, 7_000);
        check(false, 6_000);
    }

    #[test]
    fn a_bake_time_is_waited_out_where_it_is_known() {
        let check = |bake: u64, now: i64, millis: u64| {
            let foresight = Foresight { bake: Duration::from_secs(bake), ..draining(Some(20), None) };
            check_next(foresight, Waiting::Baking, now, millis);
            assert!(foresight.next_look(at(now), Waiting::Settling, Duration::ZERO) <= BAKING, "an alarm may fire");
        };
        check(300, 100, 5_000);
        check(300, 297, 3_000);
        check(300, 301, 1_250);
        check(0, 100, 5_000);
    }

    #[test]
    fn the_more_are_watched_the_more_rarely_but_never_more_rarely_than_what_starts() {
        let check = |rollouts: usize, millis: u64| {
            assert_eq!(among_many(AT_THE_END, rollouts), Duration::from_millis(millis), "{rollouts}");
        };
        check(1, 1_250);
        check(20, 1_250);
        check(50, 2_500);
        check(500, 7_000);
        assert_eq!(among_many(SELDOM, 500), SELDOM);
    }

    #[test]
    fn the_drain_is_asked_for_once_when_all_new_tasks_run() {
        let check = |all_run: bool, expected: bool| {
            let mut foresight = Foresight::default();
            foresight.note(Timestamp::UNIX_EPOCH, all_run, true, None);
            assert_eq!(foresight.wants_drain(), expected);
            foresight.drains_for(None);
            assert!(!foresight.wants_drain(), "whoever could not tell is not asked again");
        };
        check(true, true);
        check(false, false);
    }
}
