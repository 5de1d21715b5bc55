//! What can go wrong with a call, by its operation, and for how long.

use crate::{
    fakes::{Mishap, Moment},
    ports::Fault,
};

use super::{Lasts, Wrong};

/// Everything that can go wrong with a call of that operation.
pub(super) fn wrongs(operation: &str) -> Vec<Wrong> {
    if operation.starts_with("store:") {
        let is_write = matches!(operation, "store:create" | "store:replace");
        let after = is_write.then_some(Wrong::Store(Moment::After));
        return [Wrong::Store(Moment::Before)].into_iter().chain(after).collect();
    }
    let denied = Fault::Denied { principal: None, action: None, resource: None };
    let refused = [Fault::NotSent, Fault::Throttled, denied, Fault::Unauthenticated, Fault::NotFound, Fault::Rejected];
    let mut mishaps: Vec<Mishap> = refused.into_iter().map(Mishap::NotCarriedOut).collect();
    if super::is_change(operation) {
        mishaps.extend([
            Mishap::NotCarriedOut(Fault::Ambiguous),
            Mishap::CarriedOut(Fault::Ambiguous),
            Mishap::Unheard,
            Mishap::Unanswered,
        ]);
    } else {
        mishaps.extend([
            Mishap::NotCarriedOut(Fault::Unanswered { waited: None }),
            Mishap::NotCarriedOut(Fault::Ambiguous),
            Mishap::Unheard,
        ]);
    }
    mishaps.into_iter().map(Wrong::Call).collect()
}

/// How long that goes on. A whole side that is gone is cut off, shut out, or silent.
pub(super) fn durations(wrong: &Wrong) -> Vec<Lasts> {
    let a_side = [
        Wrong::Store(Moment::Before),
        Wrong::Store(Moment::After),
        Wrong::Call(Mishap::NotCarriedOut(Fault::NotSent)),
        Wrong::Call(Mishap::NotCarriedOut(Fault::Unauthenticated)),
        Wrong::Call(Mishap::Unheard),
        Wrong::Call(Mishap::Unanswered),
    ];
    let side = a_side.contains(wrong).then_some(Lasts::ThatSide);
    [Lasts::Once, Lasts::ThatOperation].into_iter().chain(side).collect()
}
