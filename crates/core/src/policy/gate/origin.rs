//! The gate of origin: the release must be the one that the trigger speaks of.
//!
//! Nothing checks in sofatutor/llm-proxy's pipeline that `v1.4.0-stable` names the commit of `v1.4.0`; this does.

use crate::policy::{Question, Reason, Trigger, select::tagged};

pub(in crate::policy) fn judge(question: &Question<'_>) -> Vec<Reason> {
    if question.release.is_none() {
        return vec![Reason::NoRelease];
    }
    [application(question), commit(question), version(question)].into_iter().flatten().collect()
}

fn application(question: &Question<'_>) -> Option<Reason> {
    let release = question.release?;
    let application = question.application.app.clone();
    (release.app != application).then(|| Reason::OtherApplication { application, release: release.app.clone() })
}

fn commit(question: &Question<'_>) -> Option<Reason> {
    let (release, trigger) = (question.release?.commit.clone(), question.trigger.commit()?.clone());
    if trigger == release {
        return Some(Reason::SameCommit { commit: release });
    }
    Some(Reason::OtherCommit { trigger, release })
}

fn version(question: &Question<'_>) -> Option<Reason> {
    let (Trigger::Tag { tag, .. } | Trigger::Published { tag, .. }) = question.trigger else {
        return None;
    };
    let (_, tag) = tagged(question.application, question.environment, tag)?;
    let release = question.release?.version.clone();
    if tag == release {
        return Some(Reason::SameVersion { version: release });
    }
    Some(Reason::OtherVersion { tag, release })
}
