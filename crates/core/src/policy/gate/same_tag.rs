//! The gate of the tag before: `v1.4.0-stable` must stand on the very commit of `v1.4.0`.
//!
//! A tag that cannot be found counts as missing: a clone without tags is no proof of anything.

use crate::policy::{Question, Reason, TagStanding, TriggerRule};

pub(in crate::policy) fn judge(question: &Question<'_>, rule: &TriggerRule) -> Option<Reason> {
    let tag = rule.tag_before(question.trigger)?;
    let here = question.commit()?.clone();
    Some(match question.facts.standing_of(&tag) {
        TagStanding::At { commit } if commit == here => Reason::SameCommitAsTag { tag, commit },
        TagStanding::At { commit } => Reason::OtherCommitThanTag { tag, there: commit, here },
        TagStanding::Unknown { reason } => Reason::TagUnknown { tag, why: reason },
    })
}
