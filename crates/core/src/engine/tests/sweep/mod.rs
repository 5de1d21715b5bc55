//! Every call of every story of a promotion goes wrong in every way, once and for good, and the run is killed before and
//! after it: what is claimed afterwards is true, and the way on leads to where it should.
//!
//! Nothing is sampled. It knows one environment with one or two services; what several runs do to one another is
//! [`super::lost_lease`]'s question, and every order of events that of `promotion::tests`.

mod fault;
mod play;
mod run;
mod scene;
mod stories;

use fault::{durations, wrongs};
use play::Play;
use run::Sweep;
use scene::Knobs;

use super::sabotage::{Lasts, Place, Sabotage, Wrong};
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
    matches!(operation, "services:update" | "task_definitions:register" | "services:stop" | "services:answer")
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
        let is_store = |operation: &str| operation.starts_with("store:");
        let at = calls.iter().position(|call| *call == (operation, nth)).unwrap_or(calls.len());
        let later = || calls.iter().skip(at + 1);
        Self {
            that_operation: later().any(|(one, _)| *one == operation),
            that_side: later().any(|(one, _)| is_store(one) == is_store(operation)),
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

/// Runs all that can go wrong; how many runs that were.
fn sweep(play: Play) -> usize {
    let mut failures = Vec::new();
    let mut runs = 0;
    let mut known = run::Known::default();
    for knobs in play.knobs().iter().copied() {
        let all = places(play, knobs);
        let first_update = all.iter().position(|(operation, _)| *operation == "services:update");
        for place in places_that_differ(play, knobs) {
            let at = all.iter().position(|one| *one == place);
            let is_after_change = first_update.zip(at).is_some_and(|(update, at)| at > update);
            let mut once = Later::default();
            for sabotage in sabotages(place) {
                runs += 1;
                if once.is_the_same(&sabotage) {
                    continue;
                }
                let mut sweep = Sweep::new(play, knobs, Some(sabotage.clone()));
                sweep.is_after_change = is_after_change;
                let all = std::panic::AssertUnwindSafe(|| sweep.all(&mut known));
                match std::panic::catch_unwind(all) {
                    Ok(calls) if sabotage.lasts == Lasts::Once => once = Later::after(place, &calls),
                    Ok(_) => {}
                    Err(_) => failures.push((knobs, sabotage)),
                }
            }
        }
    }
    println!("{play:?}: {runs} sabotaged promotions, {} worlds from which all was seen to follow", known.len());
    assert!(failures.is_empty(), "{} of {runs}: {failures:#?}", failures.len());
    runs
}

/// At least so many runs: who thins them out is found out.
fn check(play: Play, least: usize) {
    let runs = sweep(play);
    assert!(runs >= least, "{play:?}: only {runs} sabotaged promotions");
}
