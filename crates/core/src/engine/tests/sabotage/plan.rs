//! What goes wrong, at which call, and for how long.

use std::collections::BTreeMap;

use crate::{
    fakes::{Mishap, Moment},
    identifier::TaskDefinitionArn,
    ports::{BucketError, CdnError, FileError},
    smoke::Attempt,
};

/// A call: its operation, and the how manieth of that operation it was.
pub(in crate::engine::tests) type Place = (&'static str, usize);

/// How long it goes on going wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine::tests) enum Lasts {
    Once,
    /// Every later call of that operation too.
    ThatOperation,
    /// Every later call of that side too: the store, the machine's files, or AWS.
    ThatSide,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine::tests) enum Wrong {
    Call(Mishap),
    Store(Moment),
    /// It is not carried out, and the port says so in its own words.
    Said(Said),
    /// The run is killed just before or just after the call: nothing of it happens any more.
    Killed(Moment),
}

/// What only one port can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine::tests) enum Said {
    Bucket(BucketError),
    Cdn(CdnError),
    File(FileError),
    Answer(Attempt),
    /// What was read makes no sense.
    Garbled,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine::tests) struct Sabotage {
    pub(in crate::engine::tests) place: Place,
    pub(in crate::engine::tests) lasts: Lasts,
    pub(in crate::engine::tests) wrong: Wrong,
}

/// Something done to the world just before a call.
pub(super) type Hook = Box<dyn FnOnce() + Send>;

/// An update that ECS accepted.
#[derive(Debug, Clone)]
pub(in crate::engine::tests) struct Update {
    /// The run that sent it.
    pub(in crate::engine::tests) label: String,
    pub(in crate::engine::tests) revision: TaskDefinitionArn,
    /// Whether it began a rollout; otherwise that revision was set already.
    pub(in crate::engine::tests) began: bool,
    /// Whether it says how ECS deploys.
    pub(in crate::engine::tests) configures: bool,
}

/// What the saboteur knows and plans.
#[derive(Default)]
pub(super) struct State {
    pub(super) counts: BTreeMap<&'static str, usize>,
    pub(super) calls: Vec<Place>,
    pub(super) sabotage: Option<Sabotage>,
    pub(super) has_begun: bool,
    pub(super) is_killed: bool,
    pub(super) hook: Option<(Place, Hook)>,
    pub(super) updates: Vec<Update>,
    /// Changes that were carried out and must not have been.
    pub(super) trespasses: Vec<String>,
    pub(super) label: String,
}

impl State {
    pub(super) fn wrong(&mut self, (operation, nth): Place) -> Option<Wrong> {
        let sabotage = self.sabotage.as_ref()?;
        let (at, first) = sabotage.place;
        self.has_begun |= operation == at && nth == first;
        let goes_wrong = match sabotage.lasts {
            Lasts::Once => operation == at && nth == first,
            Lasts::ThatOperation => operation == at && nth >= first,
            Lasts::ThatSide => self.has_begun && Side::of(operation) == Side::of(at),
        };
        goes_wrong.then(|| sabotage.wrong.clone())
    }
}

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine::tests) enum Side {
    Store,
    Files,
    Aws,
}

impl Side {
    pub(in crate::engine::tests) fn of(operation: &str) -> Self {
        match operation.split_once(':') {
            Some(("store", _)) => Self::Store,
            Some(("files", _)) => Self::Files,
            _ => Self::Aws,
        }
    }
}
