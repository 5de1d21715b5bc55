//! Which revision a request reaches: the weights that a deployment has given to the listeners.
//!
//! Which of the revision's tasks answers is for the load balancer to choose.

use super::{
    service::Service,
    service_deployment::{ServiceDeployment, Status},
    staging::Staging,
};

/// A listener rule of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listener {
    /// What users reach.
    Production,
    /// What tests reach before users do.
    Test,
}

impl Service {
    /// The digits of the revision that the request number `turn`, from 0, reaches; none where every task is as good as another.
    pub(crate) fn revision_for(&self, listener: Listener, turn: u64) -> Option<&str> {
        let last = self.service_deployments.last()?;
        let staging = last.staging.as_ref()?;
        match last.status {
            Status::Pending
            | Status::InProgress
            | Status::StopRequested
            | Status::RollbackRequested
            | Status::Stopped => Some(by_weight(staging, last, listener, turn)),
            Status::RollbackInProgress | Status::RollbackSuccessful | Status::RollbackFailed => {
                self.primary().map(|primary| primary.digits.as_str())
            }
            Status::Successful => None,
        }
    }
}

fn by_weight<'a>(staging: &'a Staging, deployment: &'a ServiceDeployment, listener: Listener, turn: u64) -> &'a str {
    let percent = match listener {
        Listener::Production => staging.production,
        Listener::Test => staging.test,
    };
    if is_chosen(percent, turn) { &deployment.target } else { &staging.blue }
}

/// Spreads `percent` of all turns as evenly as whole turns allow: the same turns every time.
fn is_chosen(percent: f64, turn: u64) -> bool {
    const WHOLE: u64 = 1000;
    let share = (0..=WHOLE)
        .take_while(|tenths| f64::from(u32::try_from(*tenths).unwrap_or(u32::MAX)) / 10.0 <= percent + 0.05)
        .count();
    let share = u64::try_from(share.saturating_sub(1)).unwrap_or(WHOLE);
    let turn = turn % WHOLE;
    (turn + 1) * share / WHOLE > turn * share / WHOLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(percent: f64, turns: u64, expected: usize) {
        assert_eq!((0..turns).filter(|turn| is_chosen(percent, *turn)).count(), expected);
    }

    #[test]
    fn as_many_turns_are_chosen_as_the_weight_says() {
        check(0.0, 1000, 0);
        check(100.0, 1000, 1000);
        check(5.0, 100, 5);
        check(33.3, 1000, 333);
        check(0.1, 2000, 2);
        check(50.0, 4, 2);
    }
}
