//! Every call that a promotion makes goes wrong in every way, once and for ever: what is claimed afterwards is true, and
//! the way on leads to where it should.

use std::{collections::BTreeMap, time::Duration};

use serde_json::json;

use crate::{
    engine::{EngineError, Report},
    fakes::{Mishap, Moment, Outcome as Rollout},
    ports::Fault,
    promotion::Outcome,
    rollout::RolloutState,
};

use super::{
    sabotage::{Lasts, Place, Sabotage, Wrong},
    stage::Stage,
};

/// A promotion to be sabotaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Play {
    Good,
    FailsSmoke,
    BreakerRollsBack,
    BreakerStops,
}

const NEW: &str = "1.1.0";
const OLD: &str = "1.0.0";

impl Play {
    fn stage(self) -> Stage {
        let stage = Stage::open();
        let after = Duration::from_secs(8);
        let rollout = match self {
            Self::Good | Self::FailsSmoke => Rollout::Succeeds { after },
            Self::BreakerRollsBack => Rollout::BreakerRollsBack { after },
            Self::BreakerStops => Rollout::BreakerStops { after },
        };
        stage.release(NEW, rollout);
        if self == Self::FailsSmoke {
            stage.answers(NEW, json!({ "status": "critical" }));
        }
        stage
    }

    /// How it ends where nothing goes wrong.
    fn outcome(self) -> Outcome {
        if self == Self::Good { Outcome::Succeeded } else { Outcome::RolledBack }
    }
}

/// Everything that can go wrong with a call of that operation.
fn wrongs(operation: &str) -> Vec<Wrong> {
    if operation.starts_with("store:") {
        let is_write = matches!(operation, "store:create" | "store:replace");
        let after = is_write.then_some(Wrong::Store(Moment::After));
        return [Wrong::Store(Moment::Before)].into_iter().chain(after).collect();
    }
    let denied = Fault::Denied { principal: None, action: None, resource: None };
    let refused = [Fault::NotSent, Fault::Throttled, denied, Fault::Unauthenticated, Fault::NotFound, Fault::Rejected];
    let mut mishaps: Vec<Mishap> = refused.into_iter().map(Mishap::NotCarriedOut).collect();
    if matches!(operation, "services:update" | "task_definitions:register") {
        mishaps.extend([
            Mishap::NotCarriedOut(Fault::Ambiguous),
            Mishap::CarriedOut(Fault::Ambiguous),
            Mishap::Unheard,
            Mishap::Unanswered,
        ]);
    } else {
        mishaps.extend([
            Mishap::NotCarriedOut(Fault::Unanswered { waited: None }),
            Mishap::NotCarriedOut(Fault::Ambiguous),
            Mishap::Unheard,
        ]);
    }
    mishaps.into_iter().map(Wrong::Call).collect()
}

/// How long that goes on. A whole side that is gone is cut off, shut out, or silent.
fn durations(wrong: &Wrong) -> Vec<Lasts> {
    let a_side = [
        Wrong::Store(Moment::Before),
        Wrong::Store(Moment::After),
        Wrong::Call(Mishap::NotCarriedOut(Fault::NotSent)),
        Wrong::Call(Mishap::NotCarriedOut(Fault::Unauthenticated)),
        Wrong::Call(Mishap::Unheard),
        Wrong::Call(Mishap::Unanswered),
    ];
    let side = a_side.contains(wrong).then_some(Lasts::ThatSide);
    [Lasts::Once, Lasts::ThatOperation].into_iter().chain(side).collect()
}

/// One sabotaged promotion and what followed.
struct Sweep {
    play: Play,
    stage: Stage,
    sabotage: Option<Sabotage>,
    /// What each run came to, for whoever reads a failure.
    story: Vec<String>,
}

impl Sweep {
    fn new(play: Play, sabotage: Option<Sabotage>) -> Self {
        let stage = play.stage();
        stage.ports.sabotage(sabotage.clone());
        Self { play, stage, sabotage, story: Vec::new() }
    }

    fn require(&self, holds: bool, what: &str) {
        assert!(
            holds,
            "{what}\n  play {:?}, sabotage {:?}\n  story {:#?}\n  serves {:?}, updates {:?}\n  troubles {:#?}",
            self.play,
            self.sabotage,
            self.story,
            self.stage.serves("api"),
            self.stage.ports.updates(),
            self.stage.watcher.troubles(),
        );
    }

    /// A run under sabotage or after it; what it claims is held against what really is.
    fn did(&mut self, name: &str, began: jiff::Timestamp, result: Result<Report, EngineError>) -> Option<Report> {
        let calls = self.stage.ports.calls().len();
        let took = self.stage.now().duration_since(began).as_secs();
        match &result {
            Ok(report) => self.story.push(format!("{name}: {} in {took} s: {}", report.outcome, report.reason)),
            Err(error) => self.story.push(format!("{name}: error in {took} s: {}", error.chain())),
        }
        self.require(calls < 3000, "a bounded number of calls");
        self.require(took < 3 * 3600, "a bounded time");
        self.holds_updates();
        match result {
            Ok(report) => {
                self.holds_claims(&report);
                self.holds_record(&report);
                Some(report)
            }
            Err(error) => {
                self.require(!error.is_tampered(), "nobody tampered with anything");
                None
            }
        }
    }

    fn holds_claims(&self, report: &Report) {
        let snapshot = self.stage.snapshot("api");
        let is_complete = snapshot.primary().is_some_and(|primary| primary.rollout == Some(RolloutState::Completed));
        let serves = self.stage.serves("api");
        match report.outcome {
            Outcome::Succeeded | Outcome::Unchanged => {
                self.require(self.play == Play::Good, "a bad release is never called good");
                self.require(serves == [NEW] && is_complete, "what is called good serves");
                self.require(!self.stage.probe.asked().is_empty(), "and the smoke check was asked");
            }
            Outcome::RolledBack => {
                self.require(self.play != Play::Good, "a good release is not taken back");
                self.require(serves == [OLD] && is_complete, "what is called back serves");
            }
            Outcome::Errored | Outcome::Unauthorized | Outcome::Refused | Outcome::Held => {
                let touched =
                    self.stage.ports.updates().iter().any(|(label, _)| *label == report.promotion.to_string());
                self.require(!touched, "an ending without a change has changed nothing");
            }
            Outcome::Stuck => {
                self.require(self.play != Play::Good, "a good release is never stuck");
            }
            Outcome::Inconclusive | Outcome::Interrupted => {}
            Outcome::Unverified | Outcome::Ignored | Outcome::Superseded | Outcome::Adopted => {
                self.require(false, "nothing of that kind happened");
            }
        }
    }

    /// At most one accepted update per direction and promotion, over all its runs.
    fn holds_updates(&self) {
        let mut counts = BTreeMap::new();
        for update in self.stage.ports.updates() {
            *counts.entry(update).or_insert(0) += 1;
        }
        self.require(counts.values().all(|count| *count == 1), "one accepted update per direction");
    }

    fn holds_record(&self, report: &Report) {
        let last = self.stage.records().pop();
        let told = last.is_some_and(|last| last.promotion == report.promotion && last.outcome == report.outcome);
        self.require(
            told || report.unrecorded.is_some(),
            "the last record tells the outcome, or it is said that none does",
        );
    }

    fn promote(&mut self, id: &str) -> Option<Report> {
        let began = self.stage.now();
        let result = self.stage.promote(NEW, id);
        self.did(id, began, result)
    }

    /// What a person does next: wait for the lease, resume what is open, go back by hand where it is stuck.
    fn go_on(&mut self, id: &str) -> Option<Report> {
        self.stage.ports.clock.advance(Duration::from_mins(5));
        let open = self.stage.run(self.stage.engine().open()).unwrap_or_else(|error| panic!("{}", error.chain()))?;
        self.require(open.to_string() == id, "what is open is what was begun");
        let began = self.stage.now();
        self.stage.ports.label(id);
        let result = self.stage.resume();
        let report = self.did("resume", began, result);
        self.require(report.is_some(), "what is open can be resumed once nothing goes wrong");
        report
    }

    fn all(&mut self) {
        let first = self.promote("p-1");
        self.stage.ports.sabotage(None);
        let resumed = self.go_on("p-1");
        let last = resumed.or(first);
        if let Some(last) = &last {
            self.require(last.outcome.is_final(), "once nothing goes wrong, a resumed promotion ends");
            let is_told =
                |record: &crate::ledger::Record| record.promotion == last.promotion && record.outcome == last.outcome;
            self.require(
                self.stage.records().iter().filter(|record| is_told(record)).count() == 1,
                "its end is told once",
            );
        }
        if last.is_some_and(|last| last.outcome == Outcome::Stuck) {
            let began = self.stage.now();
            let result = self.stage.restore("p-back");
            let report = self.did_restore(began, result);
            self.require(report, "what is stuck can be put back by hand");
        }
        let again = self.promote("p-2");
        let outcome = again.map(|again| again.outcome);
        let good = matches!(outcome, Some(Outcome::Succeeded | Outcome::Unchanged));
        self.require(
            if self.play == Play::Good { good } else { outcome == Some(self.play.outcome()) },
            "promoting again ends as it should",
        );
        let version = if self.play == Play::Good { NEW } else { OLD };
        self.require(self.stage.serves("api") == [version], "what should serve in the end does");
        let open = self.stage.run(self.stage.engine().open()).unwrap();
        self.require(open.is_none(), "nothing is left open");
    }

    fn did_restore(&mut self, began: jiff::Timestamp, result: Result<Report, EngineError>) -> bool {
        let took = self.stage.now().duration_since(began).as_secs();
        let told = match &result {
            Ok(report) => format!("restore: {} in {took} s: {}", report.outcome, report.reason),
            Err(error) => format!("restore: {}", error.chain()),
        };
        self.story.push(told);
        result.is_ok_and(|report| report.outcome.is_proven()) && self.stage.serves("api") == [OLD]
    }
}

/// Every call that the play makes where nothing goes wrong.
fn places(play: Play) -> Vec<Place> {
    let mut sweep = Sweep::new(play, None);
    let report = sweep.promote("p-1").unwrap();
    assert_eq!(report.outcome, play.outcome(), "{}", report.reason);
    sweep.stage.ports.calls()
}

/// Runs all that can go wrong; how many runs that were.
fn sweep(play: Play) -> usize {
    let mut failures = Vec::new();
    let mut runs = 0;
    for place in places(play) {
        for wrong in wrongs(place.0) {
            for lasts in durations(&wrong) {
                let sabotage = Sabotage { place, lasts, wrong: wrong.clone() };
                runs += 1;
                let ran = std::panic::catch_unwind(|| Sweep::new(play, Some(sabotage.clone())).all());
                if ran.is_err() {
                    failures.push(sabotage);
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} of {runs}: {failures:#?}", failures.len());
    runs
}

fn check(play: Play, least: usize) {
    let runs = sweep(play);
    println!("{play:?}: {runs} sabotaged promotions");
    assert!(runs >= least, "{runs}");
}

#[test]
fn a_good_release_is_told_truly_whatever_goes_wrong() {
    check(Play::Good, 100);
}

#[test]
fn a_release_that_fails_its_smoke_checks_is_told_truly_whatever_goes_wrong() {
    check(Play::FailsSmoke, 100);
}

#[test]
fn a_release_that_ecs_takes_back_is_told_truly_whatever_goes_wrong() {
    check(Play::BreakerRollsBack, 100);
}

#[test]
fn a_release_that_ecs_gives_up_is_told_truly_whatever_goes_wrong() {
    check(Play::BreakerStops, 100);
}
