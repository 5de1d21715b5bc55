//! Single stories of the demonstration: one thing goes wrong, and what comes of it is seen.
//!
//! Each is the shop with a few lines changed. What it must come to is part of it, so that a story cannot lie.

use towpath_core::{promotion::Outcome, rollout::PauseWord};

use super::{CONFIGURATION, SCENARIO, frontend};

/// A story.
pub(crate) struct Story {
    /// Its name.
    pub(crate) name: &'static str,
    /// What happens, for people.
    pub(crate) words: &'static str,
    /// How the promotion must end; where there are several, each run that comes after it.
    pub(super) endings: &'static [Outcome],
    /// What comes after a run where others come.
    pub(super) then: Then,
    /// What the frontend's build leaves for each release, where the shop has one.
    pub(super) builds: &'static [frontend::Build],
    /// After how many simulated seconds the first run is asked to stop.
    pub(super) interrupted_after: Option<u32>,
    /// What a person says of what waits for a word.
    pub(super) word: Option<PauseWord>,
    /// What is replaced in the scenario, the first time that it stands there.
    changes: &'static [(&'static str, &'static str)],
    /// What is appended to the scenario.
    more: &'static str,
    /// What is replaced in the configuration, the first time that it stands there.
    configured: &'static [(&'static str, &'static str)],
}

/// What a run is that is not the first.
#[derive(Debug, Clone, Copy)]
pub(super) enum Then {
    /// It goes on with what the one before left.
    GoOn,
    /// It brings the next release.
    NextRelease,
}

/// A good release, and nothing that goes wrong.
const PLAIN: Story = Story {
    name: "",
    words: "",
    endings: &[Outcome::Succeeded],
    then: Then::GoOn,
    builds: &[],
    interrupted_after: None,
    word: None,
    changes: &[],
    more: "",
    configured: &[],
};

/// Where the good release is told of in the scenario.
const GOOD: &str = "tags = [\"1.1.0\"]\n";
/// Where its health is.
const HEALTH: &str = "commit = \"b82e60d915c7f3a4de20981b6c5f47a3081e9d6c\"\nhealthy-after = 5";
/// The rest of how ECS deploys in dev.
const ROLLING: &str = "maximumPercent = 200 }";
const BREAKER: &str = "circuit-breaker = \"roll-back\"";

/// All of them.
pub(crate) const STORIES: [Story; 17] = [
    Story {
        name: "circuit-breaker",
        words: "The release never becomes healthy. ECS's circuit breaker gives it up and rolls back; Towpath says so, and why.",
        endings: &[Outcome::RolledBack],
        changes: &[(GOOD, "tags = [\"1.1.0\"]\nfate = \"unhealthy\"\n")],
        ..PLAIN
    },
    Story {
        name: "crash-loop",
        words: "The release crashes soon after it starts, and the circuit breaker is off. ECS would try for ever; Towpath does not.",
        endings: &[Outcome::RolledBack],
        changes: &[
            (GOOD, "tags = [\"1.1.0\"]\nfate = \"crash\"\n"),
            (HEALTH, "commit = \"b82e60d915c7f3a4de20981b6c5f47a3081e9d6c\"\nhealthy-after = 30\nexit-after = 20"),
            (BREAKER, "circuit-breaker = \"off\""),
        ],
        ..PLAIN
    },
    Story {
        name: "slow",
        words: "The release needs ten minutes to become healthy. It is slow and good, so it is waited for.",
        changes: &[
            (HEALTH, "commit = \"b82e60d915c7f3a4de20981b6c5f47a3081e9d6c\"\nhealthy-after = 600"),
            ("create-service = { ", "create-service = { healthCheckGracePeriodSeconds = 900, "),
        ],
        ..PLAIN
    },
    Story {
        name: "unpullable",
        words: "The registry refuses to give the image to the tasks.",
        endings: &[Outcome::RolledBack],
        changes: &[(GOOD, "tags = [\"1.1.0\"]\nfate = \"forbidden\"\n")],
        ..PLAIN
    },
    Story {
        name: "secret-missing",
        words: "A secret that the tasks need at start does not exist.",
        endings: &[Outcome::RolledBack],
        changes: &[(GOOD, "tags = [\"1.1.0\"]\nfate = \"secret-missing\"\n")],
        ..PLAIN
    },
    Story {
        name: "out-of-memory",
        words: "The release needs more memory than its task has.",
        endings: &[Outcome::RolledBack],
        changes: &[(GOOD, "tags = [\"1.1.0\"]\nfate = \"out-of-memory\"\n")],
        ..PLAIN
    },
    Story {
        name: "throttled",
        words: "AWS throttles the looks at a good rollout. Nothing is concluded from that.",
        more: "\n[[faults]]\noperation = \"DescribeServices\"\nkind = \"throttle\"\non = [4, 5, 6, 7]\n",
        ..PLAIN
    },
    Story {
        name: "superseded",
        words: "Somebody else deploys in the middle of the rollout. Theirs is not undone.",
        endings: &[Outcome::Superseded],
        changes: &[
            (HEALTH, "commit = \"b82e60d915c7f3a4de20981b6c5f47a3081e9d6c\"\nhealthy-after = 60"),
            ("create-service = { ", "create-service = { healthCheckGracePeriodSeconds = 900, "),
        ],
        more: "\n[[knobs.actors]]\non = \"UpdateService\"\nafter = 20\naccount = \"111111111111\"\noperation = \"UpdateService\"\ninput = { cluster = \"shop-dev\", service = \"shop-api-dev\", forceNewDeployment = true }\n",
        ..PLAIN
    },
    Story {
        name: "deadlock",
        words: "The service's percentages leave ECS no room to replace a task. That is known before anything is changed.",
        endings: &[Outcome::Refused],
        changes: &[(
            "minimumHealthyPercent = 100, maximumPercent = 200",
            "minimumHealthyPercent = 100, maximumPercent = 120",
        )],
        ..PLAIN
    },
    Story {
        name: "cancelled",
        words: "Somebody cancels the run while ECS rolls out. `on-cancel` asks for the way back: ECS is asked once, the run ends with exit code 130, and a later run finds out what came of it.",
        endings: &[Outcome::Interrupted, Outcome::RolledBack],
        interrupted_after: Some(20),
        changes: &[
            (HEALTH, "commit = \"b82e60d915c7f3a4de20981b6c5f47a3081e9d6c\"\nhealthy-after = 60"),
            ("create-service = { ", "create-service = { healthCheckGracePeriodSeconds = 900, "),
        ],
        configured: &[("region = ", "on-cancel = \"rollback\"\nregion = ")],
        ..PLAIN
    },
    Story {
        name: "blue-green",
        words: "ECS starts the new tasks beside the old ones, shifts all traffic at once, and keeps the old ones while it bakes.",
        changes: &[(ROLLING, "maximumPercent = 200, strategy = \"BLUE_GREEN\", bakeTimeInMinutes = 5 }")],
        ..PLAIN
    },
    Story {
        name: "canary",
        words: "A tenth of the traffic goes to the new tasks first, the rest after five minutes.",
        changes: &[(
            ROLLING,
            "maximumPercent = 200, strategy = \"CANARY\", bakeTimeInMinutes = 2, canaryConfiguration = { canaryPercent = 10, canaryBakeTimeInMinutes = 5 } }",
        )],
        ..PLAIN
    },
    Story {
        name: "pause",
        words: "ECS holds the rollout at a hook before traffic is shifted. The run ends there; a person looks, and says `towpath continue`.",
        endings: &[Outcome::Inconclusive, Outcome::Succeeded],
        word: Some(PauseWord::Continue),
        changes: &[(
            ROLLING,
            "maximumPercent = 200, strategy = \"BLUE_GREEN\", bakeTimeInMinutes = 1, lifecycleHooks = [{ targetType = \"PAUSE\", lifecycleStages = [\"POST_TEST_TRAFFIC_SHIFT\"] }] }",
        )],
        ..PLAIN
    },
    Story {
        name: "alarm",
        words: "The release starts well. An alarm fires while ECS bakes it, and ECS rolls back.",
        endings: &[Outcome::RolledBack],
        changes: &[(
            ROLLING,
            "maximumPercent = 200, strategy = \"BLUE_GREEN\", bakeTimeInMinutes = 10, alarms = { alarmNames = [\"shop-api-5xx\"], enable = true, rollback = true } }",
        )],
        more: "\n[[alarms]]\nname = \"shop-api-5xx\"\naccount = \"111111111111\"\n\n[[alarms.changes]]\nwhen = { rollout = \"shop-api:1.1.0\" }\nafter = 240\nlasts = 600\nreason = \"Threshold Crossed: 9 datapoints were greater than the threshold (5.0)\"\n",
        ..PLAIN
    },
    Story {
        name: "capacity",
        words: "There is no room for new tasks for a quarter of an hour. The run gives up after ten minutes and claims nothing; the next one sees it succeed.",
        endings: &[Outcome::Inconclusive, Outcome::Succeeded],
        more: "\n[[knobs.shortages]]\nkind = \"fargate\"\nservice = \"shop-api-dev\"\nlasts = 900\n",
        configured: &[("container = \"api\"", "container = \"api\"\nrollout-timeout = \"10m\"")],
        ..PLAIN
    },
    Story {
        name: "lost-answer",
        words: "ECS accepts the update, and the answer is lost on its way. Whether it was accepted is found out by reading; nothing is sent twice.",
        more: "\n[[faults]]\noperation = \"UpdateService\"\nkind = \"drop-after\"\non = [1]\n",
        ..PLAIN
    },
    Story {
        name: "site",
        words: "A release is a backend and a frontend. The next one's frontend was built from a cache that was too old: all of it is published as it was built, its smoke check finds last week's, and both go back as one.",
        endings: &[Outcome::Succeeded, Outcome::RolledBack],
        then: Then::NextRelease,
        builds: &frontend::BUILDS,
        more: frontend::SCENARIO,
        configured: &[("[components.api]", frontend::CONFIGURATION)],
        ..PLAIN
    },
];

impl Story {
    /// The story of that name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        STORIES.iter().find(|story| story.name == name)
    }

    /// The shop in which it plays.
    pub(super) fn scenario(&self) -> String {
        changed(SCENARIO, self.changes) + self.more
    }

    /// Its configuration.
    pub(super) fn configuration(&self) -> String {
        changed(CONFIGURATION, self.configured)
    }

    /// What is typed to go on with it.
    pub(super) fn goes_on(&self) -> &'static str {
        match self.word {
            Some(PauseWord::Continue) => "towpath continue dev",
            Some(PauseWord::Rollback) => "towpath continue dev --rollback",
            None => "towpath resume dev",
        }
    }
}

fn changed(text: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(text.to_owned(), |text, (before, after)| text.replacen(before, after, 1))
}

#[cfg(test)]
mod tests {
    use towpath_sim::scenario::Scenario;

    use super::*;

    #[test]
    fn every_change_finds_its_place_and_every_scenario_is_one() {
        for story in &STORIES {
            assert!(story.changes.iter().all(|(before, _)| SCENARIO.contains(before)), "{}", story.name);
            assert!(story.configured.iter().all(|(before, _)| CONFIGURATION.contains(before)), "{}", story.name);
            let read = Scenario::from_toml(&story.scenario(), "story.toml");
            assert!(read.is_ok(), "{}: {:?}", story.name, read.err());
            let text = story.configuration().replace("ENDPOINT", "http://x");
            let read = towpath_core::config::parse(&text, "towpath.toml");
            assert!(read.is_ok(), "{}: {:?}", story.name, read.err());
            assert!(!story.endings.is_empty(), "{}", story.name);
        }
    }

    /// What a scenario says, without its first words and its beginning of time.
    fn world(scenario: &str) -> Vec<&str> {
        let lines = scenario.lines().skip_while(|line| line.starts_with('#') || line.is_empty());
        lines.filter(|line| !line.starts_with("start = ")).collect()
    }

    #[test]
    fn the_shop_of_the_examples_is_this_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/scenarios/shop.toml");
        let example = std::fs::read_to_string(path).unwrap();
        assert_eq!(world(&example), world(SCENARIO), "a change of one is made in the other too");
    }
}
