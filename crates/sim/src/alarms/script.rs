//! Alarms as a scenario or the control interface describes them, and the changes that it scripts.
//!
//! A script knows no ECS: it is told which images run and which rollouts began.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::state::AlarmState;
use crate::image::PulledImage;

/// The longest duration of a script: about thirty years, in seconds.
const LONGEST: f64 = 1e9;

/// An alarm to make or to change.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct AlarmSpec {
    /// Its name.
    pub name: String,
    /// Its account; absent means the scenario's default.
    pub account: Option<String>,
    /// Its region; absent means the scenario's default.
    pub region: Option<String>,
    /// The state it is in now; absent means `OK`.
    pub state: AlarmState,
    /// Why it is in that state.
    pub reason: Option<String>,
    /// Members of the input of `PutMetricAlarm`, for those who look at them: no metric is evaluated.
    pub put_metric_alarm: Map<String, Value>,
    /// What will become of it.
    pub changes: Vec<AlarmChange>,
}

/// A change of an alarm's state that will happen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AlarmChange {
    /// What it waits for.
    pub when: When,
    /// How long after that, in seconds of simulated time.
    #[serde(default)]
    pub after: f64,
    /// The state that the alarm changes to.
    #[serde(default = "alarm")]
    pub to: AlarmState,
    /// Why, in the alarm's `StateReason`.
    pub reason: Option<String>,
    /// After how many seconds it goes back to `OK`; absent means never, or once the image no longer runs.
    pub lasts: Option<f64>,
}

/// What a change waits for.
///
/// An image is named by its reference, the end of its reference after a slash, its digest, or `repository:version`
/// with the version that it answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// The alarm is made: once.
    Start,
    /// A rollout of the image begins: every time.
    Rollout(String),
    /// A task of the image runs: every time that none did before.
    Runs(String),
}

const fn alarm() -> AlarmState {
    AlarmState::Alarm
}

/// What is seen of ECS at one instant.
#[derive(Debug, Default)]
pub(crate) struct Seen<'a> {
    /// The images of running tasks: their references as written, and what was pulled.
    pub(crate) running: Vec<(&'a str, &'a PulledImage)>,
    /// Every rollout that can still be seen.
    pub(crate) rollouts: Vec<SeenRollout<'a>>,
}

/// A rollout.
#[derive(Debug)]
pub(crate) struct SeenRollout<'a> {
    /// What tells it from others.
    pub(crate) id: &'a str,
    pub(crate) began: Timestamp,
    /// The images of its revision, as written, and what would be pulled.
    pub(crate) images: Vec<(&'a str, Option<PulledImage>)>,
}

/// A scripted change, and how far it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Script {
    alarm: String,
    change: AlarmChange,
    /// Rollouts before this are none of its business.
    since: Timestamp,
    /// The rollouts that it has answered.
    answered: BTreeSet<String>,
    is_running: bool,
    /// Earliest first; the state and the reason that each brings.
    due: Vec<(Timestamp, AlarmState, String)>,
}

impl AlarmSpec {
    /// What is wrong with it, if anything is.
    pub(crate) fn defect(&self) -> Option<&'static str> {
        let is_wrong = |seconds: f64| !(0.0..=LONGEST).contains(&seconds);
        let wrong = |change: &AlarmChange| is_wrong(change.after) || change.lasts.is_some_and(is_wrong);
        match self {
            Self { name, .. } if name.is_empty() || name.len() > 255 => Some("`name` has to have 1 to 255 bytes"),
            Self { changes, .. } if changes.iter().any(wrong) => {
                Some("`after` and `lasts` have to be between 0 and 1000000000 seconds")
            }
            Self { .. } => None,
        }
    }
}

impl Script {
    pub(super) fn new(alarm: &str, change: &AlarmChange, at: Timestamp) -> Self {
        let mut script = Self {
            alarm: alarm.to_owned(),
            change: change.clone(),
            since: at,
            answered: BTreeSet::new(),
            is_running: false,
            due: Vec::new(),
        };
        if change.when == When::Start {
            script.begin(at);
        }
        script
    }

    pub(super) fn alarm(&self) -> &str {
        &self.alarm
    }

    /// Whether it has to look at ECS.
    pub(super) fn watches(&self) -> bool {
        self.change.when != When::Start
    }

    pub(super) fn due(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _, _)| *at)
    }

    /// Looks at ECS, and plans what follows.
    pub(super) fn look(&mut self, at: Timestamp, seen: &Seen<'_>) {
        match self.change.when.clone() {
            When::Start => {}
            When::Rollout(image) => self.look_at_rollouts(&image, seen),
            When::Runs(image) => self.look_at_tasks(at, &image, seen),
        }
    }

    /// Takes the next change that is due at `at`.
    pub(super) fn next_change(&mut self, at: Timestamp) -> Option<(AlarmState, String)> {
        self.due().filter(|due| *due <= at)?;
        let (_, state, reason) = self.due.remove(0);
        Some((state, reason))
    }

    fn look_at_rollouts(&mut self, image: &str, seen: &Seen<'_>) {
        let since = self.since;
        for rollout in seen.rollouts.iter().filter(|rollout| rollout.began >= since) {
            let brings = rollout.images.iter().any(|(written, pulled)| fits(image, written, pulled.as_ref()));
            if brings && self.answered.insert(rollout.id.to_owned()) {
                self.begin(rollout.began);
            }
        }
    }

    fn look_at_tasks(&mut self, at: Timestamp, image: &str, seen: &Seen<'_>) {
        let runs = seen.running.iter().any(|(written, pulled)| fits(image, written, Some(pulled)));
        if runs && !self.is_running {
            self.begin(at);
        }
        if !runs && self.is_running {
            self.due = vec![(at, AlarmState::Ok, "The image no longer runs".to_owned())];
        }
        self.is_running = runs;
    }

    fn begin(&mut self, at: Timestamp) {
        let begins = later(at, self.change.after);
        let reason = self.change.reason.clone().unwrap_or_else(|| "Threshold Crossed: as scripted".to_owned());
        self.due.push((begins, self.change.to, reason));
        if let Some(lasts) = self.change.lasts {
            self.due.push((later(begins, lasts), AlarmState::Ok, "The scripted time is over".to_owned()));
        }
        self.due.sort_by_key(|(at, _, _)| *at);
    }
}

/// Whether `image`, as a script names one, is the image written `written`.
pub(crate) fn fits(image: &str, written: &str, pulled: Option<&PulledImage>) -> bool {
    let ends = |text: &str, end: &str| text == end || text.strip_suffix(end).is_some_and(|rest| rest.ends_with('/'));
    let version = |pulled: &PulledImage| {
        let repository = written.split_once('@').map_or(written, |(name, _)| name);
        let repository = match repository.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => name,
            _ => repository,
        };
        let wanted = image.rsplit_once(':');
        wanted.is_some_and(|(name, version)| ends(repository, name) && version == pulled.behaviour.version)
    };
    ends(written, image) || pulled.is_some_and(|pulled| pulled.digest == image || version(pulled))
}

fn later(at: Timestamp, seconds: f64) -> Timestamp {
    let step = SignedDuration::try_from_secs_f64(seconds).unwrap_or_default();
    at.checked_add(step).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Behaviour;

    const REFERENCE: &str = "111111111111.dkr.ecr.us-west-2.amazonaws.com/shop/api@sha256:ab";

    fn image(version: &str) -> PulledImage {
        let behaviour = Behaviour { version: version.to_owned(), ..Behaviour::default() };
        PulledImage { digest: "sha256:ab".to_owned(), behaviour }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn change(text: &str) -> AlarmChange {
        toml::from_str(text).unwrap()
    }

    /// The state that a script brings about at each of `seconds`, while the image runs as `runs` says.
    fn states(text: &str, runs: impl Fn(i64) -> bool, seconds: &[i64]) -> Vec<(i64, AlarmState)> {
        let pulled = image("1.2.0");
        let mut script = Script::new("a", &change(text), at(0));
        let mut states = Vec::new();
        for second in seconds {
            let running = if runs(*second) { vec![(REFERENCE, &pulled)] } else { Vec::new() };
            script.look(at(*second), &Seen { running, rollouts: Vec::new() });
            while let Some((state, _)) = script.next_change(at(*second)) {
                states.push((*second, state));
            }
        }
        states
    }

    #[test]
    fn an_image_is_named_in_four_ways() {
        let check = |named: &str, expected: bool| {
            assert_eq!(fits(named, REFERENCE, Some(&image("1.2.0"))), expected, "{named}");
        };
        for named in [REFERENCE, "api@sha256:ab", "sha256:ab", "shop/api:1.2.0", "api:1.2.0"] {
            check(named, true);
        }
        for named in ["pi:1.2.0", "shop-api:1.2.0", "api:1.2", "sha256:a", "api", ""] {
            check(named, false);
        }
        assert!(fits("nginx:1.27", "nginx:1.27", None));
        assert!(!fits("nginx:1.27", "nginx:1.28", None));
    }

    #[test]
    fn a_change_may_come_some_time_after_the_start_and_go_again() {
        let text = "when = \"start\"\nafter = 60\nlasts = 30";
        let expected = [(60, AlarmState::Alarm), (90, AlarmState::Ok)];
        assert_eq!(states(text, |_| false, &[0, 59, 60, 89, 90, 500]), expected);
    }

    #[test]
    fn a_change_holds_while_an_image_runs() {
        let text = "when = { runs = \"api:1.2.0\" }\nafter = 20";
        let runs = |second| (100..200).contains(&second);
        let expected = [(120, AlarmState::Alarm), (200, AlarmState::Ok)];
        assert_eq!(states(text, runs, &[0, 100, 119, 120, 150, 200, 300]), expected);
    }

    #[test]
    fn an_image_that_ran_too_short_to_change_anything_changes_nothing_for_the_worse() {
        let text = "when = { runs = \"api:1.2.0\" }\nafter = 20";
        let expected = [(110, AlarmState::Ok)];
        assert_eq!(states(text, |second| second == 100, &[100, 110, 120, 300]), expected);
    }

    #[test]
    fn every_rollout_of_an_image_is_answered_once() {
        let mut script = Script::new("a", &change("when = { rollout = \"api:1.2.0\" }\nafter = 20"), at(50));
        let mut begun = Vec::new();
        for second in [10, 60, 70, 80, 90, 100, 120] {
            let rollout =
                |id, began| SeenRollout { id, began: at(began), images: vec![(REFERENCE, Some(image("1.2.0")))] };
            let rollouts =
                [("old", 10), ("first", 60), ("second", 80)].into_iter().filter(|(_, began)| *began <= second);
            let seen = Seen { running: Vec::new(), rollouts: rollouts.map(|(id, began)| rollout(id, began)).collect() };
            script.look(at(second), &seen);
            while script.next_change(at(second)).is_some() {
                begun.push(second);
            }
        }
        assert_eq!(begun, [80, 100]);
    }

    #[test]
    fn a_spec_says_what_is_wrong_with_it() {
        let check = |text: &str, expected: bool| {
            let spec: AlarmSpec = toml::from_str(text).unwrap();
            assert_eq!(spec.defect().is_some(), expected, "{text}");
        };
        check("name = \"a\"", false);
        check("", true);
        check("name = \"a\"\nchanges = [{ when = \"start\", after = -1 }]", true);
        check("name = \"a\"\nchanges = [{ when = \"start\", lasts = nan }]", true);
    }
}
