//! The stories: which release is brought, and what Towpath must say of it in the end.

use anyhow::{Result, ensure};

/// What is played, and how it must end.
#[derive(Debug)]
pub(super) struct Story {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    pub(super) image: Image,
    /// Whether the deployment circuit breaker is on, and rolls back.
    pub(super) breaker: bool,
    /// Towpath's exit code.
    code: i32,
    /// What it must have told, each of it.
    tells: &'static [&'static str],
    /// How often it has updated the service, where that does not depend on who is first.
    updates: Option<usize>,
    /// The version that serves afterwards.
    serves: &'static str,
}

/// What is to be said of the image, and of what happens meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Image {
    /// It serves.
    Good,
    /// It ends at once, with exit code 3.
    Crashes,
    /// It is deleted after Towpath has seen it, and before anybody pulls it.
    Gone,
    /// To pull it takes for ever, and meanwhile another client sets the service back to what it had.
    SlowWhileAnotherSetsBack,
}

/// How it ended.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) code: Option<i32>,
    pub(super) told: String,
    pub(super) updates: usize,
    pub(super) serves: String,
}

/// In the order in which they are played, on one service.
pub(super) const STORIES: [Story; 6] = [
    Story {
        name: "a good release succeeds, proven by the digest of its task",
        version: "2.0.0",
        image: Image::Good,
        breaker: false,
        code: 0,
        tells: &["rolled out, 1 running task proven by digest", "smoke check passed", "(proven)"],
        updates: Some(1),
        serves: "2.0.0",
    },
    Story {
        name: "a crash loop without a circuit breaker is found, named with its exit code, and put back",
        version: "3.0.0",
        image: Image::Crashes,
        breaker: false,
        code: 5,
        tells: &["crash-loop", "exit code 3", "the rollout was given up", "the previous revision serves again, proven"],
        updates: Some(2),
        serves: "2.0.0",
    },
    Story {
        name: "a crash with the circuit breaker on is a failure, and what serves after it is proven",
        version: "4.0.0",
        image: Image::Crashes,
        breaker: true,
        code: 5,
        tells: &["exit code 3", "failed: ", "the previous revision serves again, proven"],
        updates: None,
        serves: "2.0.0",
    },
    Story {
        name: "an image that cannot be pulled, without a circuit breaker, is found, named, and put back",
        version: "5.0.0",
        image: Image::Gone,
        breaker: false,
        code: 5,
        tells: &["image-not-found", "the rollout was given up", "the previous revision serves again, proven"],
        updates: Some(2),
        serves: "2.0.0",
    },
    Story {
        name: "a rollback by the circuit breaker itself is a failure, named, and no success",
        version: "6.0.0",
        image: Image::Gone,
        breaker: true,
        code: 5,
        tells: &[
            "image-not-found",
            "deployment circuit breaker was triggered",
            "ECS rolled the deployment back",
            "ECS set it back",
            "the previous revision serves again, proven",
        ],
        updates: Some(1),
        serves: "2.0.0",
    },
    Story {
        name: "a service that another client sets back in the middle of a rollout is superseded",
        version: "7.0.0",
        image: Image::SlowWhileAnotherSetsBack,
        breaker: false,
        code: 8,
        tells: &["was superseded"],
        updates: Some(1),
        serves: "2.0.0",
    },
];

impl Story {
    /// Whether it ended as it must.
    pub(super) fn judge(&self, ending: &Ending) -> Result<()> {
        let Ending { code, told, updates, serves } = ending;
        ensure!(*code == Some(self.code), "the exit code is {code:?}, not {}:\n{told}", self.code);
        for words in self.tells {
            ensure!(told.contains(words), "it does not say `{words}`:\n{told}");
        }
        let expected = self.updates.unwrap_or(*updates);
        ensure!(*updates == expected, "it has updated the service {updates} times, not {expected}:\n{told}");
        ensure!(serves == self.serves, "{serves} serves, not {}", self.serves);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_words_updates_and_what_serves_must_all_be_right() {
        let check = |code: i32, told: &str, updates: usize, serves: &str, expected: Option<&str>| {
            let ending = Ending { code: Some(code), told: told.to_owned(), updates, serves: serves.to_owned() };
            let problem = STORIES[0].judge(&ending).err().map(|problem| problem.to_string());
            match expected {
                None => assert_eq!(problem, None),
                Some(expected) => assert!(problem.is_some_and(|problem| problem.contains(expected))),
            }
        };
        let told = "rolled out, 1 running task proven by digest\n1 smoke check passed\nserves app (proven)";
        check(0, told, 1, "2.0.0", None);
        check(7, told, 1, "2.0.0", Some("exit code"));
        check(0, "rolled out", 1, "2.0.0", Some("does not say"));
        check(0, told, 2, "2.0.0", Some("2 times"));
        check(0, told, 1, "1.0.0", Some("1.0.0 serves"));
    }
}
