//! The gate of the environments before this one: the very release must be proven in each of them.
//!
//! That a newer release replaced it upstream takes nothing from the proof; that somebody rolled it back there does.

use crate::{
    identifier::EnvironmentName,
    policy::{Proof, Question, Reason},
};

pub(in crate::policy) fn judge(question: &Question<'_>) -> Vec<Reason> {
    question.environment.after.iter().map(|upstream| proof(question, upstream.clone())).collect()
}

fn proof(question: &Question<'_>, environment: EnvironmentName) -> Reason {
    match question.facts.proof_in(&environment) {
        Proof::Proven { since, promotion } | Proof::Superseded { since, promotion, .. } => {
            Reason::ProvenUpstream { environment, since, promotion }
        }
        Proof::Withdrawn { at, promotion } => Reason::WithdrawnUpstream { environment, at, promotion },
        Proof::NotProven => {
            Reason::NotProvenUpstream { environment, version: question.release.map(|release| release.version.clone()) }
        }
        Proof::Unknown { reason } => Reason::ProofUnknown { environment, why: reason },
    }
}
