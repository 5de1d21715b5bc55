//! Single stories of the demonstration: one thing goes wrong, and what comes of it is seen.
//!
//! Each is the shop with a few lines changed. What it must come to is part of it, so that a story cannot lie.

use towpath_core::promotion::Outcome;

use super::SCENARIO;

/// A story.
pub(crate) struct Story {
    /// Its name.
    pub(crate) name: &'static str,
    /// What happens, for people.
    pub(crate) words: &'static str,
    /// How the promotion must end.
    pub(super) outcome: Outcome,
    /// What is replaced in the scenario, the first time that it stands there.
    changes: &'static [(&'static str, &'static str)],
    /// What is appended to the scenario.
    more: &'static str,
}

/// Where the good release is told of in the scenario.
const GOOD: &str = "tags = [\"1.1.0\"]\n";
/// Where its health is.
const HEALTH: &str = "commit = \"b82e60d915c7f3a4de20981b6c5f47a3081e9d6c\"\nhealthy-after = 5";
const BREAKER: &str = "circuit-breaker = \"roll-back\"";

/// All of them.
pub(crate) const STORIES: [Story; 9] = [
    Story {
        name: "circuit-breaker",
        words: "The release never becomes healthy. ECS's circuit breaker gives it up and rolls back; Towpath says so, and why.",
        outcome: Outcome::RolledBack,
        changes: &[(GOOD, "tags = [\"1.1.0\"]\nfate = \"unhealthy\"\n")],
        more: "",
    },
    Story {
        name: "crash-loop",
        words: "The release crashes soon after it starts, and the circuit breaker is off. ECS would try for ever; Towpath does not.",
        outcome: Outcome::RolledBack,
        changes: &[
            (GOOD, "tags = [\"1.1.0\"]\nfate = \"crash\"\n"),
            (HEALTH, "commit = \"b82e60d915c7f3a4de20981b6c5f47a3081e9d6c\"\nhealthy-after = 30\nexit-after = 20"),
            (BREAKER, "circuit-breaker = \"off\""),
        ],
        more: "",
    },
    Story {
        name: "slow",
        words: "The release needs ten minutes to become healthy. It is slow and good, so it is waited for.",
        outcome: Outcome::Succeeded,
        changes: &[
            (HEALTH, "commit = \"b82e60d915c7f3a4de20981b6c5f47a3081e9d6c\"\nhealthy-after = 600"),
            ("create-service = { ", "create-service = { healthCheckGracePeriodSeconds = 900, "),
        ],
        more: "",
    },
    Story {
        name: "unpullable",
        words: "The registry refuses to give the image to the tasks.",
        outcome: Outcome::RolledBack,
        changes: &[(GOOD, "tags = [\"1.1.0\"]\nfate = \"forbidden\"\n")],
        more: "",
    },
    Story {
        name: "secret-missing",
        words: "A secret that the tasks need at start does not exist.",
        outcome: Outcome::RolledBack,
        changes: &[(GOOD, "tags = [\"1.1.0\"]\nfate = \"secret-missing\"\n")],
        more: "",
    },
    Story {
        name: "out-of-memory",
        words: "The release needs more memory than its task has.",
        outcome: Outcome::RolledBack,
        changes: &[(GOOD, "tags = [\"1.1.0\"]\nfate = \"out-of-memory\"\n")],
        more: "",
    },
    Story {
        name: "throttled",
        words: "AWS throttles the looks at a good rollout. Nothing is concluded from that.",
        outcome: Outcome::Succeeded,
        changes: &[],
        more: "\n[[faults]]\noperation = \"DescribeServices\"\nkind = \"throttle\"\non = [4, 5, 6, 7]\n",
    },
    Story {
        name: "superseded",
        words: "Somebody else deploys in the middle of the rollout. Theirs is not undone.",
        outcome: Outcome::Superseded,
        changes: &[
            (HEALTH, "commit = \"b82e60d915c7f3a4de20981b6c5f47a3081e9d6c\"\nhealthy-after = 60"),
            ("create-service = { ", "create-service = { healthCheckGracePeriodSeconds = 900, "),
        ],
        more: "\n[[knobs.actors]]\non = \"UpdateService\"\nafter = 20\naccount = \"111111111111\"\noperation = \"UpdateService\"\ninput = { cluster = \"shop-dev\", service = \"shop-api-dev\", forceNewDeployment = true }\n",
    },
    Story {
        name: "deadlock",
        words: "The service's percentages leave ECS no room to replace a task. That is known before anything is changed.",
        outcome: Outcome::Refused,
        changes: &[(
            "minimumHealthyPercent = 100, maximumPercent = 200",
            "minimumHealthyPercent = 100, maximumPercent = 120",
        )],
        more: "",
    },
];

impl Story {
    /// The story of that name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        STORIES.iter().find(|story| story.name == name)
    }

    /// The shop in which it plays.
    pub(super) fn scenario(&self) -> String {
        let mut scenario = SCENARIO.to_owned();
        for (before, after) in self.changes {
            scenario = scenario.replacen(before, after, 1);
        }
        scenario + self.more
    }
}

#[cfg(test)]
mod tests {
    use towpath_sim::scenario::Scenario;

    use super::*;

    #[test]
    fn every_change_finds_its_place_and_every_scenario_is_one() {
        for story in &STORIES {
            assert!(story.changes.iter().all(|(before, _)| SCENARIO.contains(before)), "{}", story.name);
            let read = Scenario::from_toml(&story.scenario(), "story.toml");
            assert!(read.is_ok(), "{}: {:?}", story.name, read.err());
        }
    }
}
