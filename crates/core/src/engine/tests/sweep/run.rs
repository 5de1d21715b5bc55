//! One sabotaged run and what follows, each held against the invariants.

use std::{
    collections::{BTreeMap, HashSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::Duration,
};

use jiff::Timestamp;

use crate::{
    engine::{EngineError, Report},
    fakes::Moment,
    ledger::Record,
    promotion::Outcome,
    rollout::RolloutState,
};

use super::{
    super::{
        sabotage::{Lasts, Place, Sabotage, Wrong},
        stage::{Stage, key, td},
    },
    play::{NEW, OLD, Play},
    scene::{Knobs, configuration_before},
};

/// Worlds from which everything that follows was seen to hold. What follows depends on nothing else: nothing is at work
/// any more that could go wrong.
pub(super) type Known = HashSet<u64>;

/// One sabotaged promotion and what followed.
pub(super) struct Sweep {
    play: Play,
    knobs: Knobs,
    pub(super) stage: Stage,
    sabotage: Option<Sabotage>,
    /// Whether the sabotage comes after the first change.
    pub(super) is_after_change: bool,
    /// What each run came to, for whoever reads a failure.
    story: Vec<String>,
}

impl Sweep {
    pub(super) fn new(play: Play, knobs: Knobs, sabotage: Option<Sabotage>) -> Self {
        let stage = play.stage(knobs);
        stage.ports.sabotage(sabotage.clone());
        Self { play, knobs, stage, sabotage, is_after_change: false, story: Vec::new() }
    }

    pub(super) fn require(&self, holds: bool, what: &str) {
        assert!(
            holds,
            "{what}\n  play {:?}, {:?}, sabotage {:?}\n  story {:#?}\n  serves {:?}, updates {:?}\n  troubles {:#?}",
            self.play,
            self.knobs,
            self.sabotage,
            self.story,
            self.stage.serves("api"),
            self.stage.ports.accepted(),
            self.stage.watcher.troubles(),
        );
    }

    /// The run that is sabotaged; nothing where it was killed or came to no report.
    pub(super) fn begin(&mut self) -> Option<Report> {
        self.promote("p-1")
    }

    fn promote(&mut self, id: &str) -> Option<Report> {
        let began = self.stage.now();
        let result = self.play.begin(&self.stage, id);
        self.did(id, began, result)
    }

    /// A run under sabotage or after it; what it claims is held against what really is.
    fn did(&mut self, name: &str, began: Timestamp, result: Option<Result<Report, EngineError>>) -> Option<Report> {
        let calls = self.stage.ports.calls().len();
        let took = self.stage.now().duration_since(began).as_secs();
        self.story.push(match &result {
            Some(Ok(report)) => format!("{name}: {} in {took} s: {}", report.outcome, report.reason),
            Some(Err(error)) => format!("{name}: error in {took} s: {}", error.chain()),
            None => format!("{name}: killed after {took} s"),
        });
        self.require(calls < 3000, "a bounded number of calls");
        self.require(took < 3 * 3600, "a bounded time");
        self.holds_changes();
        match result? {
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

    /// Every service is set to that version's rollout, complete, and runs nothing else.
    fn all_serve(&self, version: &str) -> bool {
        self.play.services().iter().all(|service| {
            let snapshot = self.stage.snapshot(service);
            let is_complete =
                snapshot.primary().is_some_and(|primary| primary.rollout == Some(RolloutState::Completed));
            is_complete && snapshot.deployments.len() == 1 && self.stage.serves(service) == [version]
        })
    }

    fn holds_claims(&self, report: &Report) {
        let id = report.promotion.to_string();
        match report.outcome {
            Outcome::Succeeded | Outcome::Unchanged => {
                let goes_back = id == "p-back" || self.play == Play::Restores && id == "p-1";
                self.require(goes_back || self.play.is_good(), "a bad release is never called good");
                let version = if goes_back { OLD } else { NEW };
                self.require(self.all_serve(version), "what is called good serves");
                let has_passed = |name: &str| {
                    let component = report.state.components.get(&name.parse().unwrap());
                    component.is_some_and(|component| !component.smoke.is_empty() || name != "api")
                };
                self.require(self.play.services().iter().all(|name| has_passed(name)), "and its smoke checks passed");
                self.require(!self.stage.probe.asked().is_empty(), "which were really asked");
            }
            Outcome::RolledBack => {
                self.require(self.play.may_go_back(), "a good release is not taken back");
                self.require(self.all_serve(OLD), "what is called back serves");
                self.holds_spoiled();
                self.holds_configuration();
            }
            Outcome::Errored | Outcome::Unauthorized | Outcome::Refused | Outcome::Held => {
                let touched = self.stage.ports.updates().iter().any(|(label, _)| *label == id);
                self.require(!touched, "an ending without a change has changed nothing");
            }
            Outcome::Stuck => {
                self.require(self.play.may_go_back(), "a good release is never stuck");
            }
            Outcome::Superseded => {
                // A known limit: who may not see service deployments takes a way back of the run before, which could not
                // be written down, for somebody's deployment.
                let is_blind = !self.knobs.offers && self.is_about_store();
                self.require(self.play == Play::Superseded || is_blind, "nobody else was at work");
            }
            Outcome::Inconclusive => {}
            Outcome::Interrupted => self.require(self.play == Play::Cancelled, "nobody asked it to stop"),
            Outcome::Unverified | Outcome::Ignored | Outcome::Adopted => {
                self.require(false, "nothing of that kind happened");
            }
        }
    }

    /// A drill's spoiled copy has the image of what served, so only the revision tells them apart.
    fn holds_spoiled(&self) {
        if matches!(self.play, Play::Drill | Play::UndetectedDrill) {
            self.require(self.stage.ports.ecs.serving(&key("api")) == [td("api:1")], "the copy is gone");
        }
    }

    fn is_about_store(&self) -> bool {
        self.sabotage.as_ref().is_some_and(|sabotage| sabotage.place.0.starts_with("store:"))
    }

    /// How ECS deploys is put back with the release. A known limit: by hand, after the way back was stuck, it is not.
    fn holds_configuration(&self) {
        if self.story.iter().any(|line| line.contains(": stuck in")) {
            return;
        }
        if matches!(self.play, Play::ConfigurationFailsSmoke | Play::ConfigurationBreakerRollsBack) {
            let now = self.stage.snapshot("api").configuration;
            let told = self.stage.watcher.troubles().iter().any(|trouble| trouble.contains("was not put back"));
            self.require(
                now == Some(configuration_before()) || told,
                "how ECS deploys is as it was, or it is said that it is not",
            );
        }
    }

    /// At most one accepted update per direction and promotion, over all its runs; none before everything was checked,
    /// none by a promotion that had lost its lease. Setting how ECS deploys on what is set already begins nothing.
    fn holds_changes(&self) {
        // A known limit: who may not see service deployments does not see either that a deployment of which it never heard
        // came and was taken back by ECS, and sends it again.
        let is_blind =
            !self.knobs.offers && matches!(self.play, Play::BreakerRollsBack | Play::ConfigurationBreakerRollsBack);
        let most = if is_blind { 2 } else { 1 };
        let mut counts = BTreeMap::new();
        for update in self.stage.ports.accepted() {
            if update.began || !update.configures {
                *counts.entry((update.label, update.revision)).or_insert(0) += 1;
            }
        }
        self.require(counts.values().all(|count| *count <= most), "one accepted update per direction");
        let trespasses = self.stage.ports.trespasses();
        self.require(trespasses.is_empty(), &format!("no change without check and lease: {trespasses:?}"));
    }

    fn holds_record(&self, report: &Report) {
        let last = self.stage.records().pop();
        let told = last.is_some_and(|last| last.promotion == report.promotion && last.outcome == report.outcome);
        self.require(
            told || report.unrecorded.is_some() || report.outcome == Outcome::Inconclusive,
            "the last record tells the outcome, or it is said that none does",
        );
    }

    /// A way back waits for no ledger: with the store gone for good once something was changed, what is bad is put back
    /// all the same.
    fn holds_way_back(&self, first: Option<&Report>) {
        let is_store_gone = self.sabotage.as_ref().is_some_and(|sabotage| {
            sabotage.lasts == Lasts::ThatSide && sabotage.wrong == Wrong::Store(Moment::Before)
        });
        if is_store_gone && self.is_after_change && self.play.begins() && self.play.outcome() == Outcome::RolledBack {
            self.require(first.is_some_and(|first| first.outcome == Outcome::RolledBack), "the way back was gone");
            self.require(self.all_serve(OLD), "and what served before serves");
        }
    }

    /// What a person does next: wait for the lease, resume what is open, go back by hand where it is stuck.
    fn go_on(&mut self, id: &str) -> Option<Report> {
        let open = self.stage.run(self.stage.engine().open()).unwrap_or_else(|error| panic!("{}", error.chain()))?;
        self.require(open.to_string() == id, "what is open is what was begun");
        let began = self.stage.now();
        self.stage.ports.label(id);
        let result = self.stage.resume();
        let report = self.did("resume", began, Some(result));
        self.require(report.is_some(), "what is open can be resumed once nothing goes wrong");
        report
    }

    /// The run that is sabotaged, and all that follows where that was not seen to hold already. The calls of the run
    /// that is sabotaged are returned.
    pub(super) fn all(&mut self, known: &mut Known) -> Vec<Place> {
        let first = self.begin();
        let calls = self.stage.ports.calls();
        self.holds_way_back(first.as_ref());
        self.stage.ports.sabotage(None);
        self.play.mend(&mut self.stage);
        self.stage.ports.clock.advance(Duration::from_mins(5));
        if known.insert(self.world(first.as_ref())) {
            self.all_the_rest(first);
        }
        calls
    }

    fn all_the_rest(&mut self, first: Option<Report>) {
        let resumed = self.go_on("p-1");
        let last = resumed.or(first);
        if let Some(last) = &last {
            self.require(last.outcome.is_final(), "once nothing goes wrong, a resumed promotion ends");
            let is_told = |record: &&Record| record.promotion == last.promotion && record.outcome == last.outcome;
            self.require(self.stage.records().iter().filter(is_told).count() == 1, "its end is told once");
        }
        if last.is_some_and(|last| last.outcome == Outcome::Stuck) {
            let result = self.stage.restore("p-back");
            let began = self.stage.now();
            let report = self.did("restore", began, Some(result));
            let is_back = report.is_some_and(|report| report.outcome.is_proven()) && self.all_serve(OLD);
            self.require(is_back, "what is stuck can be put back by hand");
        }
        let mut again = self.promote("p-2").map(|again| again.outcome);
        if again == Some(Outcome::Inconclusive) {
            // A person's word is about what had waited when it was given: a pause of this run is the next one's.
            again = self.go_on("p-2").map(|again| again.outcome);
        }
        self.require(
            again.is_some_and(|again| self.play.again().contains(&again)),
            "promoting again ends as it should",
        );
        self.stage.ports.clock.advance(Duration::from_mins(2));
        self.require(self.all_serve(self.play.serves_at_last()), "what should serve in the end does");
        let open = self.stage.run(self.stage.engine().open()).unwrap();
        self.require(open.is_none(), "nothing is left open");
    }

    /// All that what follows can depend on.
    fn world(&self, first: Option<&Report>) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.play as u8, self.knobs.offers, self.knobs.hints).hash(&mut hasher);
        self.stage.now().hash(&mut hasher);
        self.stage.ports.store.contents().hash(&mut hasher);
        self.stage.ports.ecs.model().hash(&mut hasher);
        self.stage.ports.has_hook().hash(&mut hasher);
        format!("{:?}", self.stage.ports.accepted()).hash(&mut hasher);
        first.map(|first| (first.outcome, first.unrecorded.is_some())).hash(&mut hasher);
        hasher.finish()
    }
}
