//! The gate of the branch: the commit must be on the branch that the rule names.
//!
//! What cannot be told is refused: a shallow clone is no proof of anything.

use crate::policy::{Ancestry, Question, Reason, TriggerRule};

pub(in crate::policy) fn judge(question: &Question<'_>, rule: &TriggerRule) -> Option<Reason> {
    let branch = rule.from()?.clone();
    Some(match question.facts.ancestry_of(&branch) {
        Ancestry::On => Reason::OnBranch { branch },
        Ancestry::NotOn => Reason::NotOnBranch { branch, commit: question.commit().cloned() },
        Ancestry::Unknown { reason } => Reason::AncestryUnknown { branch, why: reason },
    })
}
