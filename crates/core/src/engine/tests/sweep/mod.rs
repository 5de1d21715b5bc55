//! Every call of every story of a promotion goes wrong in every way, once and for good, and the run is killed before and
//! after it: what is claimed afterwards is true, and the way on leads to where it should.
//!
//! Nothing is sampled. It knows one environment with one or two services, or with a site; what several runs do to one
//! another is [`super::lost_lease`]'s question, and every order of events that of `promotion::tests`.

mod fault;
mod play;
mod run;
mod scene;
mod site;
mod stories;

use fault::{durations, wrongs};
use play::Play;
use run::Sweep;
use scene::Knobs;

use super::sabotage::{Lasts, Place, Sabotage, Side, Wrong};
use crate::fakes::Moment;

/// Every call that the play makes where nothing goes wrong.
fn places(play: Play, knobs: Knobs) -> Vec<Place> {
    let mut sweep = Sweep::new(play, knobs, None);
    let report = sweep.begin().expect("nothing goes wrong, so there is a report");
    sweep.require(report.outcome == play.outcome(), "it ends as it should where nothing goes wrong");
    sweep.stage.ports.calls()
}

/// The calls to sabotage. Up to the first change the knobs make no difference but in what one listing brings, so with
/// other knobs than the usual ones the calls from the first change on are enough, as long as those before it are the
/// same.
fn places_that_differ(play: Play, knobs: Knobs) -> Vec<Place> {
    let all = places(play, knobs);
    if knobs == Knobs::USUAL {
        return all;
    }
    let usual = places(play, Knobs::USUAL);
    let first = |all: &[Place]| all.iter().position(|(operation, _)| is_change(operation)).unwrap_or(0);
    let (mine, theirs) = (first(&all), first(&usual));
    if all[..mine] == usual[..theirs] { all[mine..].to_vec() } else { all }
}

fn is_change(operation: &str) -> bool {
    matches!(
        operation,
        "services:update"
            | "task_definitions:register"
            | "services:stop"
            | "services:answer"
            | "bucket:upload"
            | "bucket:copy"
            | "bucket:put_marker"
            | "bucket:delete"
            | "cdn:invalidate"
    )
}

/// All that can go wrong at a call: everything that may be answered, and death before and after it.
fn sabotages(place: Place) -> Vec<Sabotage> {
    let faults = wrongs(place.0).into_iter().flat_map(|wrong| {
        let each = durations(&wrong).into_iter();
        each.map(move |lasts| Sabotage { place, lasts, wrong: wrong.clone() })
    });
    let deaths = [Moment::Before, Moment::After].into_iter();
    let deaths = deaths.map(|moment| Sabotage { place, lasts: Lasts::Once, wrong: Wrong::Killed(moment) });
    faults.chain(deaths).collect()
}

/// What a run still called after a call that went wrong once. Where it called nothing more of that operation, or of that
/// side, the run where it goes on going wrong is the same run, step by step, and is not run again.
#[derive(Debug, Clone, Copy, Default)]
struct Later {
    that_operation: bool,
    that_side: bool,
    is_known: bool,
}

impl Later {
    fn after((operation, nth): Place, calls: &[Place]) -> Self {
        let at = calls.iter().position(|call| *call == (operation, nth)).unwrap_or(calls.len());
        let later = || calls.iter().skip(at + 1);
        Self {
            that_operation: later().any(|(one, _)| *one == operation),
            that_side: later().any(|(one, _)| Side::of(one) == Side::of(operation)),
            is_known: true,
        }
    }

    fn is_the_same(self, sabotage: &Sabotage) -> bool {
        self.is_known
            && match sabotage.lasts {
                Lasts::Once => false,
                Lasts::ThatOperation => !self.that_operation,
                Lasts::ThatSide => !self.that_side,
            }
    }
}

/// Once so many runs did not hold, no more are run.
const ENOUGH: usize = 10;

/// How many runs there were, and which of them did not hold.
#[derive(Debug, Default)]
struct Tally {
    runs: usize,
    failures: Vec<String>,
}

impl Tally {
    /// Lets all go wrong that can at a call. A run returns the calls that it made.
    fn at(&mut self, place: Place, told: &str, mut run: impl FnMut(Sabotage) -> Vec<Place>) {
        let mut once = Later::default();
        for sabotage in sabotages(place) {
            self.runs += 1;
            if self.failures.len() == ENOUGH {
                return;
            }
            if once.is_the_same(&sabotage) {
                continue;
            }
            let lasts = sabotage.lasts;
            let failure = format!("{told} {sabotage:?}");
            match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(sabotage))) {
                Ok(calls) if lasts == Lasts::Once => once = Later::after(place, &calls),
                Ok(_) => {}
                Err(_) => self.failures.push(failure),
            }
        }
    }

    /// How many runs there were.
    fn all_hold(self, told: &str, worlds: usize) -> usize {
        println!("{told}: {} sabotaged promotions, {worlds} worlds from which all was seen to follow", self.runs);
        assert!(self.failures.is_empty(), "{} of {}: {:#?}", self.failures.len(), self.runs, self.failures);
        self.runs
    }
}

/// Runs all that can go wrong; how many runs that were.
fn sweep(play: Play) -> usize {
    let mut tally = Tally::default();
    let mut known = run::Known::default();
    for knobs in play.knobs().iter().copied() {
        let all = places(play, knobs);
        let first_update = all.iter().position(|(operation, _)| *operation == "services:update");
        for place in places_that_differ(play, knobs) {
            let at = all.iter().position(|one| *one == place);
            let is_after_change = first_update.zip(at).is_some_and(|(update, at)| at > update);
            tally.at(place, &format!("{knobs:?}"), |sabotage| {
                let mut sweep = Sweep::new(play, knobs, Some(sabotage));
                sweep.is_after_change = is_after_change;
                sweep.all(&mut known)
            });
        }
    }
    tally.all_hold(&format!("{play:?}"), known.len())
}

/// At least so many runs: who thins them out is found out.
fn check(play: Play, least: usize) {
    let runs = sweep(play);
    assert!(runs >= least, "{play:?}: only {runs} sabotaged promotions");
}
