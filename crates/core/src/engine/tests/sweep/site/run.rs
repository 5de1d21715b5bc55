//! One sabotaged run of a site's story and what follows, each held against the invariants.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::Duration,
};

use jiff::Timestamp;

use crate::{
    engine::{EngineError, Report},
    fakes::Mishap,
    identifier::Sha256,
    ports::Fault,
    promotion::Outcome,
    site::SiteObject,
};

use super::{
    super::{
        super::{
            sabotage::{Lasts, Place, Sabotage, Side, Wrong},
            sites::{SiteStage, bucket, home, web},
        },
        run::Known,
    },
    scene::{Knobs, build, script},
    story::{NEW, OLD, Story},
};

const PAGES: [&str; 3] = ["", "about.html", "help.html"];

/// One sabotaged promotion and what followed.
pub(super) struct SiteSweep {
    story: Story,
    knobs: Knobs,
    pub(super) stage: SiteStage,
    sabotage: Option<Sabotage>,
    /// What each run came to, for whoever reads a failure.
    told: Vec<String>,
}

impl SiteSweep {
    /// On a stage where what came before has happened.
    pub(super) fn new(story: Story, knobs: Knobs, past: &SiteStage, sabotage: Option<Sabotage>) -> Self {
        let stage = story.stage(knobs, past);
        stage.never_broken();
        stage.stage.ports.sabotage(sabotage.clone());
        Self { story, knobs, stage, sabotage, told: Vec::new() }
    }

    pub(super) fn require(&self, holds: bool, what: &str) {
        assert!(
            holds,
            "{what}\n  story {:?}, {:?}, sabotage {:?}\n  told {:#?}\n  visitors get {:?}\n  invalidations {:?}\n  troubles {:#?}",
            self.story,
            self.knobs,
            self.sabotage,
            self.told,
            PAGES.map(|page| self.stage.visit(page)),
            self.stage.edge.invalidations(),
            self.stage.stage.watcher.troubles(),
        );
    }

    /// The run that is sabotaged; nothing where it was killed or came to no report.
    pub(super) fn begin(&mut self) -> Option<Report> {
        self.promote("p-1")
    }

    fn promote(&mut self, id: &str) -> Option<Report> {
        let began = self.stage.stage.now();
        let result = self.story.begin(&self.stage, id);
        self.did(id, began, result)
    }

    /// A run under sabotage or after it; what it claims is held against what really is.
    fn did(&mut self, name: &str, began: Timestamp, result: Option<Result<Report, EngineError>>) -> Option<Report> {
        let calls = self.stage.stage.ports.calls().len();
        let took = self.stage.stage.now().duration_since(began).as_secs();
        self.told.push(match &result {
            Some(Ok(report)) => format!("{name}: {} in {took} s: {}", report.outcome, report.reason),
            Some(Err(error)) => format!("{name}: error in {took} s: {}", error.chain()),
            None => format!("{name}: killed after {took} s"),
        });
        self.require(calls < 3000, "a bounded number of calls");
        self.require(took < 3 * 3600, "a bounded time");
        let trespasses = self.stage.stage.ports.trespasses();
        self.require(trespasses.is_empty(), &format!("no change without check and lease: {trespasses:?}"));
        self.holds_pages();
        self.holds_old();
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

    /// Whatever page a visitor gets, its script is there and is the page's own.
    fn holds_pages(&self) {
        for page in PAGES {
            let text = self.stage.visit(page);
            for version in [OLD, NEW] {
                if text.contains(version) {
                    let own = self.stage.visit(&script(version));
                    self.require(own == format!("console.log('{version}')"), "a page's script is there");
                }
            }
        }
    }

    /// Nothing of what was proven last is lost: its files are there under their names, beside the ledger, or aside.
    fn holds_old(&self) {
        if self.story.is_first() {
            return;
        }
        for (path, text) in build(self.story, OLD) {
            let there = self.stage.buckets.object(&bucket(), &path).is_some_and(|there| there.bytes == text.as_bytes());
            let sha256 = Sha256::of(text.as_bytes());
            let kept = || self.stage.buckets.bytes(&home(), &SiteObject::Kept(sha256.clone())).is_some();
            let is_in = |bytes: &[u8]| bytes.windows(text.len()).any(|some| some == text.as_bytes());
            let packed = || {
                let contents = self.stage.stage.ports.store.contents();
                contents.iter().any(|(key, bytes)| key.contains("pack") && is_in(bytes))
            };
            self.require(there || kept() || packed(), &format!("{path} of what was proven last is not lost"));
        }
    }

    /// The bucket has all of that version, visitors get it, and the service beside it serves it.
    fn all_serve(&self, version: &str) -> bool {
        let mut files: BTreeMap<String, String> = build(self.story, version);
        let config = format!("{{\n  \"release\": \"{version}\"\n}}\n");
        files.insert("config.json".to_owned(), config);
        let is_there = |path: &str, text: &str| {
            let object = self.stage.buckets.object(&bucket(), path);
            let is_visited = || self.story.is_asked() && self.stage.visit(path) != text;
            object.is_some_and(|object| object.bytes == text.as_bytes()) && !is_visited()
        };
        let is_root = !self.story.is_asked() || self.stage.visit("") == files["index.html"];
        let is_service = !self.story.has_service() || self.stage.stage.serves("api") == [version];
        is_root && is_service && files.iter().all(|(path, text)| is_there(path, text))
    }

    fn nothing_is_live(&self) -> bool {
        self.stage.buckets.object(&bucket(), "index.html").is_none()
    }

    fn is_as_before(&self) -> bool {
        match self.story {
            Story::First | Story::FirstFails => self.nothing_is_live(),
            Story::Restores => self.all_serve(NEW),
            Story::Next
            | Story::Unasked
            | Story::Fails
            | Story::Together
            | Story::ServiceFails
            | Story::SiteFails
            | Story::MarkerLost
            | Story::Elsewhere
            | Story::Large
            | Story::Cleans
            | Story::Superseded
            | Story::ResumesForward
            | Story::ResumesBack => self.all_serve(OLD),
        }
    }

    fn holds_claims(&self, report: &Report) {
        let id = report.promotion.to_string();
        match report.outcome {
            Outcome::Succeeded | Outcome::Unchanged | Outcome::Unverified => {
                let is_by_hand = id.starts_with("p-back");
                let goes_back = is_by_hand || self.story == Story::Restores && id == "p-1";
                self.require(goes_back || self.story.is_good(), "a bad release is never called good");
                let version = if goes_back { self.goes_back_to(is_by_hand) } else { NEW };
                self.require(self.all_serve(version), "what is called good is live");
                let asked = report.state.sites.get(&web()).map_or(0, |site| site.smoke.len());
                let is_claimed = report.outcome != Outcome::Unverified;
                self.require(is_claimed == self.story.is_asked(), "success is claimed where visitors could be asked");
                self.require(!is_claimed || asked >= 2, "and they were");
            }
            Outcome::RolledBack => {
                self.require(self.may_go_back() || self.looked_dead(report), "a good release is not taken back");
                let back = if self.story == Story::Restores { NEW } else { OLD };
                self.require(self.all_serve(back), "what is called back is live");
            }
            Outcome::Errored | Outcome::Unauthorized | Outcome::Refused | Outcome::Held => {
                self.require(self.is_as_before() || id != "p-1", "an ending without a change has changed nothing");
            }
            Outcome::Stuck => {
                self.require(self.may_go_back() || self.looked_dead(report), "a good release is never stuck");
            }
            Outcome::Superseded => self.require(self.story == Story::Superseded, "nobody else was at work"),
            Outcome::Inconclusive => {}
            Outcome::Interrupted | Outcome::Ignored | Outcome::Adopted => {
                self.require(false, "nothing of that kind happened");
            }
        }
    }

    /// Whether what was live may be put back: the release is bad, somebody asks for it, or a write was refused for good
    /// in the middle of the switch, or visitors did not get what was published.
    fn may_go_back(&self) -> bool {
        !self.story.is_good() || self.sabotage.as_ref().is_some_and(|sabotage| is_refusal(&sabotage.wrong))
    }

    /// Whether the network went away, and stayed away.
    fn was_cut_off(&self) -> bool {
        let is_gone = |sabotage: &Sabotage| {
            sabotage.lasts == Lasts::ThatSide
                && Side::of(sabotage.place.0) == Side::Aws
                && sabotage.wrong != Wrong::Call(Mishap::NotCarriedOut(Fault::Unauthenticated))
        };
        self.sabotage.as_ref().is_some_and(is_gone)
    }

    /// Whether that was just before visitors' answers were asked for. From here it looks as if the site were dead, and
    /// what is dead for as long as that is put back.
    fn looked_dead(&self, report: &Report) -> bool {
        self.was_cut_off() && report.reason.contains("connection refused")
    }

    /// What a person gets who goes back: where a way back was stuck, what was proven last; otherwise what was before it.
    fn goes_back_to(&self, after_stuck: bool) -> &'static str {
        if self.story == Story::Restores && after_stuck { NEW } else { OLD }
    }

    fn holds_record(&self, report: &Report) {
        let last = self.stage.stage.records().pop();
        let told = last.is_some_and(|last| last.promotion == report.promotion && last.outcome == report.outcome);
        self.require(
            told || report.unrecorded.is_some() || report.outcome == Outcome::Inconclusive,
            "the last record tells the outcome, or it is said that none does",
        );
    }

    /// The run that is sabotaged, and all that follows where that was not seen to hold already. The calls of the run
    /// that is sabotaged are returned.
    pub(super) fn all(&mut self, known: &mut Known) -> Vec<Place> {
        let first = self.begin();
        let calls = self.stage.stage.ports.calls();
        self.stage.stage.ports.sabotage(None);
        self.stage.stage.ports.clock.advance(Duration::from_mins(5));
        if known.insert(self.world(first.as_ref())) {
            self.all_the_rest(first);
        }
        calls
    }

    fn all_the_rest(&mut self, first: Option<Report>) {
        let last = self.go_on("p-1").or(first);
        if let Some(last) = &last {
            self.require(last.outcome.is_final(), "once nothing goes wrong, a resumed promotion ends");
            let is_told =
                |record: &&crate::ledger::Record| record.promotion == last.promotion && record.outcome == last.outcome;
            self.require(self.stage.stage.records().iter().filter(is_told).count() == 1, "its end is told once");
        }
        let is_stuck = last.is_some_and(|last| last.outcome == Outcome::Stuck);
        if is_stuck && !self.story.is_first() && self.story.is_asked() {
            let mut report = self.restore("p-back");
            if self.is_superseded(report.as_ref()) {
                report = self.restore("p-back-again");
            }
            let is_good = |report: Report| report.outcome.is_proven() || report.outcome == Outcome::Unverified;
            let is_back = report.is_some_and(is_good) && self.all_serve(self.goes_back_to(true));
            self.require(is_back, "what is stuck can be put back by hand");
        }
        let mut again = self.promote("p-2");
        if again.as_ref().is_some_and(|again| again.outcome == Outcome::Inconclusive) {
            again = self.go_on("p-2");
        }
        if self.is_superseded(again.as_ref()) {
            again = self.promote("p-3");
        }
        self.require(
            again.is_some_and(|again| self.story.again().contains(&again.outcome)),
            "promoting again ends as it should",
        );
        let serves = if self.story.is_good() { NEW } else { OLD };
        let is_right = self.story == Story::FirstFails || self.all_serve(serves);
        self.require(is_right, "what should be live in the end is");
        let open = self.stage.stage.run(self.stage.stage.engine().open()).unwrap();
        self.require(open.is_none(), "nothing is left open");
    }

    /// Whether somebody, who had not published before, has done so now. A person tries again.
    fn is_superseded(&self, report: Option<&Report>) -> bool {
        self.story == Story::Superseded && report.is_some_and(|report| report.outcome == Outcome::Superseded)
    }

    /// What a person does where it is stuck.
    fn restore(&mut self, id: &str) -> Option<Report> {
        let began = self.stage.stage.now();
        let result = self.stage.stage.restore(id);
        self.did(id, began, Some(result))
    }

    /// What a person does next where something is open.
    fn go_on(&mut self, id: &str) -> Option<Report> {
        let open = self.stage.stage.run(self.stage.stage.engine().open());
        let open = open.unwrap_or_else(|error| panic!("{}", error.chain()))?;
        self.require(open.to_string() == id, "what is open is what was begun");
        let began = self.stage.stage.now();
        self.stage.stage.ports.label(id);
        let result = self.stage.stage.resume();
        let report = self.did("resume", began, Some(result));
        self.require(report.is_some(), "what is open can be resumed once nothing goes wrong");
        report
    }

    /// All that what follows can depend on.
    fn world(&self, first: Option<&Report>) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.story, self.knobs).hash(&mut hasher);
        let stage = &self.stage.stage;
        stage.now().hash(&mut hasher);
        stage.ports.store.contents().hash(&mut hasher);
        stage.ports.ecs.model().hash(&mut hasher);
        stage.ports.has_hook().hash(&mut hasher);
        for (bucket, key, bytes) in self.stage.buckets.contents() {
            (bucket, key, Sha256::of(&bytes)).hash(&mut hasher);
        }
        self.stage.edge.contents().hash(&mut hasher);
        first.map(|first| (first.outcome, first.unrecorded.is_some())).hash(&mut hasher);
        // What a later run may claim depends on what went wrong.
        (self.may_go_back(), self.was_cut_off()).hash(&mut hasher);
        hasher.finish()
    }
}

/// Whether it is a word that is not taken back by asking again: a refusal, or other bytes than were published.
fn is_refusal(wrong: &Wrong) -> bool {
    match wrong {
        Wrong::Said(_) => true,
        Wrong::Call(Mishap::NotCarriedOut(fault) | Mishap::CarriedOut(fault)) => match fault {
            Fault::Denied { .. } | Fault::Unauthenticated | Fault::NotFound | Fault::Rejected => true,
            Fault::NotSent | Fault::Throttled | Fault::Ambiguous | Fault::Unanswered { .. } => false,
        },
        Wrong::Call(Mishap::Unheard | Mishap::Unanswered) | Wrong::Store(_) | Wrong::Killed(_) => false,
    }
}
