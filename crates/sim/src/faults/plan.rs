//! The faults in force, and how many calls each has seen.
//!
//! Every fault counts every call that it matches, also when another fault strikes; the first that is due strikes.

use serde::{Deserialize, Serialize};

use super::fault::Fault;

/// The faults in force.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct FaultPlan {
    armed: Vec<Armed>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Armed {
    fault: Fault,
    seen: u64,
    struck: u64,
}

/// The call that a fault may strike.
pub(crate) struct FaultTarget<'a> {
    pub(crate) service: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
}

impl FaultPlan {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.armed.push(Armed { fault, seen: 0, struck: 0 });
    }

    pub(crate) fn clear(&mut self) {
        self.armed.clear();
    }

    /// The faults with how often each was seen and struck.
    pub(crate) fn shown(&self) -> serde_json::Value {
        let shown = self
            .armed
            .iter()
            .map(|armed| serde_json::json!({"fault": armed.fault, "seen": armed.seen, "struck": armed.struck}));
        shown.collect()
    }

    /// Counts the call, and says which fault strikes it.
    pub(crate) fn strike(&mut self, target: &FaultTarget<'_>) -> Option<Fault> {
        let mut striking = None;
        for armed in self.armed.iter_mut().filter(|armed| armed.matches(target)) {
            armed.seen += 1;
            if striking.is_none() && armed.is_due() {
                armed.struck += 1;
                striking = Some(armed.fault.clone());
            }
        }
        striking
    }
}

impl Armed {
    fn matches(&self, target: &FaultTarget<'_>) -> bool {
        let fits = |wanted: &Option<String>, given: &str| wanted.as_ref().is_none_or(|wanted| wanted == given);
        let fault = &self.fault;
        (fault.operation == "*" || fault.operation == target.operation)
            && fits(&fault.service, target.service)
            && fits(&fault.account, target.account)
            && fits(&fault.region, target.region)
    }

    fn is_due(&self) -> bool {
        let is_left = self.fault.count.is_none_or(|count| self.struck < count);
        is_left && (self.fault.on.is_empty() || self.fault.on.contains(&self.seen))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::FaultKind;

    fn strikes(fault: Fault, operations: &[&str]) -> Vec<bool> {
        let mut plan = FaultPlan::default();
        plan.add(fault);
        let strike = |operation: &&str| {
            let target = FaultTarget { service: "ecs", operation, account: "111111111111", region: "us-west-2" };
            plan.strike(&target).is_some()
        };
        operations.iter().map(strike).collect()
    }

    #[test]
    fn a_fault_strikes_the_calls_it_names() {
        let fault = Fault { on: vec![1, 3], ..Fault::new("A", FaultKind::Throttle) };
        assert_eq!(strikes(fault, &["A", "B", "A", "A", "A"]), [true, false, false, true, false]);
    }

    #[test]
    fn a_count_ends_a_fault() {
        let fault = Fault { count: Some(2), ..Fault::new("*", FaultKind::Throttle) };
        assert_eq!(strikes(fault, &["A", "B", "C"]), [true, true, false]);
    }

    #[test]
    fn a_fault_may_be_for_one_account() {
        let fault = Fault { account: Some("333333333333".to_owned()), ..Fault::new("*", FaultKind::Throttle) };
        assert_eq!(strikes(fault, &["A"]), [false]);
    }
}
