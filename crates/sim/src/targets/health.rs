//! The health of a target, as the load balancer would have found out by now.
//!
//! It follows the task's image as the simulated ECS does: an image that answers is healthy at once, and one that never
//! answers is unhealthy once the checks have been patient. *Guess*: the time spent in each reason of `initial`.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::images::HealthAnswer;

/// How long a target's registration takes, in seconds (a guess).
const REGISTRATION: f64 = 2.0;

/// A task in a target group.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Registered {
    /// The ARN of the group.
    pub(crate) group: String,
    pub(crate) ip: String,
    pub(crate) port: i64,
    /// When it was registered.
    pub(crate) since: Timestamp,
    /// Whether it is being taken out.
    pub(crate) draining: bool,
    /// When its image answers its checks well: from the first on, until the second; in seconds after its start.
    pub(crate) answers: (Option<f64>, Option<f64>),
    /// What it answers when it does not answer well.
    pub(crate) otherwise: HealthAnswer,
    /// How long the checks take to find a target unhealthy that never answered well, in seconds.
    pub(crate) patience: f64,
}

/// The state of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Health {
    pub(super) state: &'static str,
    /// Why, unless it is healthy: the reason's code and its words.
    pub(super) reason: Option<(&'static str, String)>,
}

impl Health {
    fn of(state: &'static str, reason: &'static str, description: &str) -> Self {
        Self { state, reason: Some((reason, description.to_owned())) }
    }

    /// A target that is asked for and not there.
    pub(super) fn not_registered() -> Self {
        Self::of("unused", "Target.NotRegistered", "Target is not registered to the target group")
    }

    /// A target of a group that no listener sends requests to.
    pub(super) fn not_in_use() -> Self {
        Self::of(
            "unused",
            "Target.NotInUse",
            "Target group is not configured to receive traffic from the load balancer",
        )
    }

    fn unhealthy(answer: HealthAnswer) -> Self {
        match answer {
            HealthAnswer::Code(code) => Self::of(
                "unhealthy",
                "Target.ResponseCodeMismatch",
                &format!("Health checks failed with these codes: [{code}]"),
            ),
            HealthAnswer::Timeout => Self::of("unhealthy", "Target.Timeout", "Request timed out"),
            HealthAnswer::Refused => Self::of("unhealthy", "Target.FailedHealthChecks", "Health checks failed"),
        }
    }

    /// `TargetHealth`.
    pub(super) fn show(&self) -> Value {
        match &self.reason {
            None => json!({"State": self.state}),
            Some((reason, description)) => json!({"State": self.state, "Reason": reason, "Description": description}),
        }
    }
}

impl Registered {
    /// Its health at `now`.
    pub(super) fn health(&self, now: Timestamp) -> Health {
        if self.draining {
            return Health::of("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress");
        }
        let uptime = now.duration_since(self.since).as_secs_f64();
        let (from, until) = self.answers;
        let has_begun = from.is_some_and(|from| from <= self.patience && uptime >= from);
        let has_ended = until.is_some_and(|until| uptime >= until);
        match (has_begun, has_ended) {
            (true, false) => Health { state: "healthy", reason: None },
            // One that was too slow for the checks becomes healthy late, if it lives to see it.
            (false, false) if from.is_some_and(|from| uptime >= from) => Health { state: "healthy", reason: None },
            (false, _) if uptime < REGISTRATION => {
                Health::of("initial", "Elb.RegistrationInProgress", "Target registration is in progress")
            }
            (false, _) if uptime < self.patience => {
                Health::of("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
            }
            (_, _) => Health::unhealthy(self.otherwise),
        }
    }

    /// The target itself.
    pub(super) fn show(&self, region: &str) -> Value {
        json!({"Id": self.ip, "Port": self.port, "AvailabilityZone": format!("{region}a")})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registered(answers: (Option<f64>, Option<f64>), otherwise: HealthAnswer) -> Registered {
        Registered {
            group: "arn".to_owned(),
            ip: "10.0.0.1".to_owned(),
            port: 80,
            since: Timestamp::UNIX_EPOCH,
            draining: false,
            answers,
            otherwise,
            patience: 60.0,
        }
    }

    /// State and reason at `second`.
    fn check(target: &Registered, second: i64, state: &str, reason: Option<&str>) {
        let health = target.health(Timestamp::from_second(second).unwrap());
        assert_eq!((health.state, health.reason.map(|(code, _)| code)), (state, reason), "{second}");
    }

    #[test]
    fn a_target_is_registered_then_checked_then_healthy() {
        let target = registered((Some(10.0), Some(100.0)), HealthAnswer::Code(503));
        check(&target, 0, "initial", Some("Elb.RegistrationInProgress"));
        check(&target, 5, "initial", Some("Elb.InitialHealthChecking"));
        check(&target, 10, "healthy", None);
        check(&target, 100, "unhealthy", Some("Target.ResponseCodeMismatch"));
    }

    #[test]
    fn a_target_that_never_answers_well_is_unhealthy_after_a_while_and_says_why() {
        for (answer, reason) in [
            (HealthAnswer::Code(500), "Target.ResponseCodeMismatch"),
            (HealthAnswer::Timeout, "Target.Timeout"),
            (HealthAnswer::Refused, "Target.FailedHealthChecks"),
        ] {
            let target = registered((None, None), answer);
            check(&target, 59, "initial", Some("Elb.InitialHealthChecking"));
            check(&target, 60, "unhealthy", Some(reason));
        }
    }

    #[test]
    fn a_slow_target_is_unhealthy_before_it_is_healthy() {
        let target = registered((Some(90.0), None), HealthAnswer::Refused);
        check(&target, 60, "unhealthy", Some("Target.FailedHealthChecks"));
        check(&target, 90, "healthy", None);
    }

    #[test]
    fn a_target_that_is_taken_out_drains_whatever_it_answers() {
        let target = Registered { draining: true, ..registered((Some(1.0), None), HealthAnswer::Timeout) };
        check(&target, 500, "draining", Some("Target.DeregistrationInProgress"));
    }
}
