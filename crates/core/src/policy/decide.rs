//! The decision: the rule that applies, then every gate, then the verdict.
//!
//! No gate cuts another short: who is refused learns every reason at once.

use crate::identifier::EnvironmentName;

use super::{
    Decision, Question, Reason, TriggerRule, Verdict,
    gate::{artifacts, branch, origin, paths, same_tag, scan, signed, soak, upstream},
    select::{Ask, Selection, select, why_none},
};

/// Decides whether the trigger may bring the release into the environment, with every reason.
///
/// It is a function of the question alone. It never allows a release that is not proven in every environment of
/// `after`, and never allows anything for a pull request.
pub fn decide(question: &Question<'_>) -> Decision {
    let Question { application, environment, trigger, .. } = *question;
    let why = || why_none(trigger, application, environment);
    match select(environment, Ask::of(trigger, application, environment)) {
        Selection::Rules(rules) => by_best_rule(question, &rules),
        Selection::PublishOnly => Decision { verdict: Verdict::PublishOnly, rule: None, reasons: vec![why()] },
        Selection::Ignored => Decision { verdict: Verdict::Ignored, rule: None, reasons: vec![why()] },
        Selection::NotListed => Decision::of(None, [vec![why()], of_environment(question)].concat()),
    }
}

/// Where several rules apply, the one that allows most decides; among equals the first.
fn by_best_rule(question: &Question<'_>, rules: &[usize]) -> Decision {
    let decisions = rules.iter().filter_map(|index| {
        let rule = question.environment.deploy_on.get(*index)?;
        Some(by_rule(question, rule, rule_path(&question.environment.name, *index)))
    });
    decisions.min_by_key(|decision| rank(decision.verdict)).unwrap_or_else(|| {
        Decision::of(None, vec![why_none(question.trigger, question.application, question.environment)])
    })
}

fn by_rule(question: &Question<'_>, rule: &TriggerRule, path: String) -> Decision {
    let listed = Reason::Listed { trigger: question.trigger.clone() };
    let judged = [paths::judge(question, rule), branch::judge(question, rule), same_tag::judge(question, rule)];
    let of_rule: Vec<Reason> = [listed].into_iter().chain(judged.into_iter().flatten()).collect();
    if of_rule.iter().any(|reason| matches!(reason, Reason::NoPathChanged { .. })) {
        return Decision::of(Some(path), of_rule);
    }
    Decision::of(Some(path), [of_rule, of_environment(question)].concat())
}

fn of_environment(question: &Question<'_>) -> Vec<Reason> {
    let gates = [origin::judge, artifacts::judge, scan::judge, signed::judge, upstream::judge, soak::judge];
    gates.into_iter().flat_map(|judge| judge(question)).collect()
}

/// The rule's place in the configuration.
pub(super) fn rule_path(environment: &EnvironmentName, index: usize) -> String {
    format!("environments.{environment}.deploy-on[{index}]")
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Allowed => 0,
        Verdict::Held { .. } => 1,
        Verdict::Refused => 2,
        Verdict::Ignored | Verdict::PublishOnly => 3,
    }
}
